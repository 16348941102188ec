"""What a Server's answers may leave in a report that must not hold what customers keep there.

An error message names a collection, a page's title its owner: what a Server writes cannot be told from what it stores.
So of its words only those stay that are known to be nobody's. What this program has chosen itself stays as it is, and
so does the Server's own name: the report says throughout whom it is about.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ayx_diagnostics.model import Observation
from ayx_diagnostics.report.anonymise.fields import Fields
from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.texts import Texts
from ayx_diagnostics.stand_ins import StandIns

__all__ = ["KnownWords"]

#: Stages whose observations are of answers, and what is read from a header of one.
_STAGES = frozenset({"http", "token", "api"})
_OF_A_HEADER = ("local", "clock")
#: Members of the evidence that this program has chosen, and those that hold names of fields and operations alone.
_OURS = frozenset(
    {
        *("address", "alerts", "differences", "entry", "errno_name", "host_header", "method", "missing"),
        *("operation_id", "path", "problems", "purpose", "query", "role_needed", "source", "style", "tcp_info"),
        *("tls_reason", "url", "withheld"),
    }
)
#: Why an address was asked that a redirection has named.
_REDIRECTED = "redirected"


class KnownWords:
    """Leaves of what a Server wrote the words that are nobody's; the same thing has the same stand-in throughout.

    Args:
        host: The Server's own name or address, which stays.
        port: Its port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._place_in_text = re.compile(rf"(?<![\w./-])({re.escape(self._place)})(?!\w)")  # not within a URL
        self._names = _NamesOfOthers(host)
        self._texts = Texts(self._names)
        self._fields = Fields(self._names, self._texts)

    def text(self, text: str) -> str:
        """Return a text that a Server, or a library about its answer, wrote."""
        return "".join(
            part if part == self._place else self._texts.free(part) for part in self._place_in_text.split(text)
        )

    def observation(self, seen: Observation) -> Observation:
        """Return an observation with nothing of an answer but numbers and known words."""
        if seen.stage not in _STAGES and (seen.stage, seen.operation) != _OF_A_HEADER:
            return seen
        evidence = seen.evidence
        if evidence.get("purpose") != _REDIRECTED:
            return replace(seen, evidence=self._fields.evidence(evidence, seen.stage, _OURS))
        changed = self._fields.evidence(evidence, seen.stage, _OURS - {"url"})
        return replace(seen, target=self._names.url(seen.target), evidence=changed)


class _NamesOfOthers(Names):
    """Turns names into stand-ins, but for one host's."""

    def __init__(self, host: str) -> None:
        super().__init__(StandIns())
        self._own = host.lower()

    def host(self, name: str) -> str:
        """Return a host name or IP address as it is where it is the Server's, else its stand-in."""
        return name if name and name.strip("[]").lower() == self._own else super().host(name)
