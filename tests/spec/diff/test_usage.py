"""Which lines of somebody's code a change concerns: the client, requests by hand, and nothing else."""

from __future__ import annotations

import copy
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import SpecError
from ayx_spec.diff import Change, Comparison
from ayx_spec.diff.usage import read_code, with_usage

Data = dict[str, Any]
Lines = Callable[..., list[int]]


@pytest.fixture
def lines(api: Data, diff: Callable[[Data, Data], Comparison], tmp_path: Path) -> Lines:
    """Return a function: the lines of a script that one kind of change concerns, after a change of the API."""

    def find(script: str, kind: str, change: Callable[[Data], Any]) -> list[int]:
        new = copy.deepcopy(api)
        change(new)
        (tmp_path / "script.py").write_text(script, encoding="utf-8")
        comparison = with_usage(diff(api, new), read_code(tmp_path))
        found: list[Change] = [one for one in comparison.changes if one.kind == kind]
        assert len(found) == 1
        assert all(place.startswith(f"{tmp_path.as_posix()}/script.py:") for place in found[0].used_at)
        return [int(place.rpartition(":")[2]) for place in found[0].used_at]

    return find


def removed(data: Data) -> None:
    del data["paths"]["/v3/users"]["get"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("from ayx_client.api.users import get_users\nget_users.sync(client=c)", [1, 2]),
        ("from ayx_client.api.users import get_users as g\nfor u in g.sync_detailed(client=c): ...", [1, 2]),
        ("from ayx_client.api import users\nusers.get_users.sync(client=c)\nusers.get_user.sync('1', client=c)", [2]),
        ("import ayx_client.api.users.get_users as g\nasync def f():\n    await g.asyncio(client=c)", [3]),
        ("import ayx_client.api.users.get_users\nayx_client.api.users.get_users.sync(client=c)", [2]),
        ("with connect() as server:\n    server.users.get_users(since=s)", [2]),
        ("async def f():\n    await server.users.aget_users()", [2]),
        ("class A:\n    def f(self):\n        self.server.users.get_users()", [3]),
        ('server.request("GET", "/v3/users")', [1]),
        ('server.request("GET", "v3/users/")', [1]),
        ('server.request("POST", "/v3/users")', []),
        ('requests.get(f"{base}/v3/users", headers=h)', [1]),
        ('requests.get(base + "/v3/users?limit=5")', [1]),
        ('requests.get("{}/v3/users".format(base))', [1]),
        ('requests.get("%s/v3/users" % base)', [1]),
        ('requests.get("/".join([base, "v3", "users"]))', [1]),
        ('requests.get(urljoin(base, "v3/users"))', [1]),
        ('requests.get("https://ayx.corp.example/webapi/v3/users")', [1]),
        ('requests.get("https://ayx.corp.example/WebAPI//V3/Users")', [1]),
        ('requests.get("https://other.example/shop/v3/users")', []),
        ('requests.get(f"{base}/v3/users/{one}")', []),
        ('requests.post(f"{base}/v3/users", json={})', []),
        ('requests.get(self.url("/v3/users"), headers=h)', [1]),
        ('requests.post(self.url("/v3/users"), headers=h)', []),
        ('base = os.environ.get("BASE", "https://h/webapi")\nrequests.get(base + "/v3/users")', [2]),
        ('requests.get(f"{base}/{version}/users")', [1]),
        ('requests.get(f"{base}/v1/users")', []),
        ('pandas.read_json(f"{base}/v3/users")', [1]),
        ('asyncio.run(fetch(session, "GET", "/v3/users"))', [1]),
        ('httpx.request(method="GET", url=f"{base}/v3/users")', [1]),
        ('session.request("GET", f"{base}/v3/users")', [1]),
        ('url = base + "/v3/users"\n\nrequests.get(url)', [3]),
        ('BASE = "https://h/webapi"\nURL = f"{BASE}/v3/users"\nrequests.post(URL, json={})', []),
        ('USERS = "/v3/users"', [1]),
        ('subprocess.run(["ayxctl", "api", "GET", "/v3/users"])', [1]),
        ('os.system("ayxctl api GET /v3/users")', [1]),
        ('"""GET /v3/users is what this script calls."""', []),
        ('print("users/list")', []),
    ],
)
def test_a_removed_operation_is_found_however_it_is_called(script: str, expected: list[int], lines: Lines) -> None:
    assert lines(script, "operation.removed", removed) == expected


CALLS = """
from ayx_client.api.users import get_users
get_users.sync(client=c)
get_users.sync(client=c, role="Viewer")
get_users.sync(client=c, **more)
requests.get(f"{base}/v3/users")
requests.get(f"{base}/v3/users", params={"role": "Viewer"})
requests.get(f"{base}/v3/users?role=Viewer")
requests.get(f"{base}/v3/users", params=given)
""".strip()


def test_a_parameter_that_is_removed_concerns_who_passes_it(lines: Lines) -> None:
    assert lines(CALLS, "parameter.removed", lambda d: d["paths"]["/v3/users"]["get"]["parameters"].pop(0)) == [
        *(3, 4),
        *(6, 7, 8),
    ]


def test_a_parameter_that_becomes_required_concerns_who_does_not_pass_it(lines: Lines) -> None:
    def change(data: Data) -> None:
        data["paths"]["/v3/users"]["get"]["parameters"][0]["required"] = True

    assert lines(CALLS, "parameter.became_required", change) == [2, 4, 5, 8]


def test_a_path_variable_that_is_renamed_concerns_who_passes_it_by_name(lines: Lines) -> None:
    def change(data: Data) -> None:
        item = data["paths"].pop("/v3/users/{id}")
        del item["delete"]
        item["get"]["parameters"][0]["name"] = "userId"
        data["paths"]["/v3/users/{userId}"] = item

    script = (
        "from ayx_client.api.users import get_user\nget_user.sync('1', client=c)\nget_user.sync(id='1', client=c)\n"
    )
    assert lines(script + 'requests.get(f"{base}/v3/users/{one}")', "parameter.renamed", change) == [3]


def test_an_operation_that_is_renamed_concerns_the_client_not_the_address(lines: Lines) -> None:
    def change(data: Data) -> None:
        data["paths"]["/v3/users"]["get"]["operationId"] = "Users_ListUsers"

    assert lines(CALLS, "operation.renamed", change) == [1, 2, 3, 4]


def test_a_member_that_is_removed_concerns_who_reads_it(lines: Lines) -> None:
    script = """
from ayx_client.api.users import get_users
for user in get_users.sync(client=c):
    print(user.first_name, user.id)
    print(user.id)
rows = requests.get(f"{base}/v3/users").json()
print(rows[0]["firstName"], rows[0].get("firstName"))
print(rows[0]["id"])
    """.strip()

    def change(data: Data) -> None:
        del data["definitions"]["User"]["properties"]["firstName"]

    assert lines(script, "field.removed", change) == [3, 6]
    assert lines("print(customer.first_name, row['firstName'])", "field.removed", change) == []


def test_a_member_that_becomes_required_concerns_who_sends_without_it(lines: Lines) -> None:
    script = """
from ayx_client.models import NewUser as Contract
Contract(first_name="Ada")
Contract(first_name="Ada", note="n")
requests.post(f"{base}/v3/users", json={"firstName": "Ada"})
requests.post(f"{base}/v3/users", json={"firstName": "Ada", "note": "n"})
form = {"firstName": "Ada"}
requests.post(f"{base}/v3/users", json=form)
requests.post(f"{base}/v3/users", json=read())
    """.strip()

    def change(data: Data) -> None:
        data["definitions"]["NewUser"]["required"].append("note")

    assert lines(script, "field.became_required", change) == [2, 4, 7, 8]


def test_a_value_that_is_gone_concerns_who_names_it(lines: Lines) -> None:
    script = """
rows = requests.get(f"{base}/v3/users").json()
ok = [row for row in rows if row["role"] == "Artisan"]
print("Viewer", UserRole.VIEWER)
print(UserRole.ARTISAN)
    """.strip()

    def change(data: Data) -> None:
        data["definitions"]["User"]["properties"]["role"]["enum"].remove("Artisan")

    assert lines(script, "field.enum_removed", change) == [2, 4]


def test_a_model_that_is_renamed_concerns_who_names_its_class(lines: Lines) -> None:
    script = "from ayx_client.models import NewUser\nfrom ayx_client import models\nmodels.NewUser(first_name='Ada')"

    def change(data: Data) -> None:
        data["definitions"]["Person"] = data["definitions"].pop("NewUser")
        body = data["paths"]["/v3/users"]["post"]["parameters"][0]
        body["schema"]["$ref"] = "#/definitions/Person"

    assert lines(script, "model.renamed", change) == [1, 3]


def test_a_new_address_concerns_who_wrote_the_old_one_down(lines: Lines) -> None:
    script = (
        'BASE = "https://ayx.corp.example/webapi"\nrequests.get(BASE + "/v3/users")\nprint("https://other.example")'
    )

    assert lines(script, "server.address_changed", lambda d: d.update(host="new.corp.example")) == [1, 2]


def test_what_is_new_concerns_nobody(lines: Lines) -> None:
    def change(data: Data) -> None:
        data["paths"]["/v3/users"]["get"]["parameters"].append({"name": "q", "in": "query", "type": "string"})

    assert lines(CALLS, "parameter.added", change) == []


def test_folders_of_others_are_left_out_and_what_is_no_python_is_named(tmp_path: Path) -> None:
    files = {
        "mine.py": "x = 1",
        "sub/mine.pyw": "x = 1",
        "old.py": "print 'x'",
        "zeros.py": "x = '\0'",
        ".hidden/a.py": "",
        "env/pyvenv.cfg": "",
        "env/lib/a.py": "",
        "node_modules/a.py": "",
        "client/generated.json": "{}",
        "client/a.py": "",
        "notes.txt": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    code = read_code(tmp_path)

    assert [Path(path).name for path, _ in code.modules] == ["mine.py", "mine.pyw"]
    assert [Path(place).name.partition(":")[0] for place, _ in code.unread] == ["old.py", "zeros.py"]


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="pipes, sockets and names that are no text")


@POSIX
def test_only_regular_files_are_read_and_none_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "device.py").symlink_to("/dev/zero")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    (tmp_path / os.fsdecode(b"odd\xff.py")).write_text("print 'x'", encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.py"))
        code = read_code(tmp_path)

    assert [Path(path).name for path, _ in code.modules] == ["mine.py"]
    unread = {Path(place).name.partition(":")[0]: reason for place, reason in code.unread}
    assert unread.keys() == {"pipe.py", "device.py", "gone.py", "s.py", "odd\udcff.py"}
    assert unread["pipe.py"] == unread["device.py"] == "no regular file"
    assert read_code(tmp_path / "pipe.py").unread == (((tmp_path / "pipe.py").as_posix(), "no regular file"),)


@POSIX
def test_links_to_folders_are_told_and_not_followed(tmp_path: Path) -> None:
    code_folder, elsewhere = tmp_path / "code", tmp_path / "elsewhere"
    for folder in (code_folder / "sub", elsewhere):
        folder.mkdir(parents=True)
        (folder / "a.py").write_text("x = 1", encoding="utf-8")
    (code_folder / "out").symlink_to(elsewhere)
    (code_folder / "sub" / "circle").symlink_to(code_folder)

    code = read_code(code_folder)

    assert [path for path, _ in code.modules] == [(code_folder / "sub" / "a.py").as_posix()]
    assert [(Path(place).name, reason) for place, reason in code.unread] == [
        ("out", "a link to a folder"),
        ("circle", "a link to a folder"),
    ]


def test_folders_do_not_nest_for_ever(tmp_path: Path) -> None:
    place = tmp_path
    for _ in range(120):
        place /= "a"
    place.mkdir(parents=True)
    (place / "a.py").touch()

    code = read_code(tmp_path)

    assert code.modules == ()
    assert [reason for _, reason in code.unread] == ["too deep"]


@pytest.mark.parametrize(("bound", "value", "kept"), [("_MOST_FILES", 3, 3), ("_MOST_BYTES", 10, 2)])
def test_what_is_too_much_is_told(
    bound: str, value: int, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (tmp_path / f"{number}.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(f"ayx_spec.diff.usage.scanning.{bound}", value)

    code = read_code(tmp_path)

    assert len(code.modules) == kept
    ((_, reason),) = code.unread
    assert reason.startswith(f"{5 - kept} of 5 files")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = " + "-" * 100_000 + "1", id="minus"),
        pytest.param("x" + ".y" * 100_000, id="attributes"),
        pytest.param("x = " + "(" * 10_000, id="parentheses"),
        pytest.param("x = " + "1+" * 100_000 + "1", id="sum"),
        pytest.param("x = " + "[" * 150 + "]" * 150, id="lists"),
        pytest.param("\n".join(" " * depth + "if x:" for depth in range(120)), id="blocks"),
    ],
)
def test_code_of_any_depth_is_read_or_named(source: str, tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(source, encoding="utf-8")
    code = read_code(tmp_path)
    assert len(code.modules) + len(code.unread) == 1


def test_a_folder_without_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="holds no Python file"):
        read_code(tmp_path)
    with pytest.raises(SpecError, match="no such folder"):
        read_code(tmp_path / "nowhere")
