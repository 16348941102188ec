"""Conclusions from the settings alone, and from a name that cannot be one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ayx_diagnostics.evidence import Evidence, mappings, text
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, you
from ayx_diagnostics.rules.rule import rule

#: Codes that the settings report themselves.
_FROM_SETTINGS = (
    "config.untrusted_file",
    "config.url_missing",
    "config.url_invalid",
    "config.url_as_host",
    "config.host_label_invalid",
    "config.whitespace",
    "config.wrong_product",
    "config.credentials_missing",
    "config.secret_unprintable",
    "config.setting_invalid",
)
#: What people call the settings; any other goes by its own name.
_SETTING_WORDS = {
    "base_url": "the Server address",
    "client_id": "the API access key",
    "client_secret": "the API access secret",
    "ca_bundle": "the CA bundle",
    "client_cert": "the client certificate",
    "client_key": "the client certificate's key",
    "proxy": "the proxy address",
}
_OTHER_PRODUCT_DOMAIN = "alteryxcloud.com"
_OTHER_PRODUCT_BODY = re.compile(r"RouteNotFoundException|oauth\.v2\.InvalidApiKey")


@rule(*_FROM_SETTINGS, independent=True)
def reported(evidence: Evidence) -> Iterator[Finding]:
    """A setting cannot be used: from the problems that reading the settings reported."""
    for problem in mappings(evidence.settings, "problems"):
        code = problem.get("code")
        if code not in _FROM_SETTINGS:
            code = "config.setting_invalid"
        setting, origin, message, remedy = (
            str(problem.get(key) or "") for key in ("setting", "origin", "message", "remedy")
        )
        name = _SETTING_WORDS.get(setting) or setting or "a setting"
        if not remedy and origin and origin != "default":
            remedy = f"correct {name} where it comes from: {origin}"
        yield conclude(
            str(code),
            because=[
                f"From {origin or 'an unnamed source'}: {message}." if message else f"{name} cannot be used.",
                "No packet was sent: this was seen in the value itself.",
            ],
            fix=[you(remedy) if remedy else None],
            setting=name,
            host=evidence.host or "the host in the address",
        )


@rule("config.host_label_invalid")
def name_with_bad_label(evidence: Evidence) -> Finding | None:
    """The host name can be no name: from a lookup that refused its labels before asking anybody."""
    lookup = evidence.first("dns", "system_lookup", outcome="label_invalid")
    if lookup is None:
        return None
    return conclude(
        "config.host_label_invalid",
        because=[
            f"The resolver refuses the name {lookup.target!r} before asking any nameserver: {text(lookup, 'text')}.",
            "A name is made of labels of 1 to 63 octets between dots (RFC 1035, 2.3.4).",
        ],
        fix=[you(f"correct the host name {lookup.target!r} in the Server's address")],
        host=lookup.target,
    )


@rule("config.wrong_product")
def other_product(evidence: Evidence) -> Finding | None:
    """The address belongs to Alteryx One: from its domain, or from the error that only its API gives."""
    host = evidence.host.lower().rstrip(".")
    by_name = host == _OTHER_PRODUCT_DOMAIN or host.endswith("." + _OTHER_PRODUCT_DOMAIN)
    answer = next((seen for seen in evidence.exchanges if _OTHER_PRODUCT_BODY.search(text(seen, "body_start"))), None)
    if not by_name and answer is None:
        return None
    said = _OTHER_PRODUCT_BODY.search(text(answer, "body_start"))
    return conclude(
        "config.wrong_product",
        because=[
            f"{host} lies under {_OTHER_PRODUCT_DOMAIN}, the domain of Alteryx One." if by_name else None,
            f"{text(answer, 'url') or answer.target} answers with {said.group(0)}, an error of Alteryx One's API."
            if answer and said
            else None,
        ],
        fix=[you("use the address of your own Alteryx Server (https://server.example.com/webapi)")],
        host=host,
    )
