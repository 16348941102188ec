"""``ayxctl api`` calls its own Server and nothing else; a terminated command leaves nothing half-written."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

PROGRAM = (sys.executable, "-m", "ayx_diagnostics")


class Handler(BaseHTTPRequestHandler):
    """Gives a token, and says which path was asked for."""

    def do_GET(self) -> None:
        self.answer({"path": self.path})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "t0k3n", "expires_in": 3600})

    def answer(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def environment(address: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    pair = {"ALTERYX_CLIENT_ID": "8DA0000000000000", "ALTERYX_CLIENT_SECRET": "5ec2e7" * 10}
    return {**clean, **pair, "ALTERYX_BASE_URL": address}


def api(path: str, address: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "api", "GET", path],
        env=environment(address),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/v3/%2e%2e/x", "https://evil.example/v3/x", "/v3\\x", "/v3/x\ny", ""]
)
def test_a_path_that_leads_elsewhere_is_one_line_and_exit_code_2(path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nobody.settimeout(0.1)
        done = api(path, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(TimeoutError):
            nobody.accept()

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "the path" in done.stderr


@pytest.mark.parametrize("path", ["/v3/x?a=b", "webapi/v3/x?a=b"])
def test_the_path_of_the_web_api_may_stand_in_front(path: str) -> None:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        done = api(path, f"http://127.0.0.1:{http.server_port}")
    finally:
        http.shutdown()
        http.server_close()
        thread.join()

    assert (done.returncode, json.loads(done.stdout)) == (0, {"path": "/webapi/v3/x?a=b"})


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent SIGTERM there")
def test_a_terminated_command_ends_in_order() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        running = subprocess.Popen(
            [*PROGRAM, "api", "GET", "/v3/x"],
            env=environment(f"http://127.0.0.1:{silent.getsockname()[1]}"),
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            running.terminate()
            _, errors = running.communicate(timeout=20)

    assert (running.returncode, errors) == (143, "")
