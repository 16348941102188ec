from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, cast

import pytest
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.report.serialise import finding_to_json
from ayx_diagnostics.vocabulary.check import departures
from ayx_simulator.peers.certificates import CertificateFactory
from lab import goldens
from walk_world import HOST, World

Program = Callable[..., "subprocess.CompletedProcess[str]"]
#: Holds that findings are said as they were recorded for this very case.
Said = Callable[[Sequence[Finding]], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-words", action="store_true", help="record what the rules say of the cases (make record)")


@pytest.fixture(scope="session")
def recorded_words(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    words: dict[str, Any] = json.loads(goldens.WORDS.read_text(encoding="utf-8"))
    yield words
    if request.config.getoption("--record-words", default=False):
        # cases that are no more have no words; nothing is written before all of them are known
        known = {item.nodeid.rpartition("/")[2] for item in request.session.items}
        chosen = bool(request.config.option.keyword)
        kept = {case: said for case, said in words.items() if chosen or case in known}
        goldens.write(goldens.WORDS, dict(sorted(kept.items())))


@pytest.fixture
def as_recorded(request: pytest.FixtureRequest, recorded_words: dict[str, Any]) -> Said:
    """Compare findings, every word of them, with what was recorded for the case of this test."""
    case = request.node.nodeid.rpartition("/")[2]

    def hold(found: Sequence[Finding]) -> None:
        now = json.loads(json.dumps([finding_to_json(finding) for finding in found]))
        if request.config.getoption("--record-words", default=False):
            recorded_words[case] = now
            return
        changed = list(goldens.changes(recorded_words.get(case), now))
        assert changed == [], "on purpose? then `make record`, and read what it changes"

    return hold


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("world"), (HOST, "10.0.0.7"))


@pytest.fixture(scope="session")
def server_context(certificates: CertificateFactory) -> ssl.SSLContext:
    good = certificates.server("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(good.chain, good.key)
    return context


@pytest.fixture
def world(certificates: CertificateFactory, server_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everything that a walk can meet, in memory."""
    # OpenSSL would read all roots of the system for each handshake, which takes longer than all the rest
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.root))
    monkeypatch.setenv("SSL_CERT_DIR", str(certificates.folder))
    return World(server_context, str(certificates.root))


@pytest.fixture
def ayxctl(tmp_path: Path) -> Program:
    """Run ``ayxctl`` in an empty folder, with nothing of this machine's settings."""

    def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ayx_diagnostics", *map(str, arguments)],
            env={name: value for name, value in os.environ.items() if not name.startswith("ALTERYX_")},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


#: They read or rewrite what others observed, which may be any report: nothing that they make is a probe's.
REWRITING = ("model", "report", "rules", "walk.session")


@pytest.fixture(autouse=True)
def unknown_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail a test in which a probe, or the walk, makes an observation that the vocabulary has no words for."""
    found: list[str] = []
    make = Observation.__init__

    def making(self: Observation, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        frame = sys._getframe(1)
        while frame.f_globals["__name__"] == "dataclasses":  # replace() makes a new one for its caller
            frame = cast("FrameType", frame.f_back)
        room, _, module = frame.f_globals["__name__"].partition(".")
        if room == "ayx_diagnostics" and not module.startswith(REWRITING):
            found.extend(departures(self))

    monkeypatch.setattr(Observation, "__init__", making)
    yield found
    assert sorted(set(found)) == []
