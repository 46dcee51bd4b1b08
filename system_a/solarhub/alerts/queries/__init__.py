"""SQL of alerts: what judging needs, what people read, and the rules they keep."""
