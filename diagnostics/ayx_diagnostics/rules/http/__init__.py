"""Rules about who answers, and how."""
