"""A connect that the client would not make: what comes of it separates the causes of a failure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ayx_diagnostics.probes import tcp

if TYPE_CHECKING:
    from ayx_diagnostics.walk.session import Session

__all__ = ["connect_as_control"]


def connect_as_control(session: Session, address: str, port: int, purpose: str, timeout_s: float) -> None:
    """Connect, close, and record what was seen, with the purpose that it was made for."""
    seen, stream = tcp.connect(session.network, address, port, timeout_s=timeout_s, operation="control")
    if stream is not None:
        stream.close()
    session.record(replace(seen, evidence={**seen.evidence, "purpose": purpose}))
