"""The handshake, row by row: what each way to fail makes worth asking, and what goes over an unverified connection."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest
from ayx_diagnostics.model import Report
from ayx_diagnostics.network.fake import FakeNetwork, Peer, Place
from ayx_simulator.peers.certificates import CertificateFactory
from walk_world import ADDRESS, HOST, Answer, Http, Raw, Silent, Tls, World, observed, only

ALERT = b"\x15\x03\x03\x00\x02\x02"


def alert(number: int) -> bytes:
    return ALERT + bytes([number])


def controls(report: Report) -> list[str]:
    """Return what was asked after the client's own handshake, by operation and purpose, in order."""
    at = next(index for index, seen in enumerate(report.observations) if seen.operation == "handshake")
    return [
        f"{seen.operation} {seen.evidence.get('purpose') or ''}".strip()
        for seen in report.observations[at + 1 :]
        if seen.operation in ("quiet", "handshake", "get", "control", "versions")
    ]


class Counting:
    """Makes peers: the first says one thing, every other another."""

    def __init__(self, first: bytes | OSError | None, later: Callable[[], Peer]) -> None:
        self._first, self._later = first, later
        self._made = 0

    def __call__(self) -> Peer:
        self._made += 1
        return Raw(self._first) if self._made == 1 else self._later()


CUT = ["quiet", "handshake no_sni", "get plain_http", "control nobody"]
RESET = ConnectionResetError(104, "Connection reset by peer")

#: How the handshake fails -> the controls.
ROWS: list[tuple[str, bytes | OSError | None, list[str]]] = [
    ("reset", RESET, CUT),
    ("closed", None, CUT),
    ("alert: handshake_failure", alert(40), ["versions"]),
    ("alert: protocol_version", alert(70), ["versions"]),
    ("alert: unrecognized_name", alert(112), ["handshake no_sni"]),
    ("alert: internal_error", alert(80), []),
    ("no TLS", b"SSH-2.0-OpenSSH_9.2 and so on\r\n", ["get plain_http"]),
    ("broken TLS", b"\x16\x03\x03\x00\x04\xff\x00\x00\x00", ["versions"]),
]


@pytest.mark.parametrize(("said", "made"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_controls_of_a_handshake_that_fails(world: World, said: bytes | OSError | None, made: list[str]) -> None:
    report = world.walk(only(Place(peer=lambda: Raw(said))))
    assert controls(report) == made
    assert all(stream.closed for stream in world.network.streams)


def test_the_controls_of_a_handshake_without_an_answer_go_side_by_side(world: World) -> None:
    report = world.walk(only(Place(peer=Silent)), connect_timeout=5)
    handshakes = ["handshake again", "handshake no_sni", "handshake small_segments", "handshake small_segments"]
    assert sorted(controls(report)) == ["control nobody", "get plain_http", *handshakes, "quiet"]
    assert report.duration_s < 16  # each of the handshakes takes five seconds


@pytest.mark.parametrize("said", [RESET, None])
def test_where_a_filter_cuts_the_handshake_a_known_proxy_may_be_the_way(world: World, said: OSError | None) -> None:
    network = FakeNetwork(
        names={HOST: [ADDRESS], "proxy.test": ["10.0.0.80"]},
        places={
            (ADDRESS, 443): Place(peer=lambda: Raw(said)),
            ("10.0.0.80", 3128): Place(peer=lambda: Raw(b"HTTP/1.1 200 OK\r\n\r\n")),
        },
    )
    report = world.walk(network, environ={"HTTP_PROXY": "http://proxy.test:3128"})
    assert [seen.outcome for seen in observed(report, "proxy", "tunnel")] == ["ok"]


def test_nobody_is_looked_for_next_to_loopback(world: World) -> None:
    network = FakeNetwork(places={("127.0.0.1", 443): Place(peer=lambda: Raw(None))})
    assert "control nobody" not in controls(world.walk(network, "https://127.0.0.1"))


def test_a_handshake_gets_no_more_than_half_of_a_short_budget(world: World) -> None:
    report = world.walk(only(Place(peer=Silent)), max_time=6, connect_timeout=10)
    (own, *_) = observed(report, "tls", "handshake")
    assert own.duration_s == pytest.approx(3.0, abs=0.1)
    assert report.duration_s <= 6.0


# --- the certificate -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def expired(certificates: CertificateFactory) -> ssl.SSLContext:
    made = certificates.server("expired")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    return context


def test_a_refused_certificate_is_looked_at_and_nothing_secret_goes_on(world: World, expired: ssl.SSLContext) -> None:
    report = world.walk(only(world.https(context=expired)))
    assert report.verdict.code == "tls.cert_expired"
    assert [seen.evidence["purpose"] for seen in observed(report, "tls", "handshake")] == ["client", "unverified"]
    assert [seen.outcome for seen in observed(report, "token")] == ["withheld", "ok"]
    assert [seen.evidence.get("style") for seen in observed(report, "token")] == [None, "none"]
    assert all("authorization" not in headers for _, _, headers in world.asked)


def test_an_unverified_connection_gets_no_credentials_though_the_user_wants_none_verified(
    world: World, expired: ssl.SSLContext
) -> None:
    report = world.walk(only(world.https(context=expired)), verify=False)
    purposes = [seen.evidence["purpose"] for seen in observed(report, "tls", "handshake")]
    assert purposes == ["client", "verifying"]
    assert [seen.evidence.get("style") for seen in observed(report, "token")] == [None, "none"]


def test_a_certificate_refused_behind_a_proxy_is_compared_with_the_direct_one(
    world: World, expired: ssl.SSLContext
) -> None:
    class Proxy(Silent):
        """Opens the tunnel, and then shows a certificate of its own."""

        def __init__(self) -> None:
            self._inner: Peer | None = None

        def hear(self, data: bytes) -> bytes | None:
            if self._inner is None:
                self._inner = Tls(expired, Http(lambda *_: Answer(), []))
                return b"HTTP/1.1 200 OK\r\n\r\n"
            return self._inner.hear(data)

    network = FakeNetwork(
        names={HOST: [ADDRESS], "proxy.test": ["10.0.0.80"]},
        places={("10.0.0.80", 3128): Place(peer=Proxy), (ADDRESS, 443): world.https()},
    )
    report = world.walk(network, proxy="http://proxy.test:3128")
    seen = {each.evidence["purpose"]: each.outcome for each in observed(report, "tls", "handshake")}
    assert seen == {"client": "verify_failed", "direct": "ok", "unverified": "ok"}
    assert all(stream.closed for stream in world.network.streams)


# --- plain HTTP where TLS was due ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "tried"),
    [(b"\x15\x03\x03\x00\x02\x02\x0a", True), (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", True),
     (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False)],
    ids=["an alert", "a bare 400", "an answer"],
)  # fmt: skip
def test_a_port_that_does_not_speak_plain_http_is_asked_for_tls(world: World, said: bytes, tried: bool) -> None:
    report = world.walk(only(Place(peer=Counting(said, lambda: Raw(said)))), f"http://{HOST}", allow_http=True)
    assert bool(observed(report, "tls", "handshake")) is tried


def test_only_tls_asks_for_nothing_behind_it(world: World) -> None:
    kwargs: dict[str, Any] = {"only": "tls"}
    report = world.walk(only(world.https()), **kwargs)
    assert (report.verdict.status, world.asked) == ("healthy", [])


def test_a_peer_without_a_verified_certificate_is_not_the_server_that_was_met(
    world: World, expired: ssl.SSLContext
) -> None:
    """Then the address itself is in doubt, and nameservers are asked for it."""
    asked = {context: world.walk(only(world.https(context=context))) for context in (world.context, expired)}
    assert [bool(observed(report, "dns", "query")) for report in asked.values()] == [False, True]
