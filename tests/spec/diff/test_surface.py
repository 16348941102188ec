"""Two generated packages compared as Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ayx_client
import pytest
from ayx_spec import GenerationError
from ayx_spec.diff import Comparison
from ayx_spec.diff.surface import SurfaceChange, compare_packages, unexplained

pytest.importorskip("griffe", reason="griffe is in the extra `spec`")

CLIENT = Path(ayx_client.__file__).parent


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small package in the generated client's form, before and after."""
    folder = tmp_path_factory.mktemp("surface")
    old, new = folder / "before" / "ayx_client", folder / "after" / "renamed_client"
    for package in (old, new):
        for name in ("__init__.py", "api/__init__.py", "api/users/__init__.py", "models/__init__.py"):
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CLIENT / name, path)
        for name in ("api/users/get_users.py", "api/users/get_user.py", "models/user_view.py"):
            shutil.copy(CLIENT / name, package / name)
    (new / "api/users/get_user.py").unlink()
    function = new / "api/users/get_users.py"
    text = function.read_text(encoding="utf-8")
    function.write_text(text.replace("email: str | Unset | None = UNSET", "email: str"), encoding="utf-8")
    model = new / "models/user_view.py"
    lines = [line for line in model.read_text(encoding="utf-8").splitlines() if not line.startswith("    first_name:")]
    model.write_text("\n".join(lines), encoding="utf-8")
    return old, new


def test_what_is_gone_and_what_is_required_is_found_once(packages: tuple[Path, Path]) -> None:
    assert compare_packages(*packages) == (
        SurfaceChange("ayx_client.api.users.get_user", "Public object was removed"),
        SurfaceChange("ayx_client.api.users.get_users", "argument `email`: Parameter is now required"),
        SurfaceChange("ayx_client.models.UserView.first_name", "Public object was removed"),
    )


def test_a_package_and_itself(packages: tuple[Path, Path]) -> None:
    assert compare_packages(packages[0], packages[0]) == ()


def test_what_the_documents_explain_is_not_told_twice(
    packages: tuple[Path, Path], api: dict[str, Any], diff: Callable[..., Comparison]
) -> None:
    old = {**api, "paths": {**api["paths"]}}
    new = {**api, "paths": {path: item for path, item in api["paths"].items() if path != "/v3/users/{id}"}}
    left = unexplained(compare_packages(*packages), diff(old, new).changes)

    assert [one.name for one in left] == ["ayx_client.api.users.get_users", "ayx_client.models.UserView.first_name"]


def test_a_folder_that_is_no_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="is no Python package"):
        compare_packages(tmp_path, tmp_path)
