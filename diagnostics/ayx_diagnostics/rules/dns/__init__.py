"""Rules about names and their addresses."""
