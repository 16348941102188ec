"""Text that attacks whoever prints it, in every place that a peer, a document or a file has, through every command."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.command_line.app import app
from ayx_diagnostics.command_line.terminal import console
from ayx_diagnostics.report.formats import FORMATS
from ayx_simulator.peers.listener import Connection, Listener
from outputs import HOSTILE, form_of, wrong

Run = Callable[..., tuple[int, str, str]]

#: As far as a header field can hold it.
IN_HEADER = re.sub(r"[\r\n]", " ", HOSTILE)
REPORTS = ("report.json", "report.xml", "report.md", "report.html", "report.txt")
SEEN = "evil"


def _answer(status: str, body: str = "{}", *headers: str, kind: str = "application/json") -> bytes:
    content = body.encode("utf-8", "surrogatepass")
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + content


_PAGE = f"<html><head><title>{HOSTILE}</title></head><body>{HOSTILE}</body></html>"
_VALUES = json.dumps([{"id": HOSTILE, HOSTILE: 1, "role": HOSTILE}])
#: Where a peer puts it -> what it answers to every request.
PLACES: dict[str, bytes] = {
    "server": _answer("503 No", "{}", f"Server: {IN_HEADER}"),
    "via": _answer("502 No", "{}", f"Via: 1.1 {IN_HEADER}", f"X-Cache: {IN_HEADER}"),
    "reason": _answer(f"401 {IN_HEADER}"),
    "location": _answer("302 Found", "", f"Location: http://other.test/{IN_HEADER.replace(' ', '-')}"),
    "title": _answer("403 Forbidden", _PAGE, kind="text/html; charset=utf-8"),
    "page": _answer("200 OK", _PAGE, kind="text/html; charset=utf-8"),
    "body": _answer("500 No", HOSTILE, kind="text/plain; charset=utf-8"),
    "description": _answer("401 No", json.dumps({"error": "invalid_client", "error_description": HOSTILE})),
    "error": _answer("400 No", json.dumps({"error": HOSTILE, "message": HOSTILE, HOSTILE: HOSTILE})),
    "realm": _answer("401 No", "{}", f'WWW-Authenticate: Bearer realm="{IN_HEADER}", error="{IN_HEADER}"'),
    "media type": _answer("200 OK", "x", kind=IN_HEADER),
    "token type": _answer(
        "200 OK", json.dumps({"access_token": "t" * 20, "token_type": HOSTILE, "expires_in": HOSTILE})
    ),
    "status line": f"HTTP/9.9 {IN_HEADER}\r\n\r\n".encode(),
    "no http": IN_HEADER.encode(),
}


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")
    for name in os.environ:
        if name.upper().startswith("ALTERYX_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALTERYX_CLIENT_ID", "KEY-0123456789")
    monkeypatch.setenv("ALTERYX_CLIENT_SECRET", "Sup3rS3cr3t")


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command and returns exit code, standard output and standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(list(map(str, arguments)))
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def _peer(answer: bytes, token: bytes | None = None, context: ssl.SSLContext | None = None) -> Listener:
    def serve(connection: Connection) -> None:
        if context is not None:
            connection.start_tls(context)
        head = connection.receive_until(b"\r\n\r\n")
        wanted = token is not None and head.startswith(b"POST")
        connection.send(token if wanted and token is not None else answer)
        connection.finish()

    return Listener(serve)


TOKEN = _answer("200 OK", json.dumps({"access_token": "t" * 20, "token_type": "bearer", "expires_in": 3600}))


# --- peers -----------------------------------------------------------------------------------------------------------


def _reports_of(run: Run, command: str, *arguments: str) -> None:
    """Run a command with every report, judge all of them, and what is made of the saved one."""
    wanted = [part for name in REPORTS for part in ("--report", name)]
    code, out, err = run(command, *arguments, *wanted, "--max-time", "3", "--connect-timeout", "1")
    assert code in (0, 1), err
    assert (wrong(out), wrong(err)) == ([], [])
    for name in REPORTS:
        assert wrong(Path(name).read_bytes(), form_of(Path(name))) == [], name
    for form in FORMATS:
        _, out, err = run("explain", "--report", REPORTS[0], "--format", form)
        assert (wrong(out, form), wrong(err)) == ([], []), form
    for form in ("text", "markdown"):
        _, out, err = run("request", REPORTS[0], "--format", form)
        assert (wrong(out, form), wrong(err)) == ([], []), form


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ["diagnose", "smoke"])
def test_what_a_peer_says_is_safe_in_every_report(command: str, place: str, run: Run) -> None:
    with _peer(PLACES[place]) as peer:
        options = ("--verbose",) if command == "diagnose" else ()
        _reports_of(run, command, f"http://127.0.0.1:{peer.port}/webapi", *options)
    assert SEEN in Path(REPORTS[0]).read_text(encoding="utf-8") or place in ("media type", "token type")


@pytest.mark.parametrize("place", PLACES)
def test_what_a_proxy_says_is_safe_in_every_report(place: str, run: Run) -> None:
    with _peer(PLACES[place]) as peer:
        _reports_of(run, "diagnose", "https://ayx.test/webapi", "--proxy", f"http://127.0.0.1:{peer.port}", "-v")


def test_values_of_the_api_are_safe_in_every_report(run: Run) -> None:
    with _peer(_answer("200 OK", _VALUES), TOKEN) as peer:
        _reports_of(run, "smoke", f"http://127.0.0.1:{peer.port}/webapi")


@pytest.fixture(scope="module")
def hostile_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A context whose certificate is called what no authority would sign."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, HOSTILE[-60:]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, HOSTILE[100:160]),
            x509.NameAttribute(NameOID.COMMON_NAME, HOSTILE[:40]),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=9))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("::error::pwn.##vso[x]y.\x1b[8m<img>")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    return context


def test_what_a_certificate_says_is_safe_in_every_report(hostile_certificate: ssl.SSLContext, run: Run) -> None:
    with _peer(PLACES["server"], context=hostile_certificate) as peer:
        _reports_of(run, "diagnose", f"https://127.0.0.1:{peer.port}/webapi", "-v")


@pytest.mark.parametrize("place", PLACES)
def test_what_a_peer_says_is_safe_in_one_line(place: str, run: Run, tmp_path: Path) -> None:
    with _peer(PLACES[place], TOKEN) as peer:
        address = f"http://127.0.0.1:{peer.port}/webapi"
        _, _, err = run("api", "GET", "/v3/users", "--url", address, "--max-time", "3")
        assert wrong(err) == []
        _, out, err = run("spec", "fetch", address, "-o", tmp_path / "server.json", "--max-time", "3")
        assert (wrong(out), wrong(err)) == ([], [])


def test_what_the_api_answers_is_passed_on_byte_for_byte(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with _peer(PLACES["body"], TOKEN) as peer, pytest.raises(SystemExit):
        app(["api", "GET", "/v3/users", "--url", f"http://127.0.0.1:{peer.port}/webapi"])
    assert capfdbinary.readouterr()[0] == HOSTILE.encode()


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of our own")
def test_what_the_api_answers_is_safe_on_a_terminal() -> None:
    import pty

    main, terminal = pty.openpty()
    with _peer(PLACES["body"], TOKEN) as peer, os.fdopen(main, "rb", buffering=0) as screen:
        command = [sys.executable, "-m", "ayx_diagnostics", "api", "GET", "/v3/users"]
        ended = subprocess.run(
            [*command, "--url", f"http://127.0.0.1:{peer.port}/webapi"],
            stdout=terminal,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        os.close(terminal)
        shown = screen.read(65536).replace(b"\r\n", b"\n")
    assert ended.returncode == 1
    assert b"evil.test" in shown
    assert wrong(shown) == []


# --- documents and code ----------------------------------------------------------------------------------------------


def _document(text: str, *, newer: bool) -> dict[str, Any]:
    """Return a document that says a text wherever it can say something, or the same after an upgrade."""
    escaped = f"M{text}".replace("~", "~0").replace("/", "~1")
    answer = {"200": {"description": text, "schema": {"$ref": f"#/definitions/{escaped}"}}}
    parameters = [
        {"name": f"q{text}", "in": "query", "type": "string", "enum": [f"1{text}", *([text] if newer else [])]},
        {"name": f"d{text}", "in": "query", "type": "string", "default": text + "new" * newer, "required": newer},
        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Body"}},
    ]
    operation = {
        "tags": [text],
        "operationId": f"Users_{text}{newer}",
        "summary": text,
        "parameters": parameters,
        "responses": {**answer, **({f"4{text}": {"description": text}} if newer else {})},
    }
    model = {"type": "object", "properties": {f"p{text}": {"type": "integer" if newer else "string"}}}
    return {
        "swagger": "2.0",
        "info": {"title": text, "version": text + "2" * newer},
        "basePath": "/webapi",
        "paths": {"/v3/users": {"post": operation}, **({} if newer else {f"/v3/{text}": {"get": operation}})},
        "definitions": {
            f"M{text}": model,
            "Body": {"type": "object", "properties": {text: {"type": "string"}}, "required": [text] * newer},
            **({f"N{text}": model} if newer else {f"O{text}": model}),
        },
    }


@pytest.fixture
def documents(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "old.json", tmp_path / "new.json"
    for path, newer in zip(paths, (False, True), strict=True):
        path.write_text(json.dumps(_document(HOSTILE, newer=newer)), encoding="utf-8")
    return paths


@pytest.fixture
def code_folder(tmp_path: Path) -> Path:
    """Code in files of odd names that calls what changes, and some that is no code."""
    folder = tmp_path / "code"
    folder.mkdir()
    call = 'import requests\nrequests.post("https://ayx.test/webapi/v3/users", json={})\n'
    odd = "a`@octocat` \x1b[8m\u202e<img src=x>##[error]"
    for name, text in {f"{odd}.py": call, f"{odd}2.py": "print 'x' \u202e", "c.py": "x = \u202e\x1b]0;x\x07"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    if sys.platform != "win32":
        (folder / os.fsdecode(b"line\n::error::pwn\n\xff.py")).write_text(call, encoding="utf-8")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not take")
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_what_documents_and_code_say_is_safe_in_every_comparison(
    form: str, documents: tuple[Path, Path], code_folder: Path, run: Run
) -> None:
    wanted = [part for name in ("r.json", "r.md", "r.txt") for part in ("--report", name)]
    code, out, err = run("spec", "diff", *documents, "--code", code_folder, "--format", form, *wanted)
    assert code == 1, err
    assert "octocat" in out
    assert "left out" in err
    assert (wrong(out, form), wrong(err)) == ([], [])
    for name in ("r.json", "r.md", "r.txt"):
        assert wrong(Path(name).read_bytes(), form_of(Path(name))) == [], name
    if form == "json":
        assert json.loads(out)["old"]["title"] == HOSTILE


def _broken(text: str) -> Iterator[tuple[str, Any]]:
    good = _document(text, newer=False)
    yield "path", {**good, "paths": {f"/{text}": "nope"}}
    yield "operation", {**good, "paths": {"/x": {"get": {"operationId": [text], "responses": text}}}}
    yield "definition", {**good, "definitions": {text: text}}
    yield "reference", {**good, "paths": {"/x": {"$ref": f"#/{text}"}}}
    yield "version", {**good, "swagger": text}
    yield "page", f"<html><title>{text}</title>"
    yield "text", text


@pytest.mark.parametrize(("place", "document"), list(_broken(HOSTILE)), ids=[place for place, _ in _broken("")])
def test_what_a_bad_document_says_is_safe_in_one_line(place: str, document: Any, run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    for command in (("convert", bad, "-o", "o.json", "--notes", "n.json"), ("generate", bad, "-o", "client")):
        _, out, err = run("spec", *command)
        assert (wrong(out), wrong(err)) == ([], []), place
    _, out, err = run("spec", "diff", bad, bad)
    assert (wrong(out), wrong(err)) == ([], []), place


def test_notes_are_safe(documents: tuple[Path, Path], run: Run) -> None:
    code, out, err = run("spec", "convert", documents[1], "-o", "o.json", "--notes", "n.json")
    assert (code, wrong(out), wrong(err)) == (0, [], [])
    assert wrong(Path("n.json").read_bytes(), "json") == []
    assert "evil" in Path("n.json").read_text(encoding="utf-8")


# --- settings, files and arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_a_settings_file_says_is_safe(form: str, run: Run, tmp_path: Path) -> None:
    text = json.dumps(HOSTILE)  # a TOML basic string, but for the characters that TOML knows no short escape of
    odd = f"ca_bundle = {text}\n{text} = {text}\nread_timeout = {text}\n[profiles.{text}]\nclient_auth = {text}\n"
    (tmp_path / "ayxctl.toml").write_text(odd, encoding="utf-8")
    for arguments in ((), ("--profile", HOSTILE), ("--profile", "none" + HOSTILE), ("--proxy", HOSTILE)):
        _, out, err = run("config", "show", "--format", form, *arguments)
        assert wrong(err) == []
        assert wrong(out, form if out else "text") == []


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not take")
@pytest.mark.parametrize(
    "arguments",
    [
        ("diagnose", HOSTILE),
        ("diagnose", "--only", HOSTILE),
        ("diagnose", "--report", f"/tmp/{HOSTILE}.exe"),
        ("diagnose", "--report", f"/tmp/{HOSTILE}/r.json"),
        ("diagnose", f"--{HOSTILE}"),
        ("diagnose", "--format", HOSTILE),
        ("diagnose", "--max-time", HOSTILE),
        ("explain", HOSTILE),
        ("explain", "--report", HOSTILE),
        ("explain", f"tcp.x\n{HOSTILE}"),
        ("request", HOSTILE),
        ("spec", "convert", HOSTILE, "-o", HOSTILE),
        ("spec", "generate", HOSTILE, "-o", HOSTILE),
        ("spec", "diff", HOSTILE, HOSTILE, "--code", HOSTILE),
        ("spec", "fetch", HOSTILE, "-o", HOSTILE),
        ("api", HOSTILE, HOSTILE, "--url", HOSTILE),
        ("api", "GET", "/x", "--data", HOSTILE),
        ("simulate", "--port", HOSTILE),
        ("simulate", "--fault", HOSTILE),
        (HOSTILE,),
    ],
    ids=lambda arguments: " ".join(arguments)[:20].split("a\x1b")[0],
)
def test_arguments_are_repeated_safely(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """As a process: the option parser prints for itself."""
    ended = subprocess.run(
        [sys.executable, "-m", "ayx_diagnostics", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"} if arguments[-1] == HOSTILE else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode in (1, 2), ended.stderr
    assert (wrong(ended.stdout), wrong(ended.stderr)) == ([], [])


def test_colours_are_ours_alone(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console("always")
    table = Table("setting")
    table.add_column(Text(HOSTILE, "bold red"))
    table.add_row(HOSTILE, f"[red]x[/] [link=http://evil.test]{HOSTILE}")
    screen.print(table)
    screen.print(HOSTILE, Text(HOSTILE, "green"), HOSTILE, sep="\n", soft_wrap=True)
    shown = capsys.readouterr().out
    assert "\x1b[1;31m" in shown
    assert "[link=" in shown
    assert wrong(re.sub(r"\x1b\[[\d;]*m", "", shown)) == []
    assert "\x1b[8m" not in shown


def test_whatever_prints_is_guarded() -> None:
    program = (
        "import sys, warnings; from ayx_diagnostics.command_line.terminal import guard_streams; guard_streams();"
        "text = sys.argv[1]; print(text); print(text, file=sys.stderr); sys.stdout.writelines([text, text]);"
        "assert not hasattr(sys.stdout, 'buffer'); warnings.warn(text); raise SystemExit(text)"
    )
    ended = subprocess.run([sys.executable, "-c", program, HOSTILE], capture_output=True, timeout=60, check=False)
    assert ended.stdout.count(b"octocat") == 3
    assert ended.stderr.count(b"octocat") == 3
    assert (wrong(ended.stdout), wrong(ended.stderr)) == ([], [])


def test_an_edited_report_is_read_safely(run: Run, tmp_path: Path) -> None:
    golden = Path(__file__).parent / "goldens" / "the-proxy-fails-denied.json"
    document = json.loads(golden.read_text(encoding="utf-8"))

    def everywhere(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: everywhere(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [everywhere(item, key) for item in value]
        kept = ("schema_version", "stage", "operation", "outcome", "status", "severity", "confidence", "owner", "code")
        return value + HOSTILE if isinstance(value, str) and key not in kept else value

    (tmp_path / "edited.json").write_text(json.dumps(everywhere(document)), encoding="utf-8")
    for form in FORMATS:
        _, out, err = run("explain", "--report", "edited.json", "--format", form)
        assert (wrong(out, form if out else "text"), wrong(err)) == ([], []), form
    for form in ("text", "markdown"):
        _, out, err = run("request", "edited.json", "--format", form)
        assert (wrong(out, form if out else "text"), wrong(err)) == ([], []), form
