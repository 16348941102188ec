"""Rules about the proxy."""
