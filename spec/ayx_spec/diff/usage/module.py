"""What one module does with an API: which names it uses, which requests it makes, which members it reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ayx_spec.diff.usage.templates import Templates

__all__ = ["Call", "Module", "Request", "read_module"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
#: Functions whose first argument is the method and whose second is the address.
_BY_NAME = ("request", "send", "stream", "Request", "build_request", "api")
_SPOKEN = re.compile(r"\b(GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS)\s+(\S*/\S+)")
_QUERY_KEY = re.compile(r"[?&]([\w.$\[\]-]+)=")
_CLIENT = "ayx_client"


@dataclass(frozen=True)
class Call:
    """A call of something, or a mention of it.

    Attributes:
        name: Dotted: `ayx_client.api.users.get_users.sync`, `server.users.get_users`.
        line: Where.
        called: Whether it is called there, not only mentioned.
        keywords: The arguments passed by name; `None` if they are not known (`**more`).
        positional: How many are passed by place.
    """

    name: str
    line: int
    called: bool = False
    keywords: frozenset[str] | None = frozenset()
    positional: int = 0


@dataclass(frozen=True)
class Request:
    """A request made by hand, or an address that may be one's.

    Attributes:
        method: Upper case; `None` if it cannot be told.
        address: With `{}` for what is not known.
        query: The names sent in the query; `None` if they are not known.
        body: The names sent in the body; `None` if they are not known.
        line: Where.
    """

    method: str | None
    address: str
    query: frozenset[str] | None
    body: frozenset[str] | None
    line: int


@dataclass
class Module:
    """A module, read.

    Attributes:
        calls: What it calls and mentions by dotted names.
        requests: What it may request by address.
        members: (name, line) of every attribute it reads and every key it looks up by a literal.
        texts: (text, line) of every literal text.
    """

    calls: list[Call] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    members: list[tuple[str, int]] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)


def read_module(tree: ast.Module) -> Module:
    """Read a parsed module."""
    return _Reader(tree).read()


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._templates = Templates(tree)
        self._module = Module()
        self._bound: dict[str, str] = {}
        self._requested: set[str] = set()  # texts that a call with a known method uses, and their places
        self._handled: set[int] = set()

    def read(self) -> Module:
        nodes = list(ast.walk(self._tree))
        silent = {id(node.value) for node in nodes if isinstance(node, ast.Expr) and _is_text(node.value)}  # docstrings
        inner = {id(part) for node in nodes for part in _parts(node)}
        for node in nodes:
            self._import(node)
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call(node)
        for node in nodes:
            self._mention(node, inner)
            if isinstance(node, ast.expr) and id(node) not in silent and id(node) not in inner:
                self._text(node)
            if isinstance(node, ast.List | ast.Tuple):
                self._spoken_list(node)
        return self._module

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._bound[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                self._bound[alias.asname or alias.name] = dotted
                if node.module.partition(".")[0] == _CLIENT:
                    self._module.calls.append(Call(dotted, alias.lineno))

    def _dotted(self, node: ast.expr) -> str | None:
        """Return the dotted name of an expression, imports resolved; calls and indexes in it end it."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            steps.append("?")
        else:
            steps.append(self._bound.get(node.id, node.id))
        return ".".join(reversed(steps)) if len(steps) > 1 or steps[0] in self._bound.values() else None

    def _call(self, node: ast.Call) -> None:
        name = self._dotted(node.func)
        if name:
            passed = [keyword.arg for keyword in node.keywords]
            known = None if None in passed else frozenset(arg for arg in passed if arg)
            self._module.calls.append(Call(name, node.lineno, True, known, len(node.args)))
        self._request(node)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in ("get", "pop") and node.args:
            self._member(node.args[0])
        if isinstance(function, ast.Name) and function.id == "getattr" and len(node.args) > 1:
            self._member(node.args[1])

    def _request(self, node: ast.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        arguments = [*node.args]
        method: str | None = name.upper() if name.lower() in _METHODS else None
        if method is None:
            spoken = named.get("method") or (arguments[0] if arguments else None)
            told = self._templates.read(spoken) if spoken is not None else ""
            if told.lower() not in _METHODS and name not in _BY_NAME:
                return
            method = told.upper() if told.lower() in _METHODS else None
            arguments = arguments[1:] if method and "method" not in named else arguments
        address = named.get("url") or named.get("path") or (arguments[0] if arguments else None)
        if address is None:
            return
        text = self._templates.read(address)
        if "/" not in text:
            return
        self._requested.add(text)
        self._handled |= {id(part) for part in ast.walk(address)}
        query = self._keys(named.get("params"))
        if query is not None:
            query |= frozenset(_QUERY_KEY.findall(text))
        sent = next((named[key] for key in ("json", "data", "content", "files") if key in named), None)
        self._module.requests.append(Request(method, text, query, self._keys(sent), node.lineno))

    def _keys(self, node: ast.expr | None) -> frozenset[str] | None:
        """Return the keys of a dictionary; nothing sent is no keys, and what is built elsewhere is not known."""
        if node is None:
            return frozenset()
        node = self._templates.assigned(node)
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            return None if None in keys else frozenset(map(str, keys))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
            names = [keyword.arg for keyword in node.keywords]
            return None if None in names else frozenset(map(str, names))
        return None

    def _mention(self, node: ast.AST, inner: set[int]) -> None:
        if isinstance(node, ast.Attribute):
            self._module.members.append((node.attr, node.end_lineno or node.lineno))
            if id(node) not in inner:
                self._named(node)
        elif isinstance(node, ast.Name) and node.id in self._bound and id(node) not in inner:
            self._named(node)
        elif isinstance(node, ast.Subscript):
            self._member(node.slice)

    def _named(self, node: ast.Attribute | ast.Name) -> None:
        dotted = self._dotted(node)
        if dotted:
            self._module.calls.append(Call(dotted, node.lineno))

    def _member(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._module.members.append((node.value, node.lineno))

    def _text(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._module.texts.append((node.value, node.lineno))
        if not _is_text(node) or id(node) in self._handled:
            return
        text = self._templates.read(node)
        spoken = _SPOKEN.findall(text)
        for method, address in spoken:
            self._module.requests.append(Request(method, address, None, None, node.lineno))
        if not spoken and "/" in text and not any(mark in text for mark in (" ", "\n")) and text not in self._requested:
            self._module.requests.append(Request(None, text, None, None, node.lineno))

    def _spoken_list(self, node: ast.List | ast.Tuple) -> None:
        """`["ayxctl", "api", "GET", "/v3/users"]`: the arguments of another program."""
        texts = [self._templates.read(part) for part in node.elts]
        for part, method, address in zip(node.elts[1:], texts, texts[1:], strict=False):
            if method in map(str.upper, _METHODS) and "/" in address:
                self._module.requests.append(Request(method, address, None, None, part.lineno))
                self._requested.add(address)


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is a text that is written here, or put together here."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join")
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the parts of an expression that are read with it, and would be read twice on their own."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.FormattedValue):
        if isinstance(node.value, ast.Constant | ast.JoinedStr):
            yield node.value
    elif isinstance(node, ast.BinOp):
        yield from (
            part for part in (node.left, node.right) if isinstance(part, ast.Constant | ast.JoinedStr | ast.BinOp)
        )
    elif isinstance(node, ast.Call):
        yield node.func
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
            yield node.func.value
    elif isinstance(node, ast.Attribute):
        yield node.value
