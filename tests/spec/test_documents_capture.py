"""Our V3 document against the document that a real Server served: equal in structure, different in every sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = REPOSITORY / "spec" / "documents"
CAPTURE = REPOSITORY.parent / "shared" / "corpus" / "alteryx-server-v3.swagger.json"
PROSE = {"summary", "description"}
SENTENCE = 4  # words from which on a text counts as a sentence
RUN = 8  # so many words in a row in common would be a copy

pytestmark = pytest.mark.skipif(not CAPTURE.is_file(), reason="the captured V3 document is not beside the repository")


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def ours() -> dict[str, Any]:
    return load(DOCUMENTS / "server-2025.2-v3.swagger.json")


def structure(node: object, *, named: bool = False) -> object:
    """A node without its prose, as text that keeps the order of keys; `named` where keys are names and not keywords."""
    if isinstance(node, dict):
        return [
            (key, structure(value, named=key in {"properties", "definitions", "responses", "paths"} and not named))
            for key, value in node.items()
            if named or key not in PROSE
        ]
    if isinstance(node, list):
        return [structure(value) for value in node]
    return node


def prose(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in PROSE and isinstance(value, str):
                yield value
            else:
                yield from prose(value)
    elif isinstance(node, list):
        for value in node:
            yield from prose(value)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def without_addresses(text: str) -> str:
    """The text without its links: where the vendor's help lies is a fact and no prose."""
    return re.sub(r"https?://[^\s\"]+", " ", text)


def sentences(text: str) -> list[str]:
    parts = [text, *re.split(r"[.\r\n]+", text)]
    return [" ".join(words(part)) for part in parts if len(words(part)) >= SENTENCE]


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}


def test_info_is_equal() -> None:
    assert ours()["info"] == load(CAPTURE)["info"]


@pytest.mark.parametrize("part", ["paths", "definitions"])
def test_names_and_their_order_are_equal(part: str) -> None:
    assert list(ours()[part]) == list(load(CAPTURE)[part])


def test_operations_are_equal_in_all_but_prose() -> None:
    captured = load(CAPTURE)["paths"]
    different = [
        f"{method} {path}"
        for path, item in ours()["paths"].items()
        for method, operation in item.items()
        if structure(operation) != structure(captured[path].get(method))
    ]
    assert different == []
    assert [list(item) for item in ours()["paths"].values()] == [list(item) for item in captured.values()]


def test_definitions_are_equal_in_all_but_prose() -> None:
    captured = load(CAPTURE)["definitions"]
    different = [
        name for name, schema in ours()["definitions"].items() if structure(schema) != structure(captured[name])
    ]
    assert different == []


def test_the_rest_is_equal_but_for_the_address() -> None:
    mine, captured = ours(), load(CAPTURE)
    assert list(mine) == list(captured)
    for document in (mine, captured):
        token_url = document["securityDefinitions"]["oauth2"].pop("tokenUrl")
        assert token_url == f"{document['schemes'][0]}://{document.pop('host')}/webapi/oauth2/token"
    for part in ("basePath", "schemes", "securityDefinitions"):
        assert structure(mine[part]) == structure(captured[part])


def test_the_comparison_sees_a_difference() -> None:
    captured = load(CAPTURE)["definitions"]["WorkflowDetails"]
    reordered = {**captured, "properties": dict(reversed(captured["properties"].items()))}
    # WorkflowDetails has a member called description, which is a name and no prose.
    renamed = {**captured, "properties": {k: v for k, v in captured["properties"].items() if k != "description"}}
    assert structure(reordered) != structure(captured)
    assert structure(renamed) != structure(captured)


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.glob("*.swagger.json")))
def test_no_sentence_is_copied(name: str) -> None:
    captured = [without_addresses(text) for text in prose(load(CAPTURE))]
    captured_sentences = {sentence for text in captured for sentence in sentences(text)}
    captured_runs = set().union(*map(runs, captured))
    texts = [without_addresses(t) for t in prose(load(DOCUMENTS / name))]
    assert len(texts) > 100
    assert captured_sentences & {sentence for text in texts for sentence in sentences(text)} == set()
    assert captured_runs & set().union(*map(runs, texts)) == set()
