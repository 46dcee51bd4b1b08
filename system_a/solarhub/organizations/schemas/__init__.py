"""What requests carry and answers show."""
