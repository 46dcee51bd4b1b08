"""Who reports at the brokers without being known: waits with what it sent, is adopted, and can be read anew."""
