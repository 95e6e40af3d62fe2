"""The loads: one file each, a worker that may say how the broker is prepared and started."""
