"""Rules about the token endpoint."""
