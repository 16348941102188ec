"""What somebody else says, made safe: characters, Markdown, and the commands of CI systems."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from ayx_diagnostics.report import markdown_text, plain_text
from ayx_diagnostics.report.formats import FORMATS, Format
from ayx_diagnostics.report.safe_output import safe_output, without_commands
from ayx_spec import plain_text as of_documents
from hypothesis import given
from hypothesis import strategies as st
from outputs import DRAWN, FINDS_COMMAND, MARKDOWN, REFERENCE, Page

EVERY_CHARACTER = list(map(chr, range(sys.maxunicode + 1)))

#: Text of the kind that somebody would try, in any order.
PIECES = st.sampled_from(
    [
        *(
            "\x1b]52;c;ZXZpbA==\x07",
            "\x9b31m",
            "\r",
            "\n",
            "\t",
            "\u202e",
            "\u2066",
            "\u200b",
            "\u2028",
            "\ud800",
            "a\u0301",
        ),
        *("::error::x", "::1", "##vso[a]", "##[b]", "section_start:1:a", "--- ", "\n::add-mask::y", "#", "[", ":"),
        *("@octocat", "![i](http://evil/p.png)", "[a](b)", "<img src=x>", "</td>", "`", "``", "```", "|", "~~", "*"),
        *("www.evil.test", "owner/repo#1", "!12", ":smile:", "&lt;", "\\", "1. ", "- ", "# ", "=", "$x$", "word", " "),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


# --- characters ------------------------------------------------------------------------------------------------------


def test_no_character_acts() -> None:
    acting = {c for c in EVERY_CHARACTER if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    left = {c for c in acting - DRAWN if c in plain_text.visible(f"a{c}b")}
    assert left == {"\t", "\n"}


@pytest.mark.parametrize("filler", ["\u034f", "\u115f", "\u3164", "\uffa0", "\ufe0f", "\U000e0100", "\U000e0041"])
def test_nothing_hides_between_letters(filler: str) -> None:
    assert plain_text.visible(f"a{filler}b").isascii()


@pytest.mark.parametrize(
    "text",
    ["Größe 5 µm …", "\u0645\u06cc\u200c\u062e\u0648", "क्\u200dष", "⚠\ufe0f ☠\ufe0f", "ấ เก็บ שָׁ", "日本語", "a\r\nb\tc"],
)
def test_what_people_write_stays(text: str) -> None:
    assert plain_text.visible(text) == text


def test_marks_do_not_pile_up() -> None:
    shown = plain_text.visible("Z" + "\u0301\u0489" * 100)
    assert sum(unicodedata.category(character) in ("Mn", "Me") for character in shown) == 8


@given(TEXTS)
def test_one_line_is_one_line_and_a_second_time_changes_nothing(text: str) -> None:
    line = plain_text.one_line(text)
    assert len(line.splitlines()) <= 1
    assert plain_text.one_line(line) == line
    assert plain_text.visible(plain_text.visible(text)) == plain_text.visible(text)


def test_both_rooms_agree_about_every_character() -> None:
    def differ(text: str) -> bool:
        return plain_text.visible(text) != of_documents.visible(text)

    many = [EVERY_CHARACTER[at : at + 4096] for at in range(0, len(EVERY_CHARACTER), 4096)]
    different = [
        character
        for form in ("a{}b", "\u0628{}\u0628", "\u26a0{} ")
        for some in many
        if differ("".join(map(form.format, some)))  # many at once: what differs by itself differs among others
        for character in some
        if differ(form.format(character))
    ]
    assert different == []


@given(TEXTS)
def test_both_rooms_agree_about_texts(text: str) -> None:
    assert plain_text.one_line(text) == of_documents.one_line(text)
    assert markdown_text.markdown(text) == of_documents.markdown(text)
    assert markdown_text.code(text) == of_documents.code(text)


@given(TEXTS)
def test_json_keeps_its_value_and_holds_nothing_that_acts(text: str) -> None:
    written = of_documents.json_text({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not {unicodedata.category(character) for character in set(written) - DRAWN - {"\n"}} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
    }
    written.encode()


# --- Markdown --------------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_a_text_in_markdown_is_that_text(text: str) -> None:
    page = Page(MARKDOWN.render(f"- {markdown_text.markdown(text)}\n"))
    assert page.elements <= {"ul", "li", "code"}
    assert page.attributes == set()
    assert REFERENCE.search(page.prose) is None
    shown, given = (re.sub(r"\s|\\x3c|<", "", each) for each in (page.text, plain_text.one_line(text)))
    assert shown.replace("`", "'") == given.replace("`", "'")


@given(TEXTS)
def test_a_text_in_a_table_or_a_heading_stays_in_it(text: str) -> None:
    shown = markdown_text.markdown(text)
    table = Page(MARKDOWN.render(f"| a | b |\n|---|---|\n| {shown} | end |\n"))
    assert table.elements <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    heading = Page(MARKDOWN.render(f"# {shown}\n\nnext\n"))
    assert heading.elements <= {"h1", "p", "code"}


@given(TEXTS)
def test_a_code_span_holds_everything(text: str) -> None:
    page = Page(MARKDOWN.render(f"x {markdown_text.code(text)} y\n"))
    assert page.elements == {"p", "code"}
    assert page.prose.split() == ["x", "y"]


def test_our_own_sentences_stay_readable_in_markdown() -> None:
    sentence = "10.0.0.7:443 (ayx.corp.example) does not answer: no answer to 3 SYNs in 5.0 s"
    assert markdown_text.markdown(sentence) == sentence
    assert markdown_text.markdown("set it to https://ayx.corp.example/webapi.") == (
        "set it to `https://ayx.corp.example/webapi`."
    )


# --- the commands of CI systems --------------------------------------------------------------------------------------

COMMANDS = [
    *("::error::pwn", "  ::set-output name=a::b", "\t::stop-commands::t", "\u00a0::debug::x", "\x1b[1m::add-mask::a"),
    *("x ##vso[task.setvariable]y", "##[error]z", "a ##TeamCity[b]", "###[group]"),
    *("section_start:1560896352:a", "section_end:1:a", "travis_fold:start:a", "--- a", "+++ b", "~~~ c", "^^^ +++"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_ci_system_finds_a_command(command: str) -> None:
    text = f"first\n{command}\nlast"
    assert FINDS_COMMAND.search(text)
    assert not FINDS_COMMAND.search(without_commands(text))


@pytest.mark.parametrize(
    "ours", ["::1", "::1: refused", "::ffff:10.0.0.7 answers", "[::1]:443", "a:: b", "#1", "a --- b"]
)
def test_what_is_ours_stays(ours: str) -> None:
    assert safe_output(f"{ours}\n  {ours}") == f"{ours}\n  {ours}"


@given(TEXTS, st.sampled_from(FORMATS))
def test_no_form_lets_a_command_through_and_each_keeps_what_it_says(text: str, form: Format) -> None:
    document = {
        "json": lambda: json.dumps([text], indent=2),
        "junit": lambda: _xml(text),
        "html": lambda: f"<p>{text.replace('<', '&lt;')}</p>",
        "markdown": lambda: text,
        "text": lambda: text,
    }[form]()
    written = safe_output(document, form)
    found = FINDS_COMMAND.search(written)
    assert found is None or re.match(r"\s*::[0-9A-Fa-f]", found.group())
    assert safe_output(written, form) == written
    if form == "json":
        assert json.loads(written) == [text]
    elif form == "junit":
        assert ET.fromstring(written).text == ET.fromstring(document).text
    elif form == "html":
        assert unescape(written) == unescape(document)


def _xml(text: str) -> str:
    element = ET.Element("a")
    element.text = re.sub(r"[^\n\x20-\ud7ff\ue000-\ufffd]", "?", text)
    return ET.tostring(element, encoding="unicode")
