"""Something to look at: real plants, their days sent through the public API, and the hub shown at work."""
