"""``explain`` reads what Windows writes: UTF-16, and the code pages of its languages, which nothing in a file names."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.explanation import understand
from ayx_diagnostics.explanation.encodings import decoded
from ayx_diagnostics.explanation.paste import MOST_TEXT
from ayx_diagnostics.explanation.tables import words
from hypothesis import given
from hypothesis import strategies as st

HERE = Path(__file__).parent / "explained"
FIELD = [
    json.loads(line)["text"]
    for path in sorted(HERE.glob("field_*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
TABLES = [row.example for row in words()]
TEXTS = [text for text in dict.fromkeys([*FIELD, *TABLES]) if not text.isascii()]
CODE_PAGES = (
    *("cp1252", "cp850", "cp437", "cp932", "gbk", "cp949", "big5", "cp950", "cp1250", "cp852", "cp1251", "cp866"),
)
WITH_A_MARK = ("utf-8-sig", "utf-16")
#: Sentences as they are written, each in the code pages of its language.
SENTENCES = {
    "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte. Prüfen Sie "
    "ähnliche Einträge für Österreich.": ("cp1252", "cp850", "cp437"),
    "Die Überprüfung läuft noch": ("cp1252", "cp850", "cp437"),
    "Le délai d'attente de l'opération a expiré à cet hôte": ("cp1252", "cp850"),
    "La operación ha excedido el tiempo de espera en España": ("cp1252", "cp850"),
    "接続がタイムアウトしました。しばらくしてからもう一度お試しください": ("cp932",),
    "目标计算机积极拒绝，无法连接。请检查代理设置": ("gbk",),  # noqa: RUF001  # as Windows writes it
    "連線逾時，請稍後再試": ("cp950", "big5"),  # noqa: RUF001  # as above
    "연결을 거부했으므로 연결하지 못했습니다": ("cp949",),
    "Удаленный хост принудительно разорвал существующее подключение": ("cp1251", "cp866"),
}


def codes(text: str) -> list[str]:
    return [match.code for match in understand(text).matches]


def bytes_of(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return None


@pytest.mark.parametrize("encoding", [*CODE_PAGES, *WITH_A_MARK])
def test_a_text_means_the_same_in_whatever_encoding_it_was_written(encoding: str) -> None:
    held = {text: raw for text in TEXTS if (raw := bytes_of(text, encoding)) is not None}
    assert len(held) > 5
    read = {text: decoded(raw) for text, raw in held.items()}
    # only what was read as another text can have other codes
    assert [text for text, other in read.items() if other != text and codes(other) != codes(text)] == []
    if encoding in WITH_A_MARK:
        assert read == {text: text for text in held}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_latin_letters_where_the_mark_was_cut_off(encoding: str) -> None:
    read = {text: decoded(text.encode(encoding)) for text in [*TEXTS, *TABLES[:200]] if "443" in text or text.isascii()}
    assert read == {text: text for text in read}


@pytest.mark.parametrize(
    ("sentence", "encoding"), [(text, encoding) for text, encodings in SENTENCES.items() for encoding in encodings]
)
def test_a_sentence_of_a_language_is_read_letter_by_letter(sentence: str, encoding: str) -> None:
    assert decoded(f"ERROR 10061: {sentence}\r\n".encode(encoding)) == f"ERROR 10061: {sentence}\r\n"


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp932", "gbk", "cp949"])
def test_one_line_in_a_code_page_does_not_spoil_a_log_in_utf_8(encoding: str) -> None:
    sentence = next(text for text, encodings in SENTENCES.items() if encoding in encodings)
    before, after = "größer: 大きい, больше\n", "ça va… 可以\n"
    raw = (before * 50).encode() + f"{sentence}\n".encode(encoding) + (after * 50).encode()
    assert decoded(raw) == before * 50 + f"{sentence}\n" + after * 50


@pytest.mark.parametrize("cut", range(9))
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "gbk", "cp850"])
def test_the_end_of_a_long_file_may_begin_within_a_character(encoding: str, cut: int) -> None:
    sentence = next(text for text, encodings in SENTENCES.items() if encoding in (*encodings, "utf-8"))
    lines = f"{sentence}\nERROR\n{sentence}\n"
    read = decoded(lines.encode(encoding)[cut:])
    assert read.endswith(f"\nERROR\n{sentence}\n")
    assert "\ufffd" not in read.partition("\n")[2]


def test_what_a_cut_left_of_a_character_is_left_out() -> None:
    assert decoded("大きい\n".encode()[1:]) == "きい\n"


@given(st.text())
def test_utf_8_is_utf_8(text: str) -> None:
    if "\0" not in text and not text.startswith("\ufeff"):
        assert decoded(text.encode()) == text


@given(st.binary(max_size=400))
def test_any_octets_are_some_text(raw: bytes) -> None:
    assert isinstance(decoded(raw), str)


def test_a_long_file_is_decided_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from ayx_diagnostics.explanation import encodings

    looked_at: list[int] = []
    worth: Callable[..., float] = encodings._worth

    def counted(text: str, code_page: str) -> float:
        looked_at.append(len(text))
        return worth(text, code_page)

    monkeypatch.setattr(encodings, "_worth", counted)
    line = "Zeile %d: Für die Verbindung wurde geschlossen\n"
    raw = "".join(line % number for number in range(MOST_TEXT // 50)).encode("cp850")
    assert decoded(raw).endswith("Für die Verbindung wurde geschlossen\n")
    assert sum(looked_at) < MOST_TEXT / 8


@pytest.mark.parametrize("encoding", ["utf-16", "cp850", "cp932", "gbk", "utf-8-sig"])
@pytest.mark.parametrize("piped", [False, True])
def test_the_command_reads_it_from_a_file_and_a_pipe(encoding: str, piped: bool, tmp_path: Path) -> None:
    refused = [row.example for row in words() if row.symptom == "refused" and bytes_of(row.example, encoding)]
    text = next(example for example in reversed(refused) if not example.isascii() or encoding.startswith("utf"))
    raw = text.encode(encoding)
    log = tmp_path / "error.log"
    log.write_bytes(raw)
    arguments: tuple[Any, ...] = ("-",) if piped else (log,)
    done = subprocess.run(
        [sys.executable, "-m", "ayx_diagnostics", "explain", "--format", "json", *map(str, arguments)],
        input=raw if piped else b"",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert [match["code"] for match in json.loads(done.stdout)["matches"]] == codes(text)
    assert codes(text)
