"""SQL of accounts: people, what proves who they are, and how often it was tried."""
