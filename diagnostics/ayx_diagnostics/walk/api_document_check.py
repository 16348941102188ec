"""The Server's own document, read beside the API call: it costs a healthy run no round trip of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.probes.api_document import problems, read_document
from ayx_diagnostics.walk.session import OutOfTime

if TYPE_CHECKING:
    from ayx_connection.api_document import Surface

    from ayx_diagnostics.model import Observation
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.session import Session

__all__ = ["DocumentBeside"]

_READING_S = 5.0
#: How long the document is waited for once the calls are done. Without it nothing is said of the document.
_GRACE_S = 2.0


class DocumentBeside:
    """Reads the document over a connection of its own, from now on, and compares it with what is known.

    Args:
        session: The diagnosis.
        again: Opens the connection.
        url: Where the document is.
        verified: Whether the Server's certificate was verified.
        address: The Server's address, where it is known.
    """

    def __init__(
        self,
        session: Session,
        again: Callable[[], HttpConnection | None],
        url: str,
        verified: bool,
        address: str | None,
    ) -> None:
        self._session, self._again, self._url = session, again, url
        self._verified, self._address = verified, address
        self._seen: Observation | None = None
        self._thread = threading.Thread(target=self._read, daemon=True, name="document")
        self._thread.start()

    def problems(self, path: str, answer: Any) -> list[str]:
        """Return how the answer to a GET departs from what is known of it; nothing if that is nothing."""
        known = self._known()
        path, _, query = path.partition("?")
        operation = known.find("GET", path) if known is not None else None
        shape = operation.answers.get("200") if operation is not None else None
        if known is None or shape is None:
            return []
        return problems(answer, shape, known, full="view=Full" in query)

    def finish(self) -> None:
        """Wait a moment for the document, and record what was seen of it."""
        self._thread.join(max(0.0, min(_GRACE_S, self._session.remaining_s)))
        if self._seen is not None:
            self._session.record(self._seen)

    def _known(self) -> Surface | None:
        # Read when first needed, which is in the thread, while the call is on its way.
        from ayx_connection.api_document import client_surface

        return self._session.known or client_surface()

    def _read(self) -> None:
        # No road for this one, or no time: the calls themselves have more to say of either.
        with suppress(OSError, OutOfTime):
            known, connection = self._known(), self._again()
            if connection is None or known is None:
                return
            with closing(connection):
                self._seen = read_document(
                    self._session.clock,
                    connection,
                    self._url,
                    known,
                    timeout_s=min(_READING_S, self._session.remaining_s),
                    verified=self._verified,
                    address=self._address,
                )
