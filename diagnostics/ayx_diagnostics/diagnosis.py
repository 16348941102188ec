"""``diagnose()``: from an address to a report."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ayx_connection.failures import AyxError
from ayx_connection.redaction import Redactor, with_secrets_hidden
from ayx_connection.settings import Settings
from ayx_connection.trust import TrustError, client_context

from ayx_diagnostics.model import STAGES, Observation, Report, Stage, Target, without_secrets
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import trust
from ayx_diagnostics.report.checks import TIME_WAS_UP, checks_of
from ayx_diagnostics.report.tool import this_tool
from ayx_diagnostics.report.verdict import verdict_of
from ayx_diagnostics.rules import find
from ayx_diagnostics.walk import Session, walk

if TYPE_CHECKING:
    from ayx_connection.api_document import Surface

    from ayx_diagnostics.network.interface import Network

__all__ = ["adiagnose", "diagnose"]

#: Settings that no packet needs: with a problem in one of them, nothing of them is sent.
_CREDENTIALS = frozenset({"client_id", "client_secret"})


def diagnose(
    url: str | None = None,
    *,
    settings: Settings | None = None,
    only: Stage | None = None,
    skip: Iterable[Stage] = (),
    family: int | None = None,
    reference_host: str | None = None,
    idle_s: float | None = None,
    known: Surface | None = None,
    progress: Callable[[str], None] = lambda _: None,
    environ: Mapping[str, str] | None = None,
    redactor: Redactor | None = None,
    network: Network | None = None,
    **options: Any,
) -> Report:
    """Find out why a script cannot reach Alteryx Server, or that it can.

    The walk uses the same settings, trust, proxy decision and token request as ``ayx_connection.connect()``. It never
    raises for anything that the network or the Server does: that is what the report says.

    Args:
        url: The Server's address, in any of the forms that people paste; None takes it from the settings.
        settings: Ready settings; None loads them as ``connect()`` does.
        only: Examine up to this stage and report on it alone (and on an earlier one that keeps it from being tested).
        skip: Stages to leave out.
        family: 4 or 6 to use only addresses of that family.
        reference_host: ``HOST[:PORT]`` whose reachability is compared with the Server's.
        idle_s: Also leave a connection alone for so long, in seconds, and use it again; less than ``max_time``.
        known: What the Server's document and answers are compared with; what the client was made from by default.
        progress: Told, in a few words, what is being waited for.
        environ: Environment variables; None takes the process's own.
        redactor: Masks secrets in the report; one that is given learns those of this run, the token among them.
        network: The world that is examined, and its clock; None for the real one.
        **options: Settings as the command line's options name them, e.g. ``client_id=…``, ``max_time=20``.

    Returns:
        The report, with the root cause first among its findings.
    """
    environ = os.environ if environ is None else environ
    options = with_secrets_hidden(options)
    started_at = datetime.now(UTC)
    network = network or SystemNetwork()
    if settings is None:
        given = {"base_url": url, **options} if url is not None else options
        settings = Settings.load(given, environ, options_from="argument")
    skipped = frozenset(skip)
    redactor = redactor or Redactor()
    redactor.learn(settings, environ)
    session = _start(settings, network, environ, redactor, last=only or STAGES[-1], skip=skipped, family=family)
    session.reference_host = reference_host
    session.idle_s = idle_s
    session.known = known
    session.progress = lambda doing: progress(redactor.text(doing))
    if _usable(session):
        walk(session)
    return _report(session, started_at, only)


async def adiagnose(url: str | None = None, **options: Any) -> Report:
    """Do as :func:`diagnose`, without blocking the event loop."""
    return await asyncio.to_thread(diagnose, url, **options)


def _start(
    settings: Settings,
    network: Network,
    environ: Mapping[str, str],
    redactor: Redactor,
    *,
    last: Stage,
    skip: frozenset[Stage],
    family: int | None,
) -> Session:
    return Session(
        settings=settings,
        target=_target(settings),
        environ=environ,
        network=network,
        max_time_s=settings.max_time.value,
        skip=skip,
        last=last,
        family=family,
        redactor=redactor,
    )


def _target(settings: Settings) -> Target:
    given = settings.shown("base_url")
    try:
        address = settings.address
    except (AyxError, ValueError):
        return Target(given=given, web_api_address="", token_url="", scheme="", host="", port=0)
    return Target(
        given=given,
        web_api_address=address.web_api_address,
        token_url=address.token_url,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        address_origin=settings.address_origin,
    )


def _usable(session: Session) -> bool:
    """Record what the settings are like; return whether they are good enough to send a packet."""
    settings, target = session.settings, session.target
    problems = [asdict(problem) for problem in settings.problems]
    problems += _client_certificate_problems(settings, target.scheme)
    session.record(
        Observation(
            "config",
            "read_settings",
            "settings",
            session.network.now(),
            0.0,
            "problem" if problems else "ok",
            {
                "problems": problems,
                "has_credentials": settings.credentials is not None,
                "scheme": target.scheme,
                "host": target.host,
                "is_loopback": bool(target.host) and settings.address.is_loopback,
                "verify": settings.verify.value,
                "allow_http": settings.allow_http.value,
            },
        )
    )
    if not all(problem["setting"] in _CREDENTIALS for problem in problems):
        return False  # without the credentials, everything up to the token endpoint can be examined all the same
    if settings.ca_bundle.value and target.scheme == "https":
        origin = settings.ca_bundle.origin
        seen = session.record(trust.ca_bundle(session.network, Path(settings.ca_bundle.value), origin))
        return seen.ok
    return True


def _client_certificate_problems(settings: Settings, scheme: str) -> list[dict[str, str]]:
    """Return why the client certificate or its key cannot be used, as a problem of the settings."""
    if settings.client_cert.value is None or scheme != "https":
        return []
    try:
        client_context(settings)
    except TrustError as error:
        if error.setting != "ca_bundle":  # that one is an observation of its own
            return [
                {
                    "code": "config.setting_invalid",
                    "setting": error.setting,
                    "origin": error.origin,
                    "message": str(error),
                }
            ]
    return []


def _report(session: Session, started_at: datetime, only: Stage | None) -> Report:
    observations = tuple(session.observations)
    findings = tuple(finding for finding in find(observations) if finding.stage not in session.skip)
    checks = checks_of(observations, findings, _why_skipped(session))
    if only is not None:
        checks = tuple(check for check in checks if check.stage == only or check.status in ("fail", "error"))
    report = Report(
        tool=this_tool(),
        target=session.target,
        started_at=started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        duration_s=session.network.now(),
        verdict=verdict_of(findings, checks, session.target, out_of_time=session.ran_out_of_time),
        findings=findings,
        checks=checks,
        observations=observations,
    )
    return without_secrets(report, session.redactor)


def _why_skipped(session: Session) -> dict[Stage, str]:
    """Say why a stage was left out, where there is more to say than that the walk did not get there."""
    done = {seen.stage for seen in session.observations}
    reasons: dict[Stage, str] = {}
    if session.target.route == "proxy":
        reasons |= {"dns": "the proxy resolves the name", "tcp": "the proxy makes the connection"}
        reasons["local"] = "reaches the proxy"
    if session.target.scheme == "http":
        reasons["tls"] = "the address is http://, nothing is encrypted"
    if "tcp" in done and "dns" not in done:
        reasons["dns"] = "an address needs no lookup"
    if no_token := _why_no_token(session):
        reasons["api"] = no_token
    reasons |= {stage: "left out as asked" for stage in STAGES if not session.wants(stage)}
    if session.ran_out_of_time:
        reasons = {stage: TIME_WAS_UP for stage in STAGES if stage not in done} | reasons
    return reasons


def _why_no_token(session: Session) -> str | None:
    withheld = next((seen.evidence["withheld"] for seen in session.observations if seen.outcome == "withheld"), None)
    if withheld:
        return f"no token to call with: {withheld}"
    if not session.wants("token"):
        return "no token to call with"
    asked = any(seen.stage == "token" for seen in session.observations)
    return "no credentials, so no token to call with" if asked and session.settings.credentials is None else None
