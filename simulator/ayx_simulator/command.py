"""The stand-in Server as a process: ``python -m ayx_simulator`` and ``ayxctl simulate``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .faults.table import lines
from .peers.standalone import serve_until_terminated

__all__ = ["run"]


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Run a stand-in Alteryx Server until SIGINT or SIGTERM. One line of JSON on standard output says "
        "where it is, what to trust, and with which credentials to call it.",
    )
    add = parser.add_argument
    add("--host", default="localhost", help="name in its address (localhost)")
    add("--port", type=int, default=0, help="port; 0 lets the system choose")
    add("--bind", action="append", metavar="ADDRESS", help="address to listen on, repeatable (loopback)")
    add("--base-path", default="/webapi", metavar="PATH", help="where the Web API lives (/webapi)")
    add("--advertised", metavar="URL", help="Web API address that the documents name, right or wrong")
    add("--name", action="append", default=[], metavar="HOST", help="further host name in the certificate, repeatable")
    add("--cert", type=Path, metavar="FILE", help="certificate chain (PEM) instead of a made-up one")
    add("--key", type=Path, metavar="FILE", help="private key (PEM) for --cert")
    add("--ca-bundle", type=Path, metavar="FILE", help="what --cert leads to, for the line of JSON")
    add("--plain-http", action="store_true", help="no TLS, as on a default installation")
    add("--token-lifetime", type=float, default=3600.0, metavar="S", help="seconds for which a token is good (3600)")
    add("--job-duration", type=float, metavar="S", help="seconds that a job takes; else it advances when asked about")
    add("--as-documented", action="store_true", help="answer as the documents say, without the real Server's quirks")
    add("--documents", type=Path, metavar="FOLDER", help="Swagger documents instead of the project's own")
    add("--generation", metavar="RELEASE", help="which Server's documents (the newest)")
    add("--fault", action="append", default=[], metavar="NAME[=ARGUMENT]", help="switch a fault on, repeatable")
    add("--list-faults", action="store_true", help="print the faults, one line each, and end")
    add("--ready-file", type=Path, metavar="FILE", help="written with the same JSON once the port is open")
    return parser


def run(arguments: Sequence[str] | None = None, program: str = "python -m ayx_simulator") -> int:
    """Run the stand-in Server until it is told to end.

    Args:
        arguments: Command-line arguments; ``None`` for those of the process.
        program: What the usage text calls the command.

    Returns:
        The exit code: 0, or 2 if an option cannot be used.

    Raises:
        SystemExit: ``--help``, or an argument that does not parse.
    """
    parser = _parser(program)
    options = parser.parse_args(arguments)
    if options.list_faults:
        sys.stdout.writelines(f"{line}\n" for line in lines())
        return 0
    try:
        return _serve(options)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2


def _serve(options: argparse.Namespace) -> int:
    from .simulator import Simulator  # needs the packages of the extra, which --help does not

    simulator = Simulator(
        host=options.host,
        port=options.port,
        bind=options.bind,
        base_path=options.base_path,
        advertised=options.advertised,
        host_names=options.name,
        certificate=options.cert,
        key=options.key,
        ca_bundle=options.ca_bundle,
        plain_http=options.plain_http,
        token_lifetime_s=options.token_lifetime,
        job_duration_s=options.job_duration,
        quirks=not options.as_documented,
        documents=options.documents,
        generation=options.generation,
    )
    for text in options.fault:
        name, _, argument = text.partition("=")
        simulator.faults.set(name, argument or None)
    with simulator:
        trusted = None if options.plain_http else options.ca_bundle if options.cert else simulator.ca_bundle
        line = json.dumps(
            {
                "web_api_address": simulator.web_api_address,
                "host": simulator.host,
                "port": simulator.port,
                "ca_bundle": None if trusted is None else str(trusted),
                "client_id": simulator.client_id,
                "client_secret": simulator.client_secret,
                "users": {
                    name: {"role": user.role, "client_id": user.client_id, "client_secret": user.client_secret}
                    for name, user in simulator.users.items()
                },
                "faults": simulator.faults.active,
            }
        )
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        if options.ready_file is not None:
            unfinished = options.ready_file.with_name(f"{options.ready_file.name}.unfinished")
            unfinished.write_text(line, encoding="utf-8")
            unfinished.replace(options.ready_file)
        serve_until_terminated(simulator.host, simulator.port, None)
    return 0
