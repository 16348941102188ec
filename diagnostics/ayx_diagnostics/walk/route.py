"""The way to the Server that was found to work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ayx_connection.proxy import ProxyAddress

    from ayx_diagnostics.network.base import Stream

__all__ = ["OpenRoute"]


@dataclass(frozen=True)
class OpenRoute:
    """A way to the Server, direct or through a proxy, with one connection open.

    Attributes:
        stream: The open connection.
        target: What it leads to, as the report names it.
        reopen: Opens a further connection for a control; None when that fails.
        address: The Server's address, or None where a proxy hides it.
        proxy: The proxy that it leads through.
    """

    stream: Stream
    target: str
    reopen: Callable[[], Stream | None]
    address: str | None = None
    proxy: ProxyAddress | None = None
