"""What `make bench` runs: the schema document's upper row estimates, and the queries that matter, timed on them."""
