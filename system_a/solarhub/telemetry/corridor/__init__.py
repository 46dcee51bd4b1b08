"""The inside of the corridor from the doors to the disk: what arrives in flat lists leaves in columns."""
