"""What stands where in an observation: which values are whose names, and which are words of the format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.texts import Texts

__all__ = ["Fields"]

#: Words of the probes' own vocabulary, and numbers and times, by the key that they stand under. One of another form is
#: none of the probes', and is read as free text.
_OWN_WORDS = frozenset(
    {
        *("alpn", "cipher", "code", "direction", "entry", "errno_name", "key", "level", "method", "not_after"),
        *("not_before", "checked_at", "phase", "purpose", "rcode", "rdtype", "role_needed", "setting"),
        *("signature", "stage_reached", "state", "style", "transport", "variable", "version", "tls_reason"),
    }
)
_OWN_WORD = re.compile(r"[A-Za-z0-9_.+-]{0,48}|\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{1,9})")
_OPENSSL_REASON = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+){1,12}")
#: Lists of names that settings hold, whatever the variable's case.
_LISTS = frozenset({"no_proxy", "no_proxy_match"})
#: Members of an observation that are the format's own words.
_OF_THE_FORMAT = frozenset({"id", "operation", "outcome", "stage"})
#: Targets that are no place.
_WORD_TARGETS = frozenset({"settings", "system"})
_QUESTION = re.compile(r"(\S+) ([A-Z0-9]+) @(\S+)")
_REQUEST_LINE = re.compile(r"([A-Z]{3,7}) (/\S*)")


class Fields:
    """Anonymises observations, by what each key of the evidence holds.

    Args:
        names: For what is a name.
        texts: For everything else.
    """

    def __init__(self, names: Names, texts: Texts) -> None:
        self._names, self._texts = names, texts
        by_key: dict[Callable[[str], str], tuple[str, ...]] = {
            names.host: (
                *("address", "addresses", "authority_soa", "cnames", "host", "host_header", "last_responder"),
                *("local_address", "name", "nameserver", "nameservers", "offender", "proxy_host", "replied_from"),
                *("responder", "search", "server_name"),
            ),
            names.certified: ("common_name", "issuer_common_name", "issuer_organization", "san"),
            names.distinguished: ("akin", "issuer", "subject"),
            names.url: ("aia_issuers", "location", "proxies", "proxy", "url"),
            self._list: tuple(_LISTS),
            self._file_or_words: ("path", "source"),
            self._way: ("by_library",),
            self._date: ("date", "retry_after"),
            self._reason: ("reason",),
            lambda value: names.stand_ins.of("certificate", value): ("sha256",),
            self._own_word: tuple(_OWN_WORDS),
        }
        self._by_key = {key: change for change, keys in by_key.items() for key in keys}

    def observation(self, observation: Mapping[str, Any]) -> dict[str, Any]:
        """Return an observation of a report's JSON document without anybody's names."""
        is_file = (observation["stage"], observation["operation"]) == ("tls", "ca_bundle")
        target = str(observation["target"])
        return {
            **self.members(observation, _OF_THE_FORMAT | {"evidence"}),
            "evidence": self.evidence(observation["evidence"], observation["stage"]),
            "target": self._names.file(target) if is_file else self.target(target),
        }

    def evidence(self, evidence: Mapping[str, Any], stage: str, kept: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the evidence of an observation.

        Args:
            evidence: What was observed.
            stage: Of the observation: what is OpenSSL's in the stage ``tls`` is a peer's elsewhere.
            kept: Keys whose values stay as they are.
        """
        changed = self.members(evidence, kept)
        if stage != "tls" and isinstance(evidence.get("reason"), str):
            changed["reason"] = self._texts.free(evidence["reason"])
        return changed

    def members(self, item: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
        """Return an object of a report; what is not among the members that are kept is read by its key, as evidence."""
        return {key: value if key in kept else self._value(value, key) for key, value in item.items()}

    def target(self, target: str) -> str:
        """Return what was examined: a place, a question to a nameserver or a request line."""
        if target in _WORD_TARGETS:
            return target
        if question := _QUESTION.fullmatch(target):
            return f"{self._names.host(question[1])} {question[2]} @{self._names.host(question[3])}"
        if request := _REQUEST_LINE.fullmatch(target):
            return f"{request[1]} {self._names.url(request[2])}"
        return self._names.network(target)

    def _value(self, value: Any, key: str) -> Any:
        if isinstance(value, str):
            return self._by_key.get(key, self._texts.free)(value) if value else value
        if isinstance(value, Mapping):
            return {name: self._value(item, self._kind(key, name)) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item, key) for item in value]
        return value

    @staticmethod
    def _kind(within: str, name: str) -> str:
        """Return the key that says what a value is: an object's own where its members are named by whom they are of."""
        if within == "variables":
            return "no_proxy" if name.lower() == "no_proxy" else "proxy"
        if within == "alerts":
            return "code"
        return within if within in ("by_library", "stores", "refused") else name

    def _list(self, value: str) -> str:
        return re.sub(r"[^\s,;]+", lambda entry: self._names.network(entry[0]), value)

    def _file_or_words(self, value: str) -> str:
        if "://" in value:
            return self._names.url(value)
        return self._names.file(value) if "/" in value or "\\" in value else self._texts.free(value)

    def _way(self, value: str) -> str:
        return self._names.url(value) if "://" in value and not value.startswith("error") else self._texts.free(value)

    def _date(self, value: str) -> str:
        return value if _DATE.fullmatch(value) else self._texts.free(value)

    def _reason(self, value: str) -> str:
        return value if _OPENSSL_REASON.fullmatch(value) else self._texts.free(value)

    def _own_word(self, value: str) -> str:
        return value if _OWN_WORD.fullmatch(value) else self._texts.free(value)
