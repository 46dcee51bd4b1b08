"""What a person sees in a browser: pages that the hub draws itself."""
