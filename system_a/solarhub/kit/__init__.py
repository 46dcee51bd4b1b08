"""Tools that know nothing of solar."""
