"""Plants, their devices and their customers, entered from one file."""
