"""What the client calls things: the generator's and the converter's own naming, asked for both documents."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_spec.convert import ClientName, client_names
from ayx_spec.convert.identifiers import class_name, constant_name, function_name
from ayx_spec.convert.names import schema_names
from ayx_spec.convert.operation_ids import with_unique_operation_ids
from ayx_spec.diff.contract import Contract, Operation

__all__ = ["Names", "argument", "attribute", "constant"]

_PACKAGE = "ayx_client"


class Names:
    """The Python names of one document.

    Args:
        contract: The document.
        classes: Schema -> its key in the converted document, where that is known better than from this document alone.
    """

    def __init__(self, contract: Contract, classes: Mapping[str, str] | None = None) -> None:
        self._keys = {**schema_names(contract.models), **(classes or {})}
        paths: dict[str, dict[str, dict[str, object]]] = {}
        for one in contract.operations:
            described: dict[str, object] = {"operationId": one.operation_id or "", "tags": list(one.tags)}
            paths.setdefault(one.path, {})[one.method.lower()] = described
        unique, _ = with_unique_operation_ids(paths, contract.name)
        self._functions = client_names({"paths": unique})

    def key(self, model: str) -> str:
        """Return the key of a schema in the converted document."""
        return self._keys.get(model, model)

    def client_name(self, operation: Operation) -> ClientName:
        """Return tag and function of an operation."""
        return self._functions[operation.method, operation.path]

    def function(self, operation: Operation) -> str:
        """Return the dotted name of an operation: `ayx_client.api.users.get_users`."""
        name = self.client_name(operation)
        return f"{_PACKAGE}.api.{name.tag}.{name.function}"

    def class_of(self, model: str) -> str:
        """Return the class of a schema: `UserView`."""
        return class_name(self.key(model))

    def model(self, model: str) -> str:
        """Return the dotted name of the class of a schema: `ayx_client.models.UserView`."""
        return f"{_PACKAGE}.models.{self.class_of(model)}"


def argument(name: str) -> str:
    """Return the Python argument of a parameter: `firstName` is `first_name`."""
    return function_name(name)


attribute = argument  # members of models follow the same rule


def constant(value: str) -> str:
    """Return the member of an enumeration's value: `Run Now` is `RUN_NOW`."""
    return constant_name(value)
