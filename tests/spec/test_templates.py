from __future__ import annotations

import pytest
from ayx_spec import GenerationError
from ayx_spec.templates import PATCHES, generator_version, stock_template, templates, templates_digest
from ayx_spec.templates.patching import Edit, Patch, Region, Whole, digest, patched


def test_the_patches_fit_the_installed_generator() -> None:
    assert generator_version() == "0.29.1"
    assert {patch.template for patch in PATCHES} <= templates().keys()
    assert templates_digest() == templates_digest()


def test_patch_names_are_different() -> None:
    assert len({patch.name for patch in PATCHES}) == len(PATCHES)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_every_edit_notices_a_change_of_its_template(patch: Patch) -> None:
    changed = Patch(patch.name, patch.template, (Edit("no such text anywhere", ""), *patch.edits))
    with pytest.raises(GenerationError) as caught:
        templates((changed,))

    assert patch.name in str(caught.value)
    assert patch.template in str(caught.value)
    assert "0.29.1" in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Edit("b", "B"), None),
        (Edit("c", "C"), "abCabd"),
        (Edit("b", "B", 2), "aBcaBd"),
        (Edit("x", ""), None),
        (Region("c", "d", digest("cab"), "-"), "ab-d"),
        (Region("c", "d", digest("other"), "-"), None),
        (Region("c", "", digest("cabd"), "-"), "ab-"),
        (Region("a", "d", digest("abcab"), "-"), None),
        (Region("c", "x", digest("cab"), "-"), None),
        (Whole(digest("abcabd"), "new"), "new"),
        (Whole(digest("older"), "new"), None),
    ],
)
def test_edits(edit: Edit | Region | Whole, expected: str | None) -> None:
    assert edit.apply("abcabd") == expected


def test_a_patched_template_is_what_the_edits_say() -> None:
    text = stock_template("types.py.jinja")
    patch = Patch("p", "types.py.jinja", (Edit("class Unset:", "class Nothing:"),))

    assert patched(text, patch, "1") == text.replace("class Unset:", "class Nothing:")


def test_no_fixed_multipart_boundary_is_left() -> None:
    assert "boundary" in stock_template("endpoint_module.py.jinja")
    assert not any("boundary" in text for text in templates().values())
