"""SQL of sites: plants and distribution companies, grants, handovers."""
