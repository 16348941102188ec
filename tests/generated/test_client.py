"""The client as a whole: it has what its documents describe, imports, and names no deployment."""

from __future__ import annotations

import json
import pickle
import warnings
from importlib import import_module
from typing import Any

import pytest

from .conftest import NAME, without_names


def test_it_has_every_operation_of_its_documents_and_no_other(under_test: Any) -> None:
    names = {without_names(operation.name) for operation in under_test.operations}

    assert len(under_test.operations) == under_test.lock["operations"] > 0
    assert under_test.described().keys() - names == set()


def test_it_keeps_the_documents_that_it_was_made_from(under_test: Any) -> None:
    kept = json.loads((under_test.folder / "documents.json").read_text(encoding="utf-8"))
    titles = [(document["info"]["title"], document["info"]["version"]) for document in kept]
    made_from = [(document["title"], document["version"]) for document in under_test.lock["documents"]]

    assert made_from
    assert [one for one in titles if one not in made_from] == []


def test_every_module_imports(under_test: Any) -> None:
    modules = [path.relative_to(under_test.folder).with_suffix("") for path in under_test.folder.rglob("*.py")]
    assert len(modules) > len(under_test.operations)
    for module in modules:
        import_module(".".join([NAME, *module.parts]).removesuffix(".__init__"))


def test_models_are_found_by_name(under_test: Any) -> None:
    models = under_test.package.models
    for name in models.__all__:
        assert getattr(models, name).__name__ == name
    with pytest.raises(AttributeError, match="NoSuchModelAtAll"):
        _ = models.NoSuchModelAtAll


def test_a_model_of_which_everything_is_missing(under_test: Any) -> None:
    models = [getattr(under_test.package.models, name) for name in under_test.package.models.__all__]
    for model in (one for one in models if hasattr(one, "from_dict")):
        with warnings.catch_warnings(action="ignore"):  # they say what is missing
            assert model.from_dict({}).to_dict() == {}
            assert model.from_dict({"addedLater": [1]}).to_dict() == {"addedLater": [1]}


def test_no_address_of_a_deployment_is_in_it(under_test: Any) -> None:
    kept = json.loads((under_test.folder / "documents.json").read_text(encoding="utf-8"))

    assert [document for document in kept if {"host", "schemes", "servers"} & document.keys()] == []


def test_an_error_survives_pickling(under_test: Any) -> None:
    package = under_test.package
    error = package.errors.ErrorResponse("GET /", package.types.Response(404, b"", {}, None))

    assert str(pickle.loads(pickle.dumps(error))) == "GET /: 404"
