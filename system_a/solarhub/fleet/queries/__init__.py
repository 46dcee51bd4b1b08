"""SQL of the read models."""
