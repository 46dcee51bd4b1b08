"""The corridor from device to disk, at the size of the document's largest fleet and at that of a small installer."""
