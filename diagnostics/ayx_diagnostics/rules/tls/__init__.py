"""Rules about the handshake and its certificates."""
