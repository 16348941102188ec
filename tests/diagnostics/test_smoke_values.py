"""What customers keep on their Server is theirs: no value of an answer stands in a report of ``smoke``, in no format.

The figures: every value below, in every place that an answer has for it, in each format; and for every report that the
lab has recorded, what the rules conclude stays the same without the Server's own words.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ayx_connection.settings import Settings
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.field_names import new_members
from ayx_diagnostics.report.anonymise.known_words import KnownWords
from ayx_diagnostics.report.anonymise.words import is_known
from ayx_diagnostics.report.renderers import FORMATS, render
from ayx_diagnostics.report.serialise import observations_of, to_json
from ayx_diagnostics.rules import find
from ayx_diagnostics.smoke.run import smoke
from ayx_simulator.peers.echo import http
from ayx_simulator.peers.listener import Connection, Listener
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
REPORTS = {path.stem: path for folder in ("goldens", "recorded") for path in sorted((HERE / folder).glob("*.json"))}
TOKEN = "tOk3n-Ab~0123.XyZ"
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v3/users": {
            "get": {
                "operationId": "Users_GetUsers",
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}
                            }
                        }
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "User": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "role": {"type": "string", "enum": ["Curator"]},
                    "groups": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            }
        }
    },
}
#: Values as customers have them, each with what gives it away.
VALUES: dict[str, tuple[str, ...]] = {
    "Payroll of Smith": ("Payroll", "Smith"),
    "jane.doe@contoso.example": ("jane", "contoso"),
    "FABRIKAM\\mallory": ("FABRIKAM", "mallory"),
    "DE89370400440532013000": ("DE89", "0440532"),
    "KUNDEN_LISTE": ("KUNDEN", "LISTE"),
    "ip-192-168-77-5": ("192-168", "168-77"),
    "10.55.66.77": ("10.55.66",),
    "555 0100 4711": ("0100 4711",),
}
TEXT = " | ".join(VALUES)
IN_A_PATH = "/".join(value.replace(" ", "%20").replace("\\", "%5C") for value in VALUES)


def error(text: str, status: str = "500 X") -> bytes:
    return http(status, json.dumps({"message": text}))


#: Where values may stand in what is answered to a call.
PLACES: dict[str, bytes] = {
    "message": error(TEXT),
    "message of a refusal": error(TEXT, "403 X"),
    "message of a missing path": error(TEXT, "404 X"),
    "message, nothing else": http("400 X", json.dumps(TEXT)),
    "every member of an error": http("500 X", json.dumps(dict.fromkeys(("Message", "error", TEXT), TEXT))),
    "title": http("200 OK", f"<title>{TEXT}</title><p>{TEXT}</p>", kind="text/html"),
    "page of an error": http("502 X", f"<title>{TEXT}</title><p>{TEXT}</p>", kind="text/html"),
    "Content-Type": http("200 OK", "x", kind=f"text/plain; name={TEXT}"),
    "Server": http("500 X", "{}", f"Server: {TEXT}"),
    "Via": http("401 X", "{}", f"Via: 1.1 {TEXT}", f"X-Cache: {TEXT}", f"Proxy-Status: {TEXT}"),
    "WWW-Authenticate": http("401 X", "{}", f'WWW-Authenticate: Bearer realm="{TEXT}"'),
    "times": http("429 X", "{}", f"Retry-After: {TEXT}", f"Date: {TEXT}"),
    "reason": http(f"500 {TEXT}", "{}"),
    "reason of one word": http("500 KUNDEN_LISTE", "{}"),
    "Location, path": http("302 X", "", f"Location: /{IN_A_PATH}?of={IN_A_PATH}"),
    "Location, host": http("302 X", "", f"Location: https://jane:doe@contoso.example/{IN_A_PATH}"),
    "coding": http("200 OK", TEXT, f"Content-Encoding: {TEXT}"),
    "chunk header": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + f"[{json.dumps(TEXT)}]\r\n0\r\n\r\n".encode()
    ),
    "length": f"HTTP/1.1 200 OK\r\nContent-Length: {TEXT}\r\n\r\n".encode(),
    "header without a colon": f"HTTP/1.1 200 OK\r\nX {TEXT}\r\n\r\n".encode(),
    "first bytes": f"{TEXT}\r\n\r\n".encode(),
    "cut body": f"HTTP/1.1 500 X\r\nContent-Length: 999999\r\n\r\n{TEXT}".encode(),
    "no JSON": http("200 OK", f"[{TEXT}"),
    "values": http("200 OK", json.dumps([{"id": [TEXT], "role": TEXT}, TEXT, [TEXT]])),
    "names in a list": http("200 OK", json.dumps([dict.fromkeys([*VALUES, "Smith"], 1)])),
    "names of a record": http(
        "200 OK", json.dumps([{"id": "1", **dict.fromkeys(VALUES.keys() - {"KUNDEN_LISTE"}, 1)}])
    ),
    "names of a map": http("200 OK", json.dumps([{"groups": dict.fromkeys([*VALUES, "Smith"], 1)}])),
    "names at the top": http("200 OK", json.dumps({value: {value: value} for value in VALUES})),
    "names of an error": http("500 X", json.dumps({value: {value: value} for value in VALUES})),
}


def smoked(answer: bytes) -> dict[str, Any]:
    """Return the report of a smoke test whose every call is answered so; the token is made as it should be."""

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        token = http(body=json.dumps({"access_token": TOKEN, "expires_in": 3600}))
        connection.send(token if b"oauth2/token" in request else answer)
        connection.finish()

    with Listener(serve) as listener:
        place = {"base_url": f"http://127.0.0.1:{listener.port}", "max_time": 10}
        given = {**place, "client_id": "8DB0KEY", "client_secret": "S3cr3t-and-long"}
        report = to_json(smoke(Settings.load(given, {}, None, None), DOCUMENT, environ={}))
    assert [seen["target"] for seen in report["observations"] if seen["operation"] == "smoke"] == ["GET /v3/users"]
    return report


@pytest.mark.parametrize("place", PLACES)
def test_no_value_of_an_answer_is_in_a_report(place: str) -> None:
    report = smoked(PLACES[place])
    pieces = [piece for found in VALUES.values() for piece in found]
    for kind in FORMATS:
        rendered = render(report, kind, **({"verbose": True} if kind == "text" else {}))
        assert [piece for piece in pieces if piece in rendered] == [], kind


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error("An error has occurred."), "An error has occurred."),
        (error("Authorization has been denied for this request.", "401 X"), "Authorization has been denied for this"),
        (http("403 X", "<title>403 Forbidden</title>", kind="text/html"), "403 Forbidden"),
        (http("200 OK", "<p>", kind="text/html; charset=utf-8"), "answers text/html; charset=utf-8, not JSON"),
        (http("200 OK", json.dumps([{"id": 1, "addedByAnUpgrade": 2}])), "'addedByAnUpgrade'"),
        (http("500 X", "{}", "Server: Microsoft-HTTPAPI/2.0"), "Microsoft-HTTPAPI/2.0"),
    ],
)
def test_what_is_nobodys_is_still_said(answer: bytes, said: str) -> None:
    assert said in json.dumps(smoked(answer))


def test_what_a_token_endpoint_says_against_the_key_is_said() -> None:
    def serve(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        said = {"error": "invalid_client", "error_description": "ask Mallory for a key"}
        connection.send(http("401 X", json.dumps(said)))
        connection.finish()

    with Listener(serve) as listener:
        given = {
            "base_url": f"http://127.0.0.1:{listener.port}",
            "client_id": "8DB0KEY",
            "client_secret": "S3cr3t-long",
        }
        report = smoke(Settings.load(given, {}, None, None), DOCUMENT, environ={})
    assert "ask Mallory for a key" in json.dumps(to_json(report))


def test_a_finding_of_the_calls_names_the_server() -> None:
    answers = iter([http("200 OK", "[]")] * 2)

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        if b"oauth2/token" in request:
            answer = http(body=json.dumps({"access_token": TOKEN, "expires_in": 3600}))
        elif b"swagger" in request:
            answer = http("404 X")
        else:
            answer = next(answers, error("An error has occurred."))
        connection.send(answer)
        connection.finish()

    paths = {f"/v3/{name}": DOCUMENT["paths"]["/v3/users"] for name in ("users", "jobs")}
    with Listener(serve) as listener:
        given = {
            "base_url": f"http://127.0.0.1:{listener.port}",
            "client_id": "8DB0KEY",
            "client_secret": "S3cr3t-long",
        }
        report = smoke(Settings.load(given, {}, None, None), {**DOCUMENT, "paths": paths}, environ={})
    assert report.verdict.sentence.startswith("127.0.0.1 fails")
    assert "500" in report.verdict.sentence


# --- what is left of the Server's words is enough for the rules ------------------------------------------------------


def concluded(seen: list[Observation]) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.confidence) for finding in find(seen)]


@pytest.mark.parametrize("name", REPORTS)
def test_the_same_is_concluded_from_known_words(name: str) -> None:
    document = json.loads(REPORTS[name].read_text(encoding="utf-8"))
    words = KnownWords(document["target"]["host"], document["target"]["port"])
    seen = list(observations_of(document))
    assert concluded([words.observation(one) for one in seen]) == concluded(seen)


IDENTITIES = st.from_regex(r"[a-z]{3,9}[a-z0-9]{2,6}", fullmatch=True).filter(lambda word: not is_known(word))
#: Evidence that is a peer's in an observation of an answer.
PEERS = (
    *("body_start", "content_encoding", "content_type", "date", "error", "error_description", "first_bytes"),
    *("json_keys", "location", "message", "proxy_authenticate", "proxy_status", "reason", "retry_after", "server"),
    *("swagger_title", "swagger_version", "title", "token_type", "via", "www_authenticate", "x_cache", "anything_new"),
)


@settings(deadline=None)
@given(st.sampled_from(PEERS), IDENTITIES, st.sampled_from(["http", "token", "api"]), st.booleans())
def test_nothing_that_a_peer_wrote_is_taken_for_ours(key: str, identity: str, stage: Any, is_list: bool) -> None:
    seen = Observation(stage, "call", "GET /x", 0.0, 0.0, "ok", {key: [identity] if is_list else f"a {identity}"})
    assert identity not in json.dumps(KnownWords("ayx01", 443).observation(seen).evidence)


def test_an_address_that_a_redirection_named_is_a_peers() -> None:
    url = "https://ayx01/payroll/smith"
    seen = Observation("http", "get", url, 0.0, 0.0, "ok", {"url": url, "purpose": "redirected"})
    changed = KnownWords("ayx01", 443).observation(seen)
    assert (changed.target, changed.evidence["url"]) == ("https://ayx01/path-1/path-2",) * 2
    ours = replace(seen, evidence={"url": url, "purpose": ""})
    assert KnownWords("ayx01", 443).observation(ours) == ours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no answer from ayx01.acme.example:443: refused", "no answer from ayx01.acme.example:443: refused"),
        (
            "URI 'https://ayx01.acme.example:443/webapi/v3/users'",
            "URI 'https://ayx01.acme.example:443/webapi/v3/users'",
        ),
        ("AYX01.acme.example is not ayx02.acme.example", "AYX01.acme.example is not host-1.domain-1.example"),
        ("https://evil/ayx01.acme.example:443", "https://host-1/path-1"),
    ],
)
def test_the_server_keeps_its_name(text: str, expected: str) -> None:
    assert KnownWords("ayx01.acme.example", 443).text(text) == expected


# --- names of members ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (["id"], ""),
        ([], ""),
        (["id", "isNew", "$type", "sha256"], "new here, and not in the document: 'isNew', '$type', 'sha256'"),
        (["id", "jane@acme.example"], "new here, and not in the document: a name of 17 characters"),
        (["id", "ip_192_168_1_5"], "new here, and not in the document: a name of 14 characters"),
        (["id", "x" * 41], "new here, and not in the document: a name of 41 characters"),
        (["jane"], "new here, and not in the document: a name"),
        (["jane", "smith", "4711"], "new here, and not in the document: 3 names"),
    ],
)
def test_new_members_are_told_by_name_where_they_are_fields(members: list[str], told: str) -> None:
    assert new_members(members, {"id", "name"}) == told


@given(st.lists(st.text(min_size=1), max_size=30, unique=True))
def test_any_names_can_be_told_within_a_line(names: list[str]) -> None:
    told = new_members(["id", *names], {"id"})
    assert len(told) < 120
    assert told.isprintable()
    assert bool(told) == any(name != "id" for name in names)
