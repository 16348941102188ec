"""Who answered: the Server itself, a gateway in front of it, a sign-in page or a filter."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from ayx_diagnostics.evidence import Evidence, flag, number, text, texts, whole
from ayx_diagnostics.evidence.facts import OAUTH2_ERRORS, shows_token_endpoint
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject, the_server

__all__ = [
    "GATEWAY",
    "LOGIN",
    "about_answer",
    "all_well",
    "alteryx_answers",
    "another_host_answers",
    "answered",
    "blocked",
    "cut_too_short",
    "is_alteryx",
    "is_first_api",
    "is_gateway",
    "is_html",
    "is_login",
    "is_web_api_driver",
    "is_windows",
    "legacy_documentation",
    "main_exchanges",
    "redirect_target",
    "shown",
    "status_of",
    "swagger",
    "token_good",
    "was_cut",
]

_SWAGGER = "swagger"
#: How long a healthy Server may take for an answer, in seconds.
_PATIENCE_S = 5.0
#: The HTTP.sys driver, beneath Alteryx Server's web API and everything else that runs on it.
_WINDOWS_SERVER = re.compile(r"microsoft-(httpapi|iis)", re.IGNORECASE)
GATEWAY = re.compile(
    r"nginx|apache|haproxy|envoy|istio|awselb|cloudflare|cloudfront|akamai|big-?ip|\bf5\b|netscaler|citrix|varnish|squid|"
    r"traefik|kong|caddy|gateway|fortiweb|imperva|incapsula|zscaler|ats/|openresty|azure|gunicorn",
    re.IGNORECASE,
)
_ALTERYX = re.compile(r"alteryx|authorization has been denied for this request", re.IGNORECASE)
LOGIN = re.compile(
    r"log[-_]?in|sign[-_]?(in|on)|saml|adfs|/sso|oauth2?/(v2\.0/)?authorize|/idp|okta|auth0|pingone|portal|captive|"
    r"microsoftonline",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"access (to this (site|page|web ?site) )?(is |was |has been )?(denied|blocked|restricted)|web ?filter|blocked by|"
    r"request blocked|url filter|content filter|security policy|company policy|zscaler|netskope|fortiguard|forcepoint|"
    r"websense|blue ?coat|umbrella|palo alto|sophos|barracuda|support id|incident id|category|mod_?security|"
    r"have been blocked|requested url was rejected",
    re.IGNORECASE,
)


def status_of(seen: Observation | None) -> int | None:
    """Return the status code of a complete answer, else None."""
    return whole(seen, "status") if seen is not None and seen.outcome == "ok" else None


def shown(seen: Observation) -> str:
    """Return the method and URL of an exchange."""
    return f"{text(seen, 'method') or 'GET'} {text(seen, 'url') or seen.target}"


def _who(seen: Observation) -> str | None:
    """Return in a sentence who says to have answered, or None when nobody does."""
    said = {"Server": text(seen, "server"), "Via": text(seen, "via"), "page title": text(seen, "title")}
    listed = ", ".join(f"{name}: {value}" for name, value in said.items() if value)
    return f"The answer carries {listed}." if listed else None


def about_answer(evidence: Evidence, seen: Observation) -> Subject:
    """Return what findings about an answer share: who gave it, and over which connection."""
    unverified = seen.evidence.get("verified") is False and not text(seen, "url").startswith("http://")
    return Subject(
        {
            "host": the_server(evidence),
            "url": text(seen, "url") or seen.target,
            "status": str(whole(seen, "status") or ""),
        },
        because=[
            _who(seen),
            "This was seen over a connection whose certificate was not accepted, without sending credentials."
            if unverified
            else None,
        ],
        ruled_out=["Not the network and not TLS: a complete HTTP answer came back." if seen.outcome == "ok" else None],
    )


def is_html(seen: Observation | None) -> bool:
    """Whether an answer is a web page."""
    if seen is None:
        return False
    return "html" in text(seen, "content_type").lower() or text(seen, "body_start").lstrip()[:9].lower().startswith(
        ("<!doctype", "<html")
    )


def is_alteryx(seen: Observation | None) -> bool:
    """Whether an answer is one that only Alteryx Server's own programs give."""
    if seen is None or seen.outcome != "ok":
        return False
    if flag(seen, "swagger") and (
        seen.evidence.get("purpose") == _SWAGGER or _ALTERYX.search(text(seen, "swagger_title"))
    ):
        return True
    if seen.stage == "token" and (flag(seen, "has_access_token") or text(seen, "error") in OAUTH2_ERRORS):
        return True
    words = " ".join(text(seen, key) for key in ("title", "message", "body_start", "swagger_title", "location"))
    return bool(_ALTERYX.search(words)) and not blocked(seen)


def is_gateway(seen: Observation) -> bool:
    """Whether somebody in front of the Server answered."""
    server = text(seen, "server")
    if _WINDOWS_SERVER.search(server):
        return False
    return bool(GATEWAY.search(server) or text(seen, "via") or is_html(seen))


def is_windows(seen: Observation) -> bool:
    """Whether Windows' own HTTP driver answered, beneath the Server."""
    return bool(_WINDOWS_SERVER.search(text(seen, "server")))


def is_web_api_driver(seen: Observation) -> bool:
    """Whether HTTP.sys itself answered, without IIS: what a self-hosted web API such as Alteryx Server's runs on."""
    return "microsoft-httpapi" in text(seen, "server").lower()


def another_host_answers(evidence: Evidence) -> Observation | None:
    """Return the API's document under another name of the certificate, where the Server's own name is refused."""
    found = evidence.all("http", "get", purpose="other_host")
    if any(flag(seen, "swagger") for seen in evidence.all("http", "get", purpose="swagger")):
        return None  # the name makes no difference
    return next((seen for seen in found if status_of(seen) == HTTPStatus.OK and flag(seen, "swagger")), None)


def was_cut(seen: Observation) -> bool:
    """Whether the budget of the run ended a wait, before the client itself would have given up."""
    return flag(seen, "cut_short")


def cut_too_short(seen: Observation) -> bool:
    """Whether a wait was ended so early that a Server of ordinary speed need not have answered yet."""
    return was_cut(seen) and (number(seen, "elapsed_s") or seen.duration_s) < _PATIENCE_S


def is_login(address: str) -> bool:
    """Whether a URL looks like that of a sign-in page."""
    return bool(LOGIN.search(address))


def blocked(seen: Observation) -> bool:
    """Whether a page says that a filter refused the request."""
    if _WINDOWS_SERVER.search(text(seen, "server")):
        return False
    return is_html(seen) and bool(_BLOCK.search(f"{text(seen, 'title')} {text(seen, 'body_start')}"))


def redirect_target(seen: Observation) -> tuple[str, str] | None:
    """Return where an answer redirects to: the absolute URL and its host, or None when it does not redirect."""
    status, location = status_of(seen), text(seen, "location")
    if (
        status is None or not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or not location
    ):  # redirections
        return None
    try:
        url = urljoin(text(seen, "url") or seen.target, location)
        return url, urlsplit(url).hostname or ""
    except ValueError:
        return location, ""


def main_exchanges(evidence: Evidence) -> tuple[Observation, ...]:
    """Return the exchanges that a client needs, and the Swagger page; not the controls at other addresses."""
    return tuple(
        seen
        for seen in evidence.exchanges
        if seen.stage != "http" or seen.evidence.get("purpose") in (None, "", _SWAGGER)
    )


def swagger(evidence: Evidence) -> Observation | None:
    """Return the answer to the request for the Swagger document, if it was asked for."""
    found = evidence.all("http", "get", purpose=_SWAGGER)
    return next((seen for seen in found if status_of(seen) == HTTPStatus.OK), found[-1] if found else None)  # OK


def legacy_documentation(evidence: Evidence) -> Observation | None:
    """Return the page that documents the API before 2021.4, or None where the address only shows a page of all.

    The Server UI and many web servers answer every address with one and the same page.
    """
    seen = evidence.first("http", "get", purpose="legacy_docs")
    if status_of(seen) != HTTPStatus.OK:
        return None
    others = (evidence.first("http", "get", purpose=purpose) for purpose in ("root", "gallery"))
    return None if any(status_of(other) == HTTPStatus.OK and _same_page(other, seen) for other in others) else seen


def is_first_api(seen: Observation | None) -> bool:
    """Whether a page describes the API before 2021.4: Alteryx's own words, or a resource listing of Swagger 1."""
    return is_alteryx(seen) or "swaggerVersion" in texts(seen, "json_keys")


def _same_page(one: Observation | None, other: Observation | None) -> bool:
    return all(text(one, key) == text(other, key) for key in ("title", "body_start"))


def token_good(evidence: Evidence) -> bool:
    """Whether a token was granted, or the endpoint proved itself to a request without credentials."""
    return any(shows_token_endpoint(seen) for seen in evidence.all("token", "request"))


def answered(evidence: Evidence) -> bool:
    """Whether the API answered a call as it should."""
    return any(
        status_of(seen) == HTTPStatus.OK and not is_html(seen) and seen.evidence.get("json") is not False
        for seen in evidence.all("api", "call")
    )


def all_well(evidence: Evidence) -> bool:
    """Whether the client got what it needs, so that a control's answer is of no interest."""
    return answered(evidence) or (token_good(evidence) and not evidence.all("api", "call"))


def alteryx_answers(evidence: Evidence) -> list[Observation]:
    """Return the answers that show Alteryx Server at work, wherever on the host."""
    return [seen for seen in evidence.exchanges if is_alteryx(seen)]
