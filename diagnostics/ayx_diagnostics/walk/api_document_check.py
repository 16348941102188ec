"""The Server's own document, read beside the API call: it costs a healthy run no round trip of its own."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.probes.api_document import problems, read_document

if TYPE_CHECKING:
    from ayx_connection.api_document import Surface

    from ayx_diagnostics.model import Observation
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["ApiDocumentCheck"]

_READING_S = 5.0
#: How long the document is waited for once the calls are done. Without it nothing is said of the document.
_GRACE_S = 2.0


class ApiDocumentCheck:
    """Reads the document over a connection of its own, from now on, and compares it with what is known.

    Args:
        exchange: Where the Server is.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._session = exchange.session
        self._reading = self._session.begin(self._read)

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
        (seen,) = self._session.join([self._reading], min(_GRACE_S, self._session.remaining_s))
        if seen is not None:
            self._session.record(seen)

    def _known(self) -> Surface | None:
        # Read when first needed, which is beside the call, while it is on its way.
        from ayx_connection.api_document import client_surface

        return self._session.known or client_surface()

    def _read(self) -> Observation | None:
        known, connection = self._known(), self._exchange.again()
        if connection is None or known is None:
            return None  # the calls themselves have more to say of that
        with closing(connection):
            return read_document(
                self._session.network,
                connection,
                f"{self._session.target.web_api_address}/swagger/docs/3",
                known,
                timeout_s=min(_READING_S, self._session.remaining_s),
                verified=self._exchange.verified,
                address=self._exchange.route.address,
            )
