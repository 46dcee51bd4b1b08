"""What other products' clients send, read as samples: pure, a module for each dialect of a request's body."""
