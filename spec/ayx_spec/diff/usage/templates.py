"""Text that a program puts together, as far as it can be read: `f"{base}/v3/users/{id}"` is `{}/v3/users/{}`."""

from __future__ import annotations

import ast
import re

__all__ = ["UNKNOWN", "Templates"]

#: Stands for what is only known when the program runs.
UNKNOWN = "{}"

_PERCENT = re.compile(r"%(?:\(\w+\))?[#0\- +]?\d*(?:\.\d+)?[sdrif]")
_BRACES = re.compile(r"\{[^{}]*\}")
_DEEPEST = 30  # of names that stand for names, and of sums


class Templates:
    """Reads texts in one module.

    Args:
        tree: The module; what names stand for is taken from its assignments, the last one of a name counts.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._assigned: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = _name_of(target)
        if name:
            self._assigned[name] = value

    def assigned(self, node: ast.expr) -> ast.expr:
        """Return what a name stands for, anything else as it is."""
        return self._assigned.get(_name_of(node) or "", node)

    def read(self, node: ast.expr, depth: int = 0) -> str:
        """Return the text of an expression with `{}` for every part that is not known."""
        found = UNKNOWN
        if depth > _DEEPEST:
            return found
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = node.value
        elif isinstance(node, ast.JoinedStr):
            found = "".join(self.read(part, depth + 1) for part in node.values)
        elif isinstance(node, ast.FormattedValue):
            found = self.read(node.value, depth + 1)
        elif isinstance(node, ast.BinOp):
            found = self._operation(node, depth)
        elif isinstance(node, ast.Call):
            found = self._call(node, depth)
        elif self.assigned(node) is not node:
            found = self.read(self.assigned(node), depth + 1)
        return found

    def _operation(self, node: ast.BinOp, depth: int) -> str:
        left = self.read(node.left, depth + 1)
        if isinstance(node.op, ast.Mod):
            return _PERCENT.sub(UNKNOWN, left)
        right = self.read(node.right, depth + 1)
        return left + right if isinstance(node.op, ast.Add) else f"{left}/{right}"

    def _call(self, node: ast.Call, depth: int) -> str:
        """`"…".format(…)`, `"/".join([…])`, `text.rstrip("/")`; of any other function, the last path it is given."""
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = self.read(function.value, depth + 1)
            if function.attr == "format":
                return _BRACES.sub(UNKNOWN, owner)
            if function.attr in ("rstrip", "strip", "lstrip"):
                return owner
            if function.attr == "join" and node.args and isinstance(node.args[0], ast.List | ast.Tuple):
                return owner.join(self.read(part, depth + 1) for part in node.args[0].elts)
        # `urljoin(base, "v3/users")`, `self.url("/v3/users")`, `os.environ.get("BASE", "https://…")`
        path = next((text for part in reversed(node.args) if "/" in (text := self.read(part, depth + 1))), "")
        return (path if "://" in path else f"{UNKNOWN}/{path}") if path else UNKNOWN


def _name_of(node: ast.expr) -> str | None:
    """Return the name of a variable or of an attribute of `self`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        return f"self.{node.attr}"
    return None
