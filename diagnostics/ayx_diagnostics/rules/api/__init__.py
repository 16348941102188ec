"""Rules about the API itself."""
