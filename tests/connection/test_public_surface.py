from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import ayx_connection
import pytest
from ayx_connection.failures import errors

SOURCE = Path(inspect.getfile(ayx_connection))


def test_all_is_exactly_the_public_surface() -> None:
    """The names for type checkers, the table for run time and ``__all__`` agree."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    for_type_checkers = {
        (alias.name, str(node.module).partition(".")[2])
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert for_type_checkers == set(ayx_connection._HOMES.items())
    assert set(ayx_connection.__all__) == set(ayx_connection._HOMES) | {"__version__"}
    assert list(ayx_connection.__all__) == sorted(ayx_connection.__all__)


@pytest.mark.parametrize("name", ayx_connection.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(ayx_connection, name)
    assert name in dir(ayx_connection)
    if name != "__version__":
        module = importlib.import_module(f"ayx_connection.{ayx_connection._HOMES[name]}")
        assert name in module.__all__
        assert value.__doc__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = ayx_connection.nonsense


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Four columns are one level; the class above, one level up, is a base class."""
    drawn: dict[str, type] = {"AyxError": errors.AyxError}
    above = [errors.AyxError]
    for line in (errors.__doc__ or "").splitlines():
        branch, found, rest = line.partition("── ")
        if found:
            level = len(branch) // 4
            kind = getattr(errors, rest.split()[0])
            assert above[level - 1] in kind.__bases__
            above[level:] = [kind]
            drawn[kind.__name__] = kind
    assert sorted(drawn) == errors.__all__
    assert all(kind.__doc__ for kind in drawn.values())
