"""What a failing call raises, over real faults on loopback: the code where the exception proves it, else the stage."""

from __future__ import annotations

import asyncio
import copy
import io
import pickle
import socket
import ssl
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest
from ayx_connection import connect, run_workflow, save_output, save_package, wait_for_job
from ayx_connection.client import Server
from ayx_connection.failures import (
    AddressError,
    AyxError,
    ConnectionFailedError,
    ContentError,
    CredentialsWithheldError,
    JobTimeoutError,
    ProxyError,
    StatusError,
    TokenError,
    TrustError,
)
from ayx_connection.failures.failure_reading import Progress, read_failure
from ayx_simulator import Simulator
from ayx_simulator.peers.certificates import CertificateFactory, ServerCertificate
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.proxy import FaultyProxy

PAIR: dict[str, Any] = {"client_id": "8DA0000000000000", "client_secret": "5ec2e7" * 10}
#: Only where something is silent: a busy machine needs more for everything else.
WAIT: dict[str, Any] = {"connect_timeout": 0.4, "read_timeout": 0.4}


def patience(behaviour: str) -> dict[str, Any]:
    return WAIT if "silen" in behaviour else {}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("failures"), hosts=("localhost", "127.0.0.1"))


def failing(server: Server) -> AyxError:
    """Make one call that fails, in both ways, and hold what it raises to what all of them have in common."""
    with server, pytest.raises(AyxError) as caught:
        server.request("GET", "/v3/workflows")
    check(caught.value)

    async def run() -> None:
        async with server:
            await server.arequest("GET", "/v3/workflows")

    with pytest.raises(AyxError) as caught_async:
        asyncio.run(run())
    check(caught_async.value)
    alike = caught.value.stage, caught.value.code
    assert (caught_async.value.stage, caught_async.value.code) == alike
    return caught.value


def check(error: AyxError) -> None:
    shown = str(error)
    assert shown.isprintable()
    assert shown.endswith("run `ayxctl diagnose`")
    assert (f"[{error.code}]" if error.code else f"[stage {error.stage}]") in shown
    assert not error.code or error.code.startswith(f"{error.stage}.")
    assert PAIR["client_secret"] not in shown + repr(error)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.code, again.stage) == (shown, error.code, error.stage)
    assert copy.copy(error).args == error.args
    if isinstance(error, httpx.HTTPError):
        assert isinstance(error.__cause__, httpx.HTTPError | OSError)
        assert isinstance(
            error, type(error.__cause__) if isinstance(error.__cause__, httpx.HTTPError) else httpx.ReadError
        )


# TCP


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failing(connect(f"https://127.0.0.1:{port}", **PAIR))
    assert isinstance(error, httpx.ConnectError)
    assert (error.stage, error.code) == ("tcp", None)
    assert "nothing listens there, or a firewall refuses" in str(error)


def test_nothing_listens_on_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (1, 2)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: places)
    error = failing(connect(f"https://two.test:{port}", **PAIR))
    assert (error.stage, error.code) == ("tcp", None)
    assert "nothing listens there" in str(error)


def test_nobody_accepts() -> None:
    with FaultyServer("never_accepts") as server:
        error = failing(connect(f"https://127.0.0.1:{server.port}", **PAIR, **WAIT))
    assert isinstance(error, httpx.ConnectTimeout)
    assert (error.stage, error.code) == ("tcp", None)


def test_no_file_left_for_a_socket() -> None:
    """In a process of its own, which really may have no further open file."""
    pytest.importorskip("resource", reason="needs a limit of open files, as POSIX has it")
    program = (
        "import os, resource, sys\n"
        "from ayx_connection import connect, AyxError\n"
        "server = connect('https://127.0.0.1:1', client_id='k' * 16, client_secret='s' * 64)\n"
        "server.get_httpx_client()\n"
        "try: server.request('GET', '/v3/workflows')\n"
        "except AyxError as error: print(error.code)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "try:\n"
        "    while True: os.dup(0)\n"
        "except OSError: pass\n"
        "try: server.request('GET', '/v3/workflows')\n"
        "except AyxError as error: print(error.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout.split(), done.stderr) == (["None", "local.fd_limit"], "")


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL])
def test_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def unknown(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(number, "so says the system")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failing(connect("https://ayx.invalid", **PAIR))
    assert isinstance(error, httpx.ConnectError)
    assert (error.stage, error.code) == ("dns", None)
    proxied = failing(connect("https://ayx.invalid", proxy="http://proxy.invalid:3128", **PAIR))
    assert (proxied.stage, proxied.code) == ("proxy", "proxy.name_not_resolved")


# TLS


@pytest.mark.parametrize(
    ("variant", "code"),
    [
        ("expired", "tls.cert_expired"),
        ("expired_intermediate", "tls.cert_expired"),
        ("not_yet_valid", "tls.cert_not_yet_valid"),
        ("wrong_host", "tls.hostname_mismatch"),
        ("self_signed", "tls.self_signed"),
        ("client_eku", "tls.wrong_eku"),
        ("rsa_1024", "tls.weak_key_or_sig"),
        ("name_constraints", "tls.name_constraints"),
        ("unknown_ca", None),
        ("unknown_ca_root_sent", None),
        ("missing_intermediate", None),
        ("intercepted", None),
    ],
)
def test_a_certificate_that_is_refused(
    certificates: CertificateFactory, ca_file: Path, variant: str, code: str | None
) -> None:
    made = certificates.server(variant)
    with FaultyServer("http_ok", certificate=made.chain, key=made.key) as server:
        root = made.root if made.trusted else ca_file  # an unrelated one
        error = failing(connect(f"https://localhost:{server.port}", ca_bundle=root, **PAIR))
    assert isinstance(error, httpx.ConnectError)
    assert (error.stage, error.code) == ("tls", code)


@pytest.mark.parametrize(
    ("variant", "code"),
    [("no_aki", "tls.strict_missing_aki"), ("root_not_critical", "tls.strict_basic_constraints")],
)
def test_a_certificate_that_python_3_13_refuses_by_default(
    certificates: CertificateFactory, variant: str, code: str
) -> None:
    """connect() itself is not that strict; other clients' errors are read with the same table."""
    made = certificates.server(variant)
    context = ssl.create_default_context(cafile=str(made.root))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        FaultyServer("http_ok", certificate=made.chain, key=made.key) as server,
        httpx.Client(verify=context, trust_env=False) as client,
        pytest.raises(httpx.ConnectError) as caught,
    ):
        client.get(f"https://localhost:{server.port}")
    assert read_failure(caught.value, Progress("http", through_proxy=False)).code == code


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("tls_1_1_only", "tls.protocol_version"),
        ("alert:70", "tls.protocol_version"),
        ("alert:71", "tls.no_shared_cipher"),
        ("alert:112", "tls.unrecognized_name"),
        ("alert:49", "tls.access_denied_alert"),
        ("alert:80", "tls.access_denied_alert"),
        ("alert:40", None),
        ("alert:48", None),
        ("outdated_cipher", None),
        ("client_certificate_1_2", None),
        ("client_certificate_1_3", "tls.client_cert_required_13"),
        ("plain_http", None),
        ("ssh_banner", None),
        ("hello_then_fin", None),
        ("hello_then_reset", None),
        ("hello_then_silence", None),
    ],
)
def test_a_handshake_that_fails(certificates: CertificateFactory, behaviour: str, code: str | None) -> None:
    made = certificates.server("good")
    with FaultyServer(behaviour, certificate=made.chain, key=made.key) as server:
        error = failing(connect(f"https://localhost:{server.port}", ca_bundle=made.root, **PAIR, **patience(behaviour)))
    assert isinstance(error, httpx.TransportError)
    assert (error.stage, error.code) == ("tls", code)


# HTTP


@pytest.mark.parametrize(
    ("behaviour", "stage", "code"),
    [
        ("http_fin", "token", None),
        ("http_reset", "token", None),
        ("http_silence", "token", None),
        ("http_garbage", "token", None),
        ("http_body_cut", "http", "http.body_cut"),
        ("http_huge_header", "http", "http.header_too_large"),
        ("tls_then_silence", "token", None),
    ],
)
def test_a_token_endpoint_that_breaks_off(
    certificates: CertificateFactory, behaviour: str, stage: str, code: str
) -> None:
    made = certificates.server("good")
    with FaultyServer(behaviour, certificate=made.chain, key=made.key) as server:
        error = failing(connect(f"https://localhost:{server.port}", ca_bundle=made.root, **PAIR, **patience(behaviour)))
    assert isinstance(error, ConnectionFailedError)
    assert (error.stage, error.code) == (stage, code)


@pytest.mark.parametrize(
    ("fault", "kind", "stage", "code"),
    [
        ("http.body_cut", httpx.RemoteProtocolError, "http", "http.body_cut"),
        ("http.bad_encoding", httpx.DecodingError, "http", "http.bad_encoding"),
        ("http.header_too_large", httpx.RemoteProtocolError, "http", "http.header_too_large"),
        ("http.body_stall", httpx.ReadTimeout, "http", None),
        ("http.read_timeout", httpx.ReadTimeout, "http", None),
        ("http.no_response_fin", httpx.RemoteProtocolError, "http", None),
        ("http.reset_after_request", httpx.TransportError, "http", None),
    ],
)
def test_an_answer_that_breaks_off(
    ayx_simulator: Simulator,
    fault: str,
    kind: type[Exception],
    stage: str,
    code: str,
) -> None:
    ayx_simulator.faults.set(fault, path="/v3/")
    error = failing(connected(ayx_simulator, read_timeout=0.5 if kind is httpx.ReadTimeout else 30))
    assert isinstance(error, kind)
    assert isinstance(error, ConnectionFailedError)
    assert (error.stage, error.code) == (stage, code)


def connected(simulator: Simulator, **more: Any) -> Server:
    return connect(
        simulator.web_api_address,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        ca_bundle=simulator.ca_bundle,
        **more,
    )


# Proxies


@pytest.mark.parametrize(
    ("behaviour", "stage", "code"),
    [
        ("denied", "proxy", "proxy.denied"),
        ("web_server", "proxy", "proxy.connect_not_allowed"),
        ("login_redirect", "proxy", "proxy.connect_redirect"),
        ("upstream_dns_fail", "proxy", None),
        ("gateway_timeout", "proxy", None),
        ("bad_gateway", "proxy", None),
        ("cannot_forward", "proxy", None),
        ("silent", "proxy", None),
        ("fin", "proxy", None),
        ("reset", "proxy", None),
        ("ssh_banner", "proxy", None),
        ("tunnel_reset", "tls", None),
        ("tunnel_fin", "tls", None),
        ("tunnel_silence", "tls", None),
        ("tunnel_html", "tls", None),
    ],
)
def test_a_proxy_that_stands_in_the_way(behaviour: str, stage: str, code: str | None) -> None:
    with FaultyProxy(behaviour) as proxy:
        error = failing(connect("https://ayx.test", proxy=proxy.url, **PAIR, **patience(behaviour)))
    assert isinstance(error, httpx.TransportError)
    assert (error.stage, error.code) == (stage, code)
    assert "through proxy" in str(error)


def test_a_proxy_that_wants_credentials() -> None:
    with FaultyProxy(credentials=("user", "right")) as proxy:
        address = proxy.url.replace("//", "//user:wr0ng-word@")
        error = failing(connect("https://ayx.test", proxy=address, **PAIR))
    assert isinstance(error, httpx.ProxyError)
    assert error.code == "proxy.auth_required"  # type: ignore[unreachable]  # both classes at once
    assert "wr0ng-word" not in str(error)


def test_a_proxy_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failing(connect("https://ayx.test", proxy=f"http://127.0.0.1:{port}", **PAIR))
    assert (error.stage, error.code) == ("proxy", "proxy.refused_or_unreachable")


def test_tls_for_a_proxy_that_speaks_none() -> None:
    with FaultyProxy("ssh_banner") as proxy:
        error = failing(connect("https://ayx.test", proxy=proxy.url.replace("http:", "https:"), **PAIR))
    assert (error.stage, error.code) == ("proxy", None)


# The token endpoint


@pytest.mark.parametrize(
    ("fault", "argument", "code"),
    [
        ("token.invalid_client", 400, "token.invalid_client"),
        ("token.invalid_client", 401, "token.invalid_client"),
        ("token.unsupported_grant_type", None, "token.unsupported_grant_type"),
        ("token.not_found", None, "token.not_found"),
        ("token.method_changed_by_redirect", 301, "token.method_changed_by_redirect"),
        ("token.not_json", "html", "token.not_json"),
        ("token.not_json", "json", "token.not_json"),
        ("token.server_error", None, "token.server_error"),
        ("token.throttled", 429, "token.throttled"),
        ("token.throttled", 503, "token.throttled"),
        ("token.forbidden", None, "token.forbidden"),
        ("http.gateway_5xx", 502, None),
    ],
)
def test_a_token_endpoint_that_gives_none(
    ayx_simulator: Simulator, fault: str, argument: object, code: str | None
) -> None:
    ayx_simulator.faults.set(fault, argument)
    error = failing(connected(ayx_simulator))
    assert isinstance(error, TokenError)
    assert (error.stage, error.code) == ("token", code)


# Status and content, where somebody has to judge them


@pytest.mark.parametrize(
    ("fault", "proven"),
    [
        ("http.rate_limited", ("http", "http.rate_limited")),
        ("http.gateway_5xx", ("http", None)),
        ("http.redirect_to_login", ("http", None)),
        ("api.unauthorized", ("api", None)),
        ("api.not_found", ("api", None)),
        ("api.server_error", ("api", None)),
    ],
)
@pytest.mark.parametrize("helper", ["run_workflow", "wait_for_job", "save_output", "save_package"])
def test_a_job_helper_that_is_refused(
    ayx_simulator: Simulator, tmp_path: Path, fault: str, proven: tuple[str, str | None], helper: str
) -> None:
    ayx_simulator.faults.set(fault, path="/v")
    with connected(ayx_simulator) as server, pytest.raises(httpx.HTTPStatusError) as caught:
        use(helper, server, tmp_path)
    error = caught.value
    assert isinstance(error, StatusError)
    check(error)
    assert (error.stage, error.code) == proven
    assert error.status == error.response.status_code
    assert "Server " in error.answered_by
    assert list(tmp_path.iterdir()) == []
    again = pickle.loads(pickle.dumps(error))
    assert again.response.status_code == error.status
    assert "Authorization" not in error.request.headers
    assert "Authorization" not in again.request.headers


def use(helper: str, server: Server, folder: Path) -> None:
    if helper == "run_workflow":
        run_workflow(server, "id")
    elif helper == "wait_for_job":
        wait_for_job(server, "id")
    elif helper == "save_output":
        save_output(server, "id", "output", folder / "output")
    else:
        save_package(server, "id", folder / "package")


@pytest.mark.parametrize("helper", ["run_workflow", "wait_for_job"])
def test_a_page_where_json_was_asked_for(ayx_simulator: Simulator, tmp_path: Path, helper: str) -> None:
    ayx_simulator.faults.set("http.html_instead_of_json", path="/v1/")
    with connected(ayx_simulator) as server, pytest.raises(ContentError) as caught:
        use(helper, server, tmp_path)
    check(caught.value)
    assert (caught.value.status, caught.value.stage, caught.value.code) == (200, "http", None)
    assert caught.value.content_type.startswith("text/html")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("fault", "code"), [("http.body_cut", "http.body_cut"), ("http.bad_encoding", "http.bad_encoding")]
)
def test_a_download_that_breaks_off(ayx_simulator: Simulator, tmp_path: Path, fault: str, code: str) -> None:
    from ayx_client.api.workflows import get_workflows

    with connected(ayx_simulator) as server:
        workflow = next(iter(get_workflows.sync(client=server) or []))
        ayx_simulator.faults.set(fault, path="/package")
        with pytest.raises(ConnectionFailedError) as caught:
            save_package(server, str(workflow.id), tmp_path / "package")
    check(caught.value)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


# Generated functions, and what the caller does wrong


@pytest.mark.parametrize(
    ("fault", "proven"),
    [
        ("http.rate_limited", ("http", "http.rate_limited")),
        ("http.gateway_5xx", ("http", None)),
        ("http.redirect_to_login", ("http", None)),
        ("http.html_instead_of_json", ("http", None)),
        ("api.unauthorized", ("api", None)),
        ("api.server_error", ("api", None)),
    ],
)
def test_a_generated_function_that_is_refused(
    ayx_simulator: Simulator, fault: str, proven: tuple[str, str | None]
) -> None:
    from ayx_client.api.users import get_users
    from ayx_client.errors import ErrorResponse, UnexpectedContent

    ayx_simulator.faults.set(fault, path="/v3/")
    is_page = fault == "http.html_instead_of_json"
    theirs = UnexpectedContent if is_page else httpx.HTTPStatusError
    of_methods = UnexpectedContent if is_page else ErrorResponse

    async def run() -> None:
        async with connected(ayx_simulator) as server:
            await get_users.asyncio(client=server)

    with connected(ayx_simulator) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", UnexpectedContent)
        with pytest.raises(theirs) as caught:
            get_users.sync(client=server)
        with pytest.raises(theirs) as caught_async:
            asyncio.run(run())
        with pytest.raises(of_methods) as caught_method:
            server.users.get_users()
        detailed = get_users.sync_detailed(client=server)
    for error in (caught.value, caught_async.value, caught_method.value):
        assert isinstance(error, ContentError if is_page else StatusError)
        check(error)
        assert (error.stage, error.code) == proven
        assert str(error).startswith("GET /webapi/v3/users: ")
        assert error.status == detailed.status_code
    assert detailed.parsed is None or is_page


def test_an_upload_that_breaks_off(ayx_simulator: Simulator) -> None:
    from ayx_client.api.workflows import create_workflow
    from ayx_client.models import CreateWorkflowBody
    from ayx_client.types import File

    ayx_simulator.faults.set("http.reset_after_request", path="/v3/")

    def package() -> CreateWorkflowBody:
        return CreateWorkflowBody(
            file=File(io.BytesIO(b"x" * 300_000), "flow.yxzp", "application/octet-stream"),
            name="A flow",
            owner_id="o1",
            is_public=False,
            is_ready_for_migration=False,
            others_may_download=True,
            others_can_execute=True,
            execution_mode="Standard",
            workflow_credential_type="Default",
        )

    with connected(ayx_simulator) as server, pytest.raises(ConnectionFailedError) as caught:
        create_workflow.sync(client=server, body=package())
    check(caught.value)
    assert caught.value.stage == "http"

    async def upload() -> None:
        async with connected(ayx_simulator) as server:
            await create_workflow.asyncio(client=server, body=package())

    with pytest.raises(ConnectionFailedError) as caught:
        asyncio.run(upload())
    assert caught.value.stage == "http"


def test_a_header_that_cannot_be_sent(ayx_simulator: Simulator) -> None:
    with connected(ayx_simulator) as server, pytest.raises(httpx.LocalProtocolError) as caught:
        server.request("GET", "/v3/workflows", headers={"X-Trace": "two\nlines"})
    assert isinstance(caught.value, ConnectionFailedError)
    check(caught.value)
    assert (caught.value.stage, caught.value.code) == ("local", None)


# The chain of causes


def test_what_the_caller_was_handling_is_no_cause(certificates: CertificateFactory) -> None:
    made: ServerCertificate = certificates.server("unknown_ca")
    with FaultyServer("http_ok", certificate=made.chain, key=made.key) as server:
        try:
            Path("no-such-file").read_bytes()
        except OSError:
            with connect(f"https://localhost:{server.port}", **PAIR) as client, pytest.raises(AyxError) as caught:
                client.request("GET", "/v3/workflows")
    assert "issuer is not trusted" in str(caught.value)


def test_an_own_trace_is_told_as_well(ayx_simulator: Simulator) -> None:
    seen: list[str] = []
    with connected(ayx_simulator) as server:
        trace = {"trace": lambda event, _info: seen.append(event)}
        assert server.request("GET", "/v3/workflows", extensions=trace).status_code == 200
    assert "http11.receive_response_body.complete" in seen


def test_every_error_of_ours_can_be_pickled() -> None:
    errors: list[AyxError] = [
        AddressError("no", code="config.url_invalid"),
        ProxyError("no", code="proxy.url_invalid", origin="environment HTTPS_PROXY"),
        TrustError("no", setting="ca_bundle", origin="option", path="/x", kind="missing"),
        CredentialsWithheldError("no", code="token.plaintext"),
        TokenError("no", status=400, error="invalid_client", code="token.invalid_client"),
        JobTimeoutError("no", job_id="1", status="Running"),
    ]
    for error in errors:
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
