"""The stand-in Server: what its programs answer, and what it remembers of what it was told."""
