"""Probes: each does one operation and returns one observation; none says what it means."""
