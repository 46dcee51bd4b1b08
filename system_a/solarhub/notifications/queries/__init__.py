"""SQL of notifications: one module for each who asks. Times are the database's."""
