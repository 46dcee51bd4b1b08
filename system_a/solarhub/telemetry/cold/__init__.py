"""Days that are over, as compressed blocks: exact, small, and readable with numpy alone."""
