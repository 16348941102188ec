"""What a peer or a library wrote, with nothing left in it but words that identify nobody.

A name in free text cannot be told from a word, so it is not names that are taken out: words stay that are known, and
everything else is replaced, by a stand-in if its form says what it is, else by three dots.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.words import ISSUERS, SPEAKERS, are_known, is_known, phrases
from ayx_diagnostics.stand_ins import is_of_nobody

__all__ = ["Texts"]

_GAP = "..."
_NUMBER = r"\d{1,12}(?:\.\d{1,4})?(?!\w|\.\d)"
_TOKEN = re.compile(
    r"(?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>(){}|\\^`]+)"
    # files of Windows, with blanks in the names of folders; shares; files of others
    r"|(?P<file>(?:\b[A-Za-z]:[\\/]|\\\\{1,3}|%\w{1,40}%\\)"
    r"(?:[^\\/\s\"'<>|:*?]+(?: [^\\/\s\"'<>|:*?]+){0,4}[\\/]+){0,40}[^\\/\s\"'<>|:*?,;]*[^\\/\s\"'<>|:*?,;.)]"
    r"|(?<![\w<>/.\\])(?:(?:/[\w.@%+~$-]+){2,40}|~(?:[^\W\d][\w.$-]{0,63})?(?:/[\w.@%+~$-]+){0,40})(?<![.~]))"
    r"|(?P<mail>[\w.+%'$-]{1,64}@[\w-]+(?:\.[\w-]+)*)"
    r"|(?P<account>(?<![\w\\])[\w.-]{1,64}\\{1,2}[\w.$-]+)"
    r"|(?P<device>\b[0-9A-Fa-f]{2}(?P<between>[:-])[0-9A-Fa-f]{2}(?:(?P=between)[0-9A-Fa-f]{2}){4}\b)"
    r"|(?P<address>(?:(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\w)"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{1,4}|(?<=[^:]::))(?:%\w+)?(?!\w|:\w))"
    r"(?:/\d{1,3}(?!\w))?)"
    r"|(?P<id>\bS-1-\d+(?:-\d+)+\b|\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b)"
    r"|(?P<entity>&(?:#[xX]?[0-9A-Fa-f]{1,8}|\w{1,32});)"
    r"|(?P<version>(?<=[A-Za-z]/)\d{1,3}(?:\.\d{1,4}){0,2}(?![\w.]))"
    rf"|(?P<numbers>(?<!\w){_NUMBER}(?:(?:[^\w<>=&]|&#?\w{{1,8}};|\bdot\b){{1,8}}{_NUMBER}){{1,40}})"
    r"|(?P<word>\\{0,4}[\w%$]+(?:[-.+'\u2019]+[\w%$]+)*)",
    re.IGNORECASE,
)
_ENTITIES = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#39;", "&#x27;", "&copy;"})
#: The octets by which a binary protocol is known, as ``repr`` writes them.
_BINARY_START = re.compile(r"(?:b['\"])?(?:\\x[0-9a-f]{2}){1,9}")
#: A line end or a tab in a string literal, and not the beginning of a user's name behind a domain's.
_LITERAL_END = re.compile(r"(?-i:\\[rnt](?![a-z]))")
_GAPS = re.compile(r"\.\.\.(?:[ \t]+\.\.\.)+")
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z][\w-]+", re.IGNORECASE)


class Texts:
    """Takes out of texts what may identify somebody.

    Args:
        names: Gives the stand-ins.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_kind: dict[str, Callable[[str], str]] = {
            "url": self._url,
            "file": self._file,
            "mail": names.mail,
            "account": self._account,
            "device": lambda found: names.stand_ins.of("device", found.replace("-", ":")),
            "address": self._address,
            "id": lambda found: names.stand_ins.of("id", found),
            "entity": lambda found: found if found.lower() in _ENTITIES else _GAP,
            "version": str,
            "numbers": lambda _: _GAP,  # an address or a telephone number, however its parts are kept apart
            "word": self._word,
        }

    def free(self, text: str) -> str:
        """Return a text with stand-ins and gaps for all that is not known to identify nobody."""
        start = _BINARY_START.match(text)
        binary = start[0] if start else ""
        known = {name: told for name, told in self._names.stand_ins.names("org").items() if " " in name}
        cleaned = "".join(
            self._kept(known[part.casefold()], part)
            if part.casefold() in known
            else part
            if _LITERAL_END.fullmatch(part)
            else _TOKEN.sub(self._token, part)
            for part in self._parts(text[len(binary) :], known)
        )
        return _GAPS.sub(_GAP, binary + cleaned)

    @staticmethod
    def _parts(text: str, organisations: Iterable[str]) -> list[str]:
        """Split at line ends in string literals, and at names of several words that a certificate has told."""
        longest_first = sorted(organisations, key=len, reverse=True)
        names = "".join(rf"|(?<!\w){re.escape(name)}(?!\w)" for name in longest_first)
        return re.split(f"({_LITERAL_END.pattern}{names})", text, flags=re.IGNORECASE)

    @staticmethod
    def _kept(stand_in: str, name: str) -> str:
        kept = " ".join(phrases(name, (*SPEAKERS, *ISSUERS)))
        return f"{stand_in} ({kept})" if kept else stand_in

    def _token(self, found: re.Match[str]) -> str:
        return self._by_kind[str(found.lastgroup)](found[0])

    def _url(self, text: str) -> str:
        url = text.rstrip(".,;:!?*")
        return self._names.url(url) + text[len(url) :]

    def _file(self, text: str) -> str:
        if text.startswith("/") and all(are_known(segment for segment in text.split("/") if segment)):
            return text  # the path of a URL
        return self._names.file(re.sub(r"\\+", r"\\", text))

    def _account(self, text: str) -> str:
        domain, _, user = text.partition("\\")
        return self._names.account(domain, user.lstrip("\\"))

    def _address(self, text: str) -> str:
        found, slash, length = text.partition("/")
        found = found.partition("%")[0]
        try:
            address = ipaddress.ip_address(found)
        except ValueError:
            return _GAP  # a time of day, an interval, a version
        shown = found if is_of_nobody(address) else self._names.stand_ins.address(address)
        return f"{shown}{slash}{length}"

    def _word(self, word: str) -> str:
        if is_known(word):
            return word
        stand_ins = self._names.stand_ins
        for kind in ("label", "org", "user"):
            if stand_in := stand_ins.known(kind, word):
                return stand_in
        if _HOST.fullmatch(word):
            return self._names.host(word)
        kept = phrases(word, (*SPEAKERS, *ISSUERS))
        begins = bool(kept) and word.startswith(kept[0])
        return ("" if begins else _GAP) + "".join(f"{phrase}{_GAP}" for phrase in kept)
