"""What was not stored as a reading: listed, explained, and read anew once its cause is mended."""
