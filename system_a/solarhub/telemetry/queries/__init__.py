"""SQL of telemetry: what people read, what follows a handover, and raw rows of the past."""
