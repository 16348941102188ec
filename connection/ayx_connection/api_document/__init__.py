"""What the Server says of its API, compared with what the client was made from."""

from __future__ import annotations

from ayx_connection.api_document.comparison import ApiDifference, differences
from ayx_connection.api_document.document import (
    ApiDocument,
    client_documents,
    client_surface,
    compare,
    read,
    remembered,
)
from ayx_connection.api_document.surface import Member, Operation, Shape, Surface

__all__ = [
    "ApiDifference",
    "ApiDocument",
    "Member",
    "Operation",
    "Shape",
    "Surface",
    "client_documents",
    "client_surface",
    "compare",
    "differences",
    "read",
    "remembered",
]
