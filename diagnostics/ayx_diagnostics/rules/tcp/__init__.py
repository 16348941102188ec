"""Rules about the way to the Server's port."""
