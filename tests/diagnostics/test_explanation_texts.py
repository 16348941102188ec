"""What people paste, and the code that it has to lead to: in every language, whole or cut, in logs, pages and mails."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.explanation import explain, understand
from ayx_diagnostics.explanation.encodings import decoded
from ayx_diagnostics.explanation.next_steps import command_for
from ayx_diagnostics.model import Confidence

FOLDER = Path(__file__).parent / "explained"


def table(name: str) -> list[list[str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n").split("\t") for line in lines if line and not line.startswith("# ")]


TEXTS = table("texts.tsv")
UNRELATED = (FOLDER / "unrelated.txt").read_text(encoding="utf-8").split("\n%%\n")

REFUSED = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='ayx', port=443): Max retries exceeded with url: \
/webapi/oauth2/token (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f1>: \
Failed to establish a new connection: [Errno 111] Connection refused'))"
)


def first(text: str) -> str | None:
    return next((match.code for match in explain(text)), None)


@pytest.mark.parametrize(("codes", "library", "text"), TEXTS, ids=[row[2][:70] for row in TEXTS])
def test_a_known_text_leads_to_its_code(codes: str, library: str, text: str) -> None:
    found = understand(text)
    assert [match.code for match in found.matches][:1] == [codes.split("|", maxsplit=1)[0]]
    assert {match.code for match in found.matches[:3]} >= set(codes.split("|"))
    assert found.library == (library or None)


@pytest.mark.parametrize("text", UNRELATED, ids=[text[:60] for text in UNRELATED])
def test_a_text_of_another_trade_is_no_match(text: str) -> None:
    assert explain(text) == []


@pytest.mark.parametrize(
    "dressed",
    [
        "\x1b[31m" + REFUSED + "\x1b[0m",
        "[31m" + REFUSED + "[0m",
        REFUSED.replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;"),
        REFUSED.replace("'", "\u2019"),
        "> " + REFUSED.replace("(Caused", "\n> (Caused").replace("Failed to", "Failed\n> to"),
        '{"level":"error","msg":"' + ("line\\n" * 3) + REFUSED.replace('"', '\\"') + '"}',
        "\ufeff" + REFUSED.replace(" ", "\u00a0"),
        REFUSED[REFUSED.index("Caused") : -20],
        f"2026-11-25 10:00:00,123 INFO starting\n2026-11-25 10:00:01,000 ERROR {REFUSED}\n2026-11-25 10:00:02 INFO bye",
        "E       " + REFUSED,
        "W/System.err: " + REFUSED.upper(),
    ],
    ids=["colours", "lost", "html", "curly", "mail", "json log", "blanks", "cut", "log", "pytest", "capitals"],
)
def test_how_a_text_was_handed_on_does_not_matter(dressed: str) -> None:
    assert first(dressed) == "tcp.refused_by_host"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            '2026/11/25 22:41:22 Post "https://ayx/webapi": dial tcp 10.1.2.3:443: connection refused',
            "tcp.refused_by_host",
        ),
        ("connect ECONNREFUSED 10.1.2.3:443 fingerprint: 'AA:22:0C:25:EF:22'", "tcp.refused_by_host"),
        ("dial tcp ayx:22: connect: connection refused", None),
        ("connect to 10.0.0.7:25: connection refused", None),
    ],
)
def test_a_time_or_a_fingerprint_is_no_port_of_another_protocol(text: str, code: str | None) -> None:
    assert first(text) == code


def test_the_last_error_of_a_log_counts() -> None:
    log = f"""\
2026-11-25 10:00:00 WARNING Retrying (Retry(total=2)) after connection broken by 'NewConnectionError(': \
[Errno 111] Connection refused')': /webapi/oauth2/token
2026-11-25 10:00:05 ERROR {REFUSED}
2026-11-25 10:01:00 INFO second run
2026-11-25 10:01:31 ERROR requests.exceptions.ReadTimeout: \
HTTPSConnectionPool(host='ayx', port=443): Read timed out. (read timeout=30)
2026-11-25 10:01:31 INFO giving up
"""
    assert first(log) == "http.read_timeout"


INNER = """\
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/urllib3/connection.py", line 203, in _new_conn
    sock = connection.create_connection(
  File "/usr/lib/python3.11/socket.py", line 962, in getaddrinfo
    for res in _socket.getaddrinfo(host, port, family, type, proto, flags):
socket.gaierror: [Errno -2] Name or service not known
"""
OUTER = """\
Traceback (most recent call last):
  File "fetch.py", line 4, in <module>
    token = get_token()
RuntimeError: could not get a token: timed out
"""


@pytest.mark.parametrize(
    "between",
    [
        "\nThe above exception was the direct cause of the following exception:\n\n",
        "\nDuring handling of the above exception, another exception occurred:\n\n",
    ],
)
def test_the_innermost_exception_of_a_chain_counts(between: str) -> None:
    assert first(INNER + between + OUTER) == "dns.nxdomain"


def test_a_traceback_with_a_prefix_before_every_line_is_read() -> None:
    whole = INNER + "\nThe above exception was the direct cause of the following exception:\n\n" + OUTER
    log = "".join(f"2026-11-25T10:00:0{n % 10}.{n:03}Z app[7]: {line}\n" for n, line in enumerate(whole.splitlines()))
    assert first(log) == "dns.nxdomain"


def test_a_traceback_that_a_log_keeps_in_one_line_is_read() -> None:
    whole = INNER + "\nThe above exception was the direct cause of the following exception:\n\n" + OUTER
    assert first("2026-11-25 10:00:00 ERROR update failed " + " ".join(whole.split())) == "dns.nxdomain"
    before = f'ERROR {REFUSED} Traceback (most recent call last): File "/app/job.py", line 4, in run get_token()'
    assert first(before) == "tcp.refused_by_host"


def test_the_source_line_of_a_cut_traceback_is_not_what_the_exception_says() -> None:
    cut = """\
  File "/lib/python3.11/site-packages/httpx/_config.py", line 146, in load_ssl_context_verify
    context.load_verify_locations(cafile=cafile)
FileNotFoundError: [Errno 2] No such file or directory
"""
    assert first(cut) == "tls.ca_bundle_unreadable"


@pytest.mark.parametrize(("module", "code"), [("ftplib.py", None), ("urllib/request.py", "tcp.syn_dropped")])
def test_what_speaks_another_protocol_is_seen_in_the_files_of_the_stack(module: str, code: str | None) -> None:
    stack = f"""\
Traceback (most recent call last):
  File "/usr/lib/python3.11/{module}", line 152, in connect
  File "/usr/lib/python3.11/socket.py", line 833, in create_connection
TimeoutError: [Errno 110] Connection timed out
"""
    assert first(stack) == code


DOTNET = """\
System.Net.Http.HttpRequestException: An error occurred while sending the request.
 ---> System.Net.Http.HttpIOException: failed
 ---> System.Net.Sockets.SocketException (10061): verweigert
   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException()
   --- End of inner exception stack trace ---
"""
JAVA = """\
javax.ws.rs.ProcessingException: failed
\tat A.b(A.java:1)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect0(Native Method)
\t... 9 more
"""
NODE = """\
TypeError: fetch failed
    at node:internal/deps/undici/undici:14976:13 {
  [cause]: Error: connect ECONNREFUSED 10.0.0.7:443
      at x (node:net:1:1) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}
"""


@pytest.mark.parametrize(
    "text",
    [DOTNET, JAVA, NODE],
    ids=["dotnet", "java", "node"],
)
def test_causes_that_follow_their_exception_count_as_inner(text: str) -> None:
    assert first(text) == "tcp.refused_by_host"


def test_what_the_same_words_mean_depends_on_the_library_and_its_age() -> None:
    old = explain("ConnectionError: ('Connection aborted.', error(110, 'Connection timed out'))")
    new = explain("ConnectionError: ('Connection aborted.', TimeoutError(110, 'Connection timed out'))")
    assert [match.code for match in old[:3]] == [
        "tcp.syn_dropped",
        "proxy.not_configured_but_needed",
        "tcp.path_died_in_flight",
    ]
    assert [match.code for match in new[:2]] == ["tcp.path_died_in_flight", "tcp.stateful_idle_cut"]


def test_the_road_through_a_proxy_is_seen_in_the_stack() -> None:
    stack = 'Traceback (most recent call last):\n  File "/lib/httpcore/_sync/{}.py", line 1, in handle_request\n{}'
    direct = stack.format("connection", "httpx.ConnectError: [Errno 111] Connection refused")
    proxied = stack.format("http_proxy", "httpx.ConnectError: [Errno 111] Connection refused")
    assert first(direct) == "tcp.refused_by_host"
    assert first(proxied) == "proxy.refused_or_unreachable"
    bare = [match.code for match in explain("httpx.ConnectError: [Errno 111] Connection refused")]
    assert bare[:3] == ["tcp.refused_by_host", "tcp.refused_by_middlebox", "proxy.refused_or_unreachable"]


def test_ambiguous_words_name_every_cause_and_how_to_tell_them_apart() -> None:
    matches = explain("certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)")
    assert {"tls.missing_intermediate", "tls.unknown_ca_private", "tls.intercepted"} <= {m.code for m in matches[:3]}
    assert all(match.next[0] == "ayxctl diagnose --only tls" for match in matches[:3])
    assert len({match.next[1] for match in matches}) == len(matches)


def test_a_match_is_shaped_as_the_contract_says() -> None:
    document = understand(REFUSED).as_document()
    assert set(document) == {"matches", "library"}
    for match in document["matches"]:
        assert set(match) == {"code", "stage", "confidence", "why", "next"}
        assert match["stage"] == catalogue.entry(match["code"]).stage
        assert match["confidence"] in get_args(Confidence)
        assert match["why"]
        assert match["next"][0].startswith("ayxctl diagnose --only ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_are_decoded_as_shells_write_them(encoding: str) -> None:
    assert first(decoded(REFUSED.encode(encoding))) == "tcp.refused_by_host"


def test_an_error_at_the_start_of_a_long_log_is_still_found() -> None:
    assert first(f"ERROR {REFUSED}\n" + "2026-11-25 10:00:00 INFO nothing happened\n" * 8_000) == "tcp.refused_by_host"


REFUSED = "2026-01-01 10:00:00 ERROR ConnectionRefusedError: [Errno 111] Connection refused"
EXPIRED = (
    "2026-01-01 10:05:00 ERROR ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: certificate has expired (_ssl.c:1006)"
)


def test_a_text_that_fits_several_causes_proves_none_of_them() -> None:
    matches = explain("socket.gaierror: [Errno -2] Name or service not known")
    assert [(match.code, match.confidence) for match in matches[:2]] == [
        ("dns.nxdomain", "likely"),
        ("dns.cname_to_nowhere", "possible"),
    ]


def test_of_two_errors_in_a_log_the_last_is_explained() -> None:
    assert explain(f"{REFUSED}\n\n{EXPIRED}\n")[0].code == "tls.cert_expired"
    assert explain(f"{EXPIRED}\n\n{REFUSED}\n")[0].code == "tcp.refused_by_host"


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("tcp.syn_dropped", "ayxctl diagnose --only tcp"),
        ("tcp.mtu_blackhole", "ayxctl diagnose --only tls"),  # small packets, such as those that connect, get through
        ("tls.ocsp_crl_blocked", "ayxctl explain tls.ocsp_crl_blocked"),  # no probe of ours sees it
    ],
)
def test_the_command_goes_as_far_as_the_proof(code: str, command: str) -> None:
    assert command_for(code) == command
