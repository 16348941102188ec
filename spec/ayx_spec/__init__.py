"""What the Server says of itself, and how that becomes a client.

- `ayx_spec.fetch`: the Server's own document, byte for byte, with its provenance.
- `ayx_spec.convert`: Swagger 2.0 to OpenAPI 3.0.3, several documents as one, with notes on everything changed.
- `ayx_spec.generate`: a typed client package from documents, checked before it is put in place.
- `ayx_spec.placing`: client, documents and reports of an upgrade put in their places together, or not at all.

Everything is a function of bytes and files; only `fetch` talks to a Server, through a callable it is given.
Generating needs the extra `spec`; the rest needs nothing beyond Python.
"""

from __future__ import annotations

from ayx_spec.bundled import bundled_documents
from ayx_spec.errors import DocumentError, DocumentMissingError, GenerationError, SpecError

__all__ = ["DocumentError", "DocumentMissingError", "GenerationError", "SpecError", "bundled_documents"]
