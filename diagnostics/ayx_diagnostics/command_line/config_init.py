"""``ayxctl config init``: a settings file to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ayx_diagnostics.command_line.terminal import fail, say
from ayx_diagnostics.report.plain_text import one_line

__all__ = ["init"]

_TEMPLATE = """\
# Settings of ayxctl and ayx_connection; `ayxctl config show` prints which of them count, and why.
# The secret itself never stands here.

{base_url}
# client_id = "the API access key"
# client_secret_env = "ALTERYX_CLIENT_SECRET"   # the variable that holds the secret, or
# client_secret_file = "secret.txt"             # the file, in this folder

# proxy = "http://proxy.example.com:8080"
# no_proxy_at_all = false
# ca_bundle = "company-ca.pem"                  # trusted beside the system's
# client_cert = "client.pem"
# client_key = "client-key.pem"
# verify = true
# allow_http = false
# client_auth = "auto"                          # body, basic

# connect_timeout = 5                           # seconds
# read_timeout = 30
# max_time = 60
# max_answer_bytes = 50000000

# profile = "test"                              # the table that goes before what stands above
# [profiles.test]
# base_url = "https://test.example.com/webapi"
"""
_EXAMPLE = '# base_url = "https://server.example.com/webapi"'


def init(
    url: Annotated[str | None, typer.Argument(help="The Server's address.", show_default=False)] = None,
    *,
    own: Annotated[
        bool, typer.Option("--own", help="In your configuration folder, where it counts without being trusted.")
    ] = False,
) -> None:
    """Write an ayxctl.toml that names every setting; one that is there stays as it is."""
    from ayx_connection.failures import AddressError
    from ayx_connection.settings import PROJECT_FILE, parse_address, user_file_path

    try:
        address = url and parse_address(url).web_api_address
    except AddressError as error:
        fail(one_line(str(error)))
    path = user_file_path() if own else PROJECT_FILE
    if own and not path.is_absolute():
        fail("there is no home folder for a file of your own")
    line = f"base_url = {json.dumps(address, ensure_ascii=False)}" if address else _EXAMPLE
    _write_new(path, _TEMPLATE.format(base_url=line))
    say(f"{one_line(str(path))}: written" + ("" if own else "; edit it, then run `ayxctl config trust`"))


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{one_line(str(path))}: is there already, and was left as it is")
    except OSError as error:
        fail(f"{one_line(str(path))}: cannot be written ({error.strerror or 'OS error'})")
