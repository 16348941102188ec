"""A read-only smoke test of the API: every GET that needs no path parameter, answers held against the document."""
