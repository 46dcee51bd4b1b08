"""What the read models look like over HTTP."""
