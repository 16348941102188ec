"""Which lines of a caller's code a change concerns: calls of the client, and requests made by hand."""

from __future__ import annotations

from ayx_spec.diff.usage.matching import with_usage
from ayx_spec.diff.usage.scanning import Code, read_code

__all__ = ["Code", "read_code", "with_usage"]
