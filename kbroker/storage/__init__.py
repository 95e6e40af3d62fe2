"""What must outlive the process: `interfaces` is what the broker asks for, the rest the embedded answer."""
