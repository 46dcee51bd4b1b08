"""What raw rows add up to: quarters of an hour, hours, days and months at the site, and the energy of each."""
