"""What the plants report: from the door to the disk, and back out as latest values and series."""
