"""What the Server answers, row by row: what each answer of token endpoint and API makes worth asking next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ayx_connection.redaction import Secret
from ayx_diagnostics.model import STAGES, Report
from ayx_diagnostics.network.fake import SILENT, FakeNetwork
from ayx_diagnostics.walk.denied_calls import other_names
from ayx_diagnostics.walk.other_addresses import call_at_others
from ayx_diagnostics.walk.what_answers import kind_of
from walk_world import ADDRESS, HOST, OTHER, TOKEN, Answer, Site, World, alteryx, answers, observed, only

DENIED = Answer(401, {"message": "Authorization has been denied for this request."})
INVALID_CLIENT = Answer(400, {"error": "invalid_client"})
NOT_FOUND = Answer(404, "<html><title>404</title></html>")
RESET = ConnectionResetError(104, "Connection reset by peer")


def requests(report: Report) -> list[tuple[str, str]]:
    """Return style and purpose of every token request."""
    found = [seen for seen in observed(report, "token", "request") if seen.outcome != "withheld"]
    return [(seen.evidence["style"], seen.evidence["purpose"]) for seen in found]


def got(report: Report) -> list[str]:
    """Return the purposes of the pages that were asked for, sorted."""
    return sorted(seen.evidence["purpose"] for seen in observed(report, "http", "get"))


def calls(report: Report) -> list[tuple[str, int | None]]:
    """Return path and status of the API calls."""
    found = observed(report, "api", "call")
    return [(seen.evidence["url"].partition("/webapi")[2], seen.evidence.get("status")) for seen in found]


# --- the token request -----------------------------------------------------------------------------------------------

SWAGGER = ["swagger"]
EVERYTHING = ["gallery", "legacy_docs", "root", "swagger", "without_webapi"]

#: The token endpoint's answer -> how the token is asked for again, and what else is asked.
TOKEN_ROWS: list[tuple[str, Answer | OSError | None, list[tuple[str, str]], list[str]]] = [
    ("unknown client", INVALID_CLIENT, [("body", ""), ("basic", "")], []),
    ("unknown client, 401", Answer(401, {"error": "invalid_client"}), [("body", ""), ("basic", "")], []),
    ("a gateway's 401", Answer(401, "<html>"), [("body", ""), ("basic", "")], EVERYTHING),
    ("not found", NOT_FOUND, [("body", "")], EVERYTHING),
    ("a page", Answer(200, "<html>"), [("body", "")], EVERYTHING),
    ("forbidden", Answer(403, "<html>"), [("body", "")], EVERYTHING),
    ("server error", Answer(500, {"message": "An error has occurred."}), [("body", "")], SWAGGER),
    ("gateway error", Answer(502, "<html>"), [("body", "")], SWAGGER),
    ("reset", RESET, [("body", "")], SWAGGER),
    ("silence", None, [("body", "")], SWAGGER),
]


@pytest.mark.parametrize(
    ("answer", "tried", "pages"), [row[1:] for row in TOKEN_ROWS], ids=[row[0] for row in TOKEN_ROWS]
)
def test_what_is_asked_after_a_token_request(
    world: World, answer: Answer | OSError | None, tried: list[tuple[str, str]], pages: list[str]
) -> None:
    report = world.walk(only(world.https(answers({"/oauth2/token": answer}))))
    assert (requests(report), got(report)) == (tried, pages)
    assert observed(report, "api") == []
    assert all(stream.closed for stream in world.network.streams)


@pytest.mark.parametrize(
    ("client_auth", "tried"),
    [
        ("auto", [("body", ""), ("basic", "")]),
        ("body", [("body", ""), ("basic", "other_style")]),
        ("basic", [("basic", ""), ("body", "other_style")]),
    ],
)
def test_the_other_style_is_a_control_where_the_client_would_not_try_it(
    world: World, client_auth: str, tried: list[tuple[str, str]]
) -> None:
    report = world.walk(only(world.https(answers({"/oauth2/token": INVALID_CLIENT}))), client_auth=client_auth)
    assert requests(report) == tried


def test_the_walk_goes_on_with_the_token_of_the_second_style(world: World) -> None:
    def site(method: str, path: str, headers: Mapping[str, str]) -> Answer | OSError | None:
        if path.endswith("/token") and "authorization" not in headers:
            return INVALID_CLIENT
        return alteryx(method, path, headers)

    report = world.walk(only(world.https(site)))
    assert requests(report) == [("body", ""), ("basic", "")]
    assert calls(report)[-1][1] == 200


@pytest.mark.parametrize(("secret", "tried"), [("plain-secret.9", False), ("s+cret/%", True)])
def test_a_header_without_encoding_is_tried_where_encoding_changes_it(world: World, secret: str, tried: bool) -> None:
    site = answers({"/oauth2/token": INVALID_CLIENT})
    report = world.walk(only(world.https(site)), client_secret=secret)
    assert (("basic", "unencoded") in requests(report)) is tried
    assert secret not in json.dumps([seen.evidence for seen in report.observations])


#: Address and settings -> whether credentials are sent in the clear.
PLAIN_ROWS: list[tuple[str, dict[str, Any], list[str]]] = [
    (f"http://{HOST}", {}, ["none"]),
    (f"http://{HOST}", {"allow_http": True}, ["body"]),
    ("http://127.0.0.1", {}, ["body"]),
    ("http://127.0.0.1", {"proxy": "http://10.0.0.80:3128"}, ["none"]),  # it leaves this machine
]


@pytest.mark.parametrize(("url", "options", "styles"), PLAIN_ROWS)
def test_credentials_go_in_the_clear_where_that_is_allowed(
    world: World, url: str, options: dict[str, Any], styles: list[str]
) -> None:
    place = world.http()
    places = {(ADDRESS, 80): place, ("127.0.0.1", 80): place, ("10.0.0.80", 3128): place}
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS]}, places=places), url, **options)
    assert [style for style, _ in requests(report)] == styles


def test_without_credentials_an_error_of_the_endpoint_is_proof_enough(world: World) -> None:
    site = answers({"/oauth2/token": INVALID_CLIENT})
    report = world.walk(only(world.https(site)), client_id="", client_secret="")
    assert (requests(report), got(report), report.verdict.status) == ([("none", "")], [], "healthy")


def test_what_became_of_a_token_request() -> None:
    from ayx_diagnostics.model import Observation

    def seen(outcome: str, **evidence: Any) -> Observation:
        return Observation("token", "request", HOST, 0.0, 0.1, outcome, evidence)

    assert kind_of(seen("reset")) == kind_of(seen("timeout")) == "no answer"
    assert kind_of(seen("ok", status=503)) == "server error"
    assert kind_of(seen("ok", status=400, error="invalid_client")) == "error of the endpoint"
    assert kind_of(seen("ok", status=400)) == kind_of(seen("ok", status=404, error="x")) == "something else"


@pytest.mark.parametrize(("path", "asked"), [("/webapi", False), ("/other/webapi", True)])
def test_the_usual_path_is_asked_for_where_it_is_another(world: World, path: str, asked: bool) -> None:
    site = answers({"/oauth2/token": NOT_FOUND})
    report = world.walk(only(world.https(site)), f"https://{HOST}{path}")
    assert ("usual_path" in got(report)) is asked


@pytest.mark.parametrize(
    ("unacked", "sizes"), [(1, ["large_in_small_segments", "large_request", "swagger"]), (0, ["swagger"])]
)
def test_a_request_that_nobody_acknowledged_is_asked_again_in_other_sizes(
    world: World, unacked: int, sizes: list[str]
) -> None:
    place = world.https(lambda *_: None, tcp_info={"state": "ESTABLISHED", "unacked": unacked})
    report = world.walk(only(place), read_timeout=5)
    assert got(report) == sizes


@pytest.mark.parametrize(
    ("location", "followed"),
    [
        ("/webapi/oauth2/token/", ["POST /webapi/oauth2/token", "GET /webapi/oauth2/token/"]),
        (f"https://{HOST}:443/elsewhere", ["POST /webapi/oauth2/token", "GET /elsewhere"]),
        ("https://other.test/login", ["POST /webapi/oauth2/token"]),
        ("https://[", ["POST /webapi/oauth2/token"]),
    ],
)
def test_a_redirection_is_followed_on_this_host_alone(world: World, location: str, followed: list[str]) -> None:
    site = answers({"/oauth2/token": Answer(302, "", {"Location": location})})
    report = world.walk(only(world.https(site)))
    pages = {"/webapi/oauth2/token", "/webapi/oauth2/token/", "/elsewhere", "/login"}
    assert [page for page in world.pages if page.partition(" ")[2] in pages] == followed
    assert got(report).count("redirected") == len(followed) - 1
    assert "other.test" not in world.network.looked_up


def test_a_circle_of_redirections_ends(world: World) -> None:
    site: Site = lambda *_: Answer(302, "", {"Location": "/webapi/oauth2/token"})  # noqa: E731
    report = world.walk(only(world.https(site)))
    assert got(report).count("redirected") == 5


@pytest.mark.parametrize(("status", "asked"), [(404, True), (403, True), (421, True), (405, False)])
def test_the_other_names_of_the_certificate_are_asked_for_where_this_one_is_refused(
    world: World, status: int, asked: bool
) -> None:
    url = f"https://{ADDRESS}"  # the certificate is for server.test, too
    report = world.walk(only(world.https(answers({"/oauth2/token": Answer(status, "<html>")}))), url)
    hosts = [seen.evidence["host_header"] for seen in observed(report, "http") if "host_header" in seen.evidence]
    assert hosts == ([HOST] if asked else [])


def test_wildcards_and_addresses_are_no_names_to_ask_for() -> None:
    from ayx_diagnostics.model import Observation

    names = ["*.lab.test", "a.test", "10.0.0.7", "A.TEST", "b.test", "c.test", "d.test", "e.test"]
    seen = Observation("tls", "handshake", HOST, 0.0, 0.1, "ok", {"chain": [{"san": names}]})
    assert other_names([seen], "a.test") == ["b.test", "c.test", "d.test"]


# --- the API ---------------------------------------------------------------------------------------------------------

CURATOR, ANY, V1 = "/v3/users", "/v3/workflows", "/v1/workflows/subscription"
OK = Answer(200, [])

#: Answers to the three calls -> which of them are made, how often the first is repeated, and what else is asked.
API_ROWS: list[tuple[str, tuple[Answer, Answer, Answer], list[str], int, list[str]]] = [
    ("all is well", (OK, OK, OK), [CURATOR], 0, []),
    ("a low role", (DENIED, OK, OK), [CURATOR, ANY], 3, []),
    ("no third version", (NOT_FOUND, NOT_FOUND, OK), [CURATOR, ANY, V1], 0, []),
    ("everything denied", (DENIED, DENIED, DENIED), [CURATOR, ANY, V1], 3, SWAGGER),
    ("nothing there", (NOT_FOUND, NOT_FOUND, NOT_FOUND), [CURATOR, ANY, V1], 0, SWAGGER),
    ("broken", (Answer(500, {}), OK, OK), [CURATOR], 0, SWAGGER),
]


@pytest.mark.parametrize(
    ("given", "made", "repeats", "pages"), [row[1:] for row in API_ROWS], ids=[row[0] for row in API_ROWS]
)
def test_which_calls_are_made(
    world: World, given: tuple[Answer, Answer, Answer], made: list[str], repeats: int, pages: list[str]
) -> None:
    report = world.walk(only(world.https(answers(dict(zip((CURATOR, ANY, V1), given, strict=True))))))
    paths = [path.partition("?")[0] for path, _ in calls(report)]
    assert (paths[: len(made)], paths[len(made) :]) == (made, [CURATOR] * repeats)
    assert got(report) == pages
    authorised = ("basic", "authorization_header") in requests(report)
    assert authorised is (repeats > 0 and not any(status == 200 for _, status in calls(report)))


def test_a_repeated_call_that_is_accepted_is_the_last(world: World) -> None:
    asked = 0

    def by_turns(method: str, path: str, headers: Mapping[str, str]) -> Answer | OSError | None:
        nonlocal asked
        asked += CURATOR in path
        return DENIED if CURATOR in path and asked < 3 else alteryx(method, path, headers)

    report = world.walk(only(world.https(by_turns)))
    assert [status for path, status in calls(report) if path.startswith(CURATOR)] == [401, 401, 200]
    assert report.verdict.code == "token.node_bound"


def test_the_token_is_tried_at_the_other_addresses_that_accept(world: World) -> None:
    addresses = [ADDRESS, OTHER, "10.0.0.9", "10.0.0.10", "10.0.0.11", "10.0.0.12"]
    places = {(address, 443): world.https() for address in addresses if address != "10.0.0.9"} | {
        ("10.0.0.9", 443): SILENT
    }
    report = world.walk(FakeNetwork(names={HOST: addresses}, places=places), connect_timeout=2)
    tried = [seen for seen in observed(report, "api", "call") if seen.evidence["purpose"] == "other_address"]
    assert [seen.evidence["address"] for seen in tried] == [OTHER, "10.0.0.10", "10.0.0.11"]
    assert all(stream.closed for stream in world.network.streams)


def test_an_address_whose_certificate_is_not_accepted_gets_no_token(world: World, certificates: Any) -> None:
    import ssl

    made = certificates.server("wrong_host")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    there: list[tuple[str, str, dict[str, str]]] = []
    bad = World(context, world.ca_bundle, there)
    places = {(ADDRESS, 443): world.https(), (OTHER, 443): bad.https()}
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS, OTHER]}, places=places))
    other = [seen for seen in observed(report, "tls", "handshake") if seen.evidence["purpose"] == "other_address"]
    assert ([seen.outcome for seen in other], there) == (["verify_failed"], [])


def test_an_idle_connection_is_used_again_on_request(world: World) -> None:
    report = world.walk(only(world.https()), idle_s=600, max_time=1000)
    (seen,) = observed(report, "tcp", "idle")
    assert (seen.outcome, seen.evidence["idle_s"]) == ("ok", 600)
    assert seen.started_s > 600


def test_a_connection_that_the_server_ends_is_not_left_idle(world: World) -> None:
    ends = Answer(200, [], {"Connection": "close"})
    report = world.walk(only(world.https(answers({CURATOR: ends}))), idle_s=60, max_time=100)
    assert (observed(report, "tcp", "idle"), report.duration_s < 10) == ([], True)


def test_an_idle_connection_that_was_forgotten_on_the_way(world: World) -> None:
    asked = 0

    def forgets(method: str, path: str, headers: Mapping[str, str]) -> Answer | OSError | None:
        nonlocal asked
        asked += CURATOR in path
        return RESET if CURATOR in path and asked == 3 else alteryx(method, path, headers)

    report = world.walk(only(world.https(forgets)), idle_s=60, max_time=100)
    assert [seen.outcome for seen in observed(report, "tcp", "idle")] == ["reset"]


@pytest.mark.parametrize(
    ("skip", "touched"), [("api", ["POST /webapi/oauth2/token"]), ("token", ["GET /webapi/swagger/docs/3"])]
)
def test_a_stage_that_is_left_out_is_not_touched(world: World, skip: str, touched: list[str]) -> None:
    world.walk(only(world.https()), skip=[skip])
    assert world.pages == touched


@pytest.mark.parametrize("options", [{"skip": STAGES}, {"only": "tls", "skip": ["tls"]}])
def test_nothing_examined_is_not_healthy(world: World, options: dict[str, Any]) -> None:
    report = world.walk(only(world.https()), **options)
    assert (report.verdict.status, world.asked) == ("unknown", [])
    assert "nothing was examined" in report.verdict.sentence


def test_a_wait_that_the_budget_cut_short_is_marked(world: World) -> None:
    report = world.walk(only(world.https(answers({"/oauth2/token": None}))), max_time=4)
    (seen,) = observed(report, "token", "request")
    assert (seen.outcome, seen.evidence["cut_short"]) == ("timeout", True)
    assert report.verdict.status == "unknown"


def test_a_wait_as_long_as_the_clients_own_is_not_cut_short(world: World) -> None:
    report = world.walk(only(world.https(answers({"/oauth2/token": None}))), max_time=100)
    (seen,) = observed(report, "token", "request")
    assert (seen.outcome, "cut_short" in seen.evidence) == ("timeout", False)


def test_a_kept_connection_that_the_server_has_closed_is_replaced_and_everything_is_closed_in_the_end(
    world: World,
) -> None:
    asked = 0

    def hangs_up(method: str, path: str, headers: Mapping[str, str]) -> Answer | OSError | None:
        nonlocal asked
        asked += CURATOR in path
        return RESET if CURATOR in path and asked == 1 else alteryx(method, path, headers)

    report = world.walk(only(world.https(hangs_up)))
    assert ([status for _, status in calls(report)], report.verdict.status) == ([None, 200], "healthy")
    assert all(stream.closed for stream in world.network.streams)


def test_no_token_goes_over_a_connection_that_was_not_verified_whoever_has_one(world: World) -> None:
    from types import SimpleNamespace

    unverified = SimpleNamespace(context=world.context, verified=False)
    assert call_at_others(unverified, "/v3/users", "curator", Secret("t")) == []  # type: ignore[arg-type]  # as much of an exchange as is asked


def test_a_slow_document_costs_a_healthy_run_two_seconds_at_most(world: World) -> None:
    report = world.walk(only(world.https(answers({"/swagger/docs/3": None}))))
    assert report.duration_s == pytest.approx(2.0, abs=0.2)
    assert (report.verdict.status, observed(report, "api", "read_document")) == ("healthy", [])


def test_a_token_stays_out_of_every_observation(world: World) -> None:
    echoing = answers({CURATOR: Answer(200, [{"message": TOKEN["access_token"]}]), ANY: OK})
    report = world.walk(only(world.https(echoing)))
    assert str(TOKEN["access_token"]) not in json.dumps([seen.evidence for seen in report.observations])
