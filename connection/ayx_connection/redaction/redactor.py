"""Keep secrets out of every output: one object knows them, and everything that may be shown passes it.

Nobody records a secret on purpose. But peers repeat what they were sent, in whatever spelling and place, and their
words become observations, messages of exceptions and records of logs.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from ayx_connection.redaction.secret_text import Secret, revealed

if TYPE_CHECKING:
    from ayx_connection.redaction.spellings import Budget, Needles

__all__ = ["MASK", "Redactor", "map_text", "passwords_in"]

MASK = "***"
_MASK = MASK.encode()

#: Shorter values are too common in ordinary text to be replaced without harm.
_SHORTEST = 4
#: Tokens are renewed without end; of those that are no longer in use, so many are still remembered.
_MOST_TOKENS = 16
#: How much further a secret may reach that begins where a text is cut off, in characters.
_REACH = 8192
#: How long a text may be, and how many there are, that is remembered with what became of it.
_SHORT, _MOST_SEEN = 300, 2000
#: Octets that are looked at together, and how many of them the longest spelling of a secret may take.
_WINDOW, _LONGEST_SPELLING = 262_144, 32_768

#: Header and form values that are secret whoever sent them. A peer chooses the text: the patterns take linear time.
_TELLTALE = re.compile(
    r"(?i)(authorization:\s*(?:(?:bearer|basic|digest|negotiate)\s+)?|bearer\s+|set-cookie:\s*|cookie:\s*"
    r"|(?:client_secret|access_token|refresh_token|password)[\"']?\s*[=:]\s*[\"']?)"
    r"([^\s\"'&,;<>]{4,})"
)
#: A password in an address; without one, a user name of a token's length.
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)(?:([^/\s:@]*:)[^/\s@]+|[^/\s:@]{20,})@")


class HasSecrets(Protocol):
    """What knows its own secrets, as ``Settings`` do."""

    def secrets(self, environ: Mapping[str, str] | None = None) -> Iterable[str | Secret | None]:
        """Yield them, and the proxies' passwords among the variables."""


class Redactor:
    """Replaces known secrets in any spelling, and what looks like one, by ``***``. Threads may share it.

    Args:
        secrets: The secret values.
        basic_pairs: ``(user, password)`` pairs, of which not even short ones may appear together.
    """

    def __init__(
        self, secrets: Iterable[str | Secret | None] = (), basic_pairs: Iterable[tuple[str, str | Secret]] = ()
    ) -> None:
        self._lock = threading.Lock()
        self._secrets: dict[str, None] = {}
        self._tokens: deque[str] = deque(maxlen=_MOST_TOKENS)
        #: Short texts that were looked at: a report holds the same ones again and again.
        self._seen: dict[tuple[str, bool], str] = {}
        self._known: Needles | None = None  # made when something is to be shown, which is seldom
        self.add(*secrets, *(f"{user}:{revealed(password)}" for user, password in basic_pairs))

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce__(self) -> tuple[type[Redactor], tuple[()]]:
        return Redactor, ()

    def add(self, *secrets: str | Secret | None) -> None:
        """Learn further secrets."""
        with self._lock:
            self._secrets |= {text: None for secret in secrets if secret and len(text := revealed(secret)) >= _SHORTEST}
            self._known, self._seen = None, {}

    def learn(self, settings: HasSecrets, environ: Mapping[str, str] | None = None) -> None:
        """Learn every secret of some settings, and the proxies' passwords among the variables."""
        self.add(*settings.secrets(environ))

    def add_token(self, token: Secret) -> None:
        """Learn a token that the Server just gave."""
        with self._lock:
            if len(token) >= _SHORTEST:
                self._tokens.append(token.reveal())
            self._known, self._seen = None, {}

    def text(self, text: str, *, cut: bool = False) -> str:
        """Return a text without secrets.

        Args:
            text: Any text.
            cut: Whether it is the beginning of a longer one, and may end in the middle of a secret.
        """
        if (known := self._seen.get((text, cut))) is not None:
            return known
        content = text.encode("utf-8", "surrogatepass")
        cleaned = self._masked(content, cut=cut)
        clean = cleaned.decode("utf-8", "replace") if cleaned is not content else text
        clean = _USERINFO.sub(lambda found: f"{found[1]}{found[2] or ''}{MASK}@", clean)
        clean = _TELLTALE.sub(rf"\1{MASK}", clean)
        if len(text) <= _SHORT and len(self._seen) < _MOST_SEEN:
            self._seen[text, cut] = clean
        return clean

    def beginning(self, text: str, longest: int) -> str:
        """Return the first characters of a text of any length without secrets, nor half of one where it ends."""
        return self.text(text[: longest + _REACH], cut=len(text) > longest + _REACH)[:longest]

    def octets(self, content: bytes, *, cut: bool = False) -> bytes:
        """Return the same content if there is none of the known secrets in it, else a copy without."""
        if len(content) <= _WINDOW:
            return self._masked(content, cut=cut)
        cleaned = b"".join(self.pieces([content], cut=cut))
        return content if cleaned == content else cleaned

    def pieces(self, pieces: Iterable[bytes], *, cut: bool = False) -> Iterator[bytes]:
        """Yield content of any size without known secrets while it comes; none is missed between two pieces."""
        from ayx_connection.redaction.spellings import Budget  # patterns that take a while, wanted seldom

        waiting, budget = b"", Budget()
        for piece in pieces:
            for begin in range(0, len(piece), _WINDOW):
                waiting += piece[begin : begin + _WINDOW]
                while len(waiting) > _WINDOW:
                    ready, waiting = self._settled(waiting, budget)
                    yield ready
        if waiting:
            yield self._masked(waiting, cut=cut, budget=budget)

    def json(self, value: Any) -> Any:
        """Return a copy of a JSON value with every string cleaned, keys included."""
        return map_text(value, self.text)

    def _needles(self) -> Needles:
        with self._lock:
            if self._known is None:
                from ayx_connection.redaction.spellings import Needles

                self._known = Needles([*self._secrets, *self._tokens])
            return self._known

    def _masked(self, content: bytes, *, cut: bool = False, budget: Budget | None = None) -> bytes:
        spans = self._needles().spans(content, cut=cut, budget=budget)
        return _without(content, spans) if spans else content

    def _settled(self, content: bytes, budget: Budget) -> tuple[bytes, bytes]:
        """Split off what no secret can reach any more that begins in it, cleaned."""
        at = len(content) - _LONGEST_SPELLING
        spans = self._needles().spans(content, budget=budget)
        at = min((begin for begin, end in spans if begin < at < end), default=at)
        if not at:  # one word from end to end
            return _without(content, spans), b""
        return _without(content[:at], [span for span in spans if span[1] <= at]), content[at:]


def _without(content: bytes, spans: list[tuple[int, int]]) -> bytes:
    pieces, at = [], 0
    for begin, end in spans:
        pieces += [content[at:begin], _MASK]
        at = end
    return b"".join((*pieces, content[at:]))


#: What people write for the @ in front of a host, the right one first; and a password that is given as a parameter.
_ATS = ("@", "%40", "\uff20")
_PARAMETER = re.compile(r"(?i)[?&;,][^?&;,=]*(?:pass|pwd?|pw|user|secret|token|key)[^?&;,=]*=([^?&;,#/@]+)")


def passwords_in(addresses: Iterable[str]) -> Iterator[str]:
    """Yield what is, or may be, secret in addresses, as it is written and decoded.

    That is the password; where there is none the user name, which then is a token; and what stands for a port and is
    none, since then the host is missing.
    """
    for address in addresses:
        for secret in (*_in_userinfo(address), *_PARAMETER.findall(address)):
            yield from {secret, unquote(secret)} - {""}


def _in_userinfo(address: str) -> Iterator[str]:
    rest = address.rpartition("//")[2]
    for at in _ATS:
        userinfo, found, _ = rest.rpartition(at)
        if found:
            user, _, password = userinfo.partition(":")
            yield password or user
            return
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    _, _, port = authority.partition(":")
    if port and not authority.startswith("[") and ":" not in port and not port.isdecimal():
        yield port


def map_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy of a JSON value with every string changed, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {map_text(key, change): map_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [map_text(item, change) for item in value]
    return value
