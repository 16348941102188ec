"""Keep secrets out of every output.

Probes never record a secret. This is the second wall: whatever a peer echoed, in whatever spelling, is replaced before
it becomes an observation.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASK", "Redactor", "map_text"]

MASK = "***"

#: Shorter values are too common in ordinary text to be replaced without harm.
_SHORTEST = 4

#: Header and form values that are secret whoever sent them. A peer chooses the text: both patterns take linear time.
_TELLTALE = re.compile(
    r"(?i)(authorization:\s*(?:(?:bearer|basic|digest|negotiate)\s+)?|bearer\s+|set-cookie:\s*|cookie:\s*"
    r"|(?:client_secret|access_token|refresh_token|password)[\"']?\s*[=:]\s*[\"']?)"
    r"([^\s\"'&,;<>]{4,})"
)
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)([^/\s:@]*):([^/\s@]+)@")


def _spellings(secret: str) -> set[str]:
    """Return the ways in which a secret may stand in a text: plain, percent-encoded, in JSON, in HTML, in Base64."""
    encoded = {quote(secret, safe=""), quote_plus(secret)}
    lower = {re.sub("%..", lambda found: found.group().lower(), text) for text in encoded}  # as .NET writes it
    pages = {html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    documents = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    plain = {secret, *encoded, *lower, *pages, *documents}
    return plain | {base64.b64encode(text.encode("utf-8", "surrogatepass")).decode() for text in (secret, *encoded)}


class Redactor:
    """Replaces known secrets, and what looks like one, by ``***``.

    Args:
        secrets: The secret values of this run.
        basic_pairs: ``(user, password)`` pairs whose Basic credentials must not appear either.
    """

    def __init__(self, secrets: Iterable[str | None] = (), basic_pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._words: set[str] = set()
        self._known: re.Pattern[str] | None = None
        for user, password in basic_pairs:
            self._words.add(base64.b64encode(f"{user}:{password}".encode()).decode())
            self._words.add(base64.b64encode(f"{quote_plus(user)}:{quote_plus(password)}".encode()).decode())
        self.add(*secrets)

    def add(self, *secrets: str | None) -> None:
        """Learn further secrets, such as a token that the Server just gave."""
        for secret in secrets:
            if secret and len(secret) >= _SHORTEST:
                self._words |= _spellings(secret)
        # the longest first, so that no spelling is left half replaced
        ordered = sorted(self._words, key=len, reverse=True)
        self._known = re.compile("|".join(re.escape(word) for word in ordered)) if ordered else None

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = _USERINFO.sub(rf"\1\2:{MASK}@", text)
        return _TELLTALE.sub(rf"\1{MASK}", text)

    def beginning(self, text: str) -> str:
        """Return the beginning of a longer text without secrets, nor half of one where it was cut."""
        text = self.text(text)
        longest = max(map(len, self._words), default=0)
        for length in range(min(longest, len(text)), _SHORTEST - 1, -1):
            if any(word.startswith(text[-length:]) for word in self._words):
                return text[:-length] + MASK
        return text

    def json(self, value: Any) -> Any:
        """Return a copy of a JSON value with every string cleaned, keys included."""
        return map_text(value, self.text)


def map_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy of a JSON value with every string changed, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {map_text(key, change): map_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [map_text(item, change) for item in value]
    return value
