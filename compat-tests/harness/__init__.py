"""What every client folder of compat-tests stands on: brokers, toolchains, programs, reports."""
