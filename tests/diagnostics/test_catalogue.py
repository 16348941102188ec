from __future__ import annotations

import io
import re
import string
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.catalogue import PLACEHOLDERS, SYSTEMS, VENDOR_PAGES, WORDS, entries, entry, pages, site
from ayx_diagnostics.catalogue.loading import read_entry, unknown_codes
from ayx_diagnostics.command_line import site as site_command
from ayx_diagnostics.model import STAGES
from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import members
from ayx_simulator import FAULTS
from ayx_simulator.peers import certificates, proxy, zone
from ayx_simulator.peers import faulty_peer as faulty
from rich.console import Console

ALL = entries()
CODES = {found.code for found in ALL}
EVERY = pytest.mark.parametrize("found", ALL, ids=[found.code for found in ALL])
#: Words in capitals that are no stand-ins for the reader's own: variables, record types, states, parts of names.
NO_STAND_INS = re.compile(
    r"(ALTERYX|HTTPS?|ALL|NO|REQUESTS|SSL|CA|LC)(_[A-Z_]*)?|[A-Z]{2,3}|CNAME|AAAA|HKLM|HKCU|HTTP|POST|"
    "DEFAULT|SECLEVEL|CONNECT|LISTEN|SYSTEM|SCHANNEL|ASCII|CERTIFICATE|BEGIN|CONTENT|PROXY"
)


@cache
def shown(found: catalogue.Entry, width: int = 120, **more: object) -> str:
    stream = io.StringIO()
    pages.show(found, Console(file=stream, width=width, **{"color_system": None, "legacy_windows": False, **more}))  # type: ignore[arg-type]
    return stream.getvalue()


def joined(text: str) -> str:
    return " ".join(text.split())


def test_codes_are_stage_and_reason_in_the_order_of_the_stages() -> None:
    codes = [found.code for found in ALL]
    assert len(codes) == len(CODES)
    assert [STAGES.index(found.stage) for found in ALL] == sorted(STAGES.index(found.stage) for found in ALL)
    assert all(set(code) <= set(string.ascii_lowercase + string.digits + "_.") for code in codes)


@EVERY
def test_an_entry_is_complete(found: catalogue.Entry) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(found.title) if name is not None}
    assert named <= set(PLACEHOLDERS)
    assert not found.title.endswith(".")
    assert found.severity in ("error", "warning", "info")
    assert found.meaning.count(".") >= 2
    assert found.evidence.endswith(".")
    assert found.causes
    assert found.reproduce
    assert {step.owner for step in found.fix} <= {"you", "network", "server"}
    assert all(step.step for step in found.fix)
    assert found.fix
    assert found.prove
    assert found.look_alikes


WHOLE = tomllib.loads((Path(catalogue.__file__).parent / "tcp.toml").read_text(encoding="utf-8"))["syn_dropped"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": None}, "title is missing"),
        ({"titel": "x"}, "titel is no key of an entry"),
        ({"title": "refused by {nobody}"}, "title is not what it has to be"),
        ({"severity": "fatal"}, "severity is not what it has to be"),
        ({"fix": [{"owner": "boss", "step": "x"}]}, "fix is not what it has to be"),
        ({"fix": [{"owner": "you"}]}, "fix is not what it has to be"),
        ({"prove": [{"on": "beos", "run": "x", "shows": "y"}]}, "prove is not what it has to be"),
        ({"look_alikes": ["tcp.refused"]}, "look_alikes is not what it has to be"),
        ({"docs": ["no_such_page"]}, "docs is not what it has to be"),
        ({"proven_at": "ip"}, "proven_at is not what it has to be"),
        ({"visible": True}, "visible is not what it has to be"),
        ({"causes": "one"}, "causes is not what it has to be"),
    ],
)
def test_a_mistake_in_an_entry_is_said_with_its_place(changed: dict[str, object], said: str) -> None:
    table = {key: value for key, value in {**WHOLE, **changed}.items() if value is not None}
    with pytest.raises(catalogue.CatalogueError, match=re.escape(f"tcp.made_up in tcp.toml: {said}")):
        read_entry("tcp.made_up", table)
    assert read_entry("tcp.made_up", WHOLE).proven_at == "tcp"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("see_also", ["tcp.no_such"]),
        ("excused_by", ["tcp.no_such"]),
        ("look_alikes", [{"code": "tcp.no_such", "differs": "x"}]),
        ("without_sender", {"code": "tcp.no_such", "differs": "x"}),
    ],
)
def test_a_reference_to_no_code_is_said(key: str, value: object) -> None:
    found = read_entry("tcp.made_up", {**WHOLE, key: value})
    assert list(unknown_codes((*ALL, found))) == ["tcp.made_up refers to tcp.no_such, which is no code"]
    assert list(unknown_codes(ALL)) == []


@EVERY
def test_an_entry_refers_only_to_what_there_is(found: catalogue.Entry) -> None:
    others = [other.code for other in found.look_alikes] + list(found.see_also)
    assert set(others) <= CODES - {found.code}
    assert len(others) == len(set(others))
    assert {proof.on for proof in found.prove} <= set(SYSTEMS)
    assert set(found.docs) <= set(VENDOR_PAGES.values())
    text = " ".join([found.meaning, found.evidence, *found.causes, *(step.step for step in found.fix)])
    mentioned = re.findall(rf"\b(?:{'|'.join(STAGES)})\.[a-z_]+\b", text)
    assert set(mentioned) <= CODES


@EVERY
def test_a_stand_in_in_a_command_is_explained(found: catalogue.Entry) -> None:
    text = joined(shown(found))
    assert text.isascii()  # every console can show it
    for proof in found.prove:
        for word in re.findall(r"(?<![\w$])[A-Z][A-Z_]+[A-Z](?![\w:'(])", proof.run):
            assert word in WORDS or NO_STAND_INS.fullmatch(word), word
            assert word not in WORDS or f"{word} is {WORDS[word]}" in text


def test_who_sits_at_windows_can_prove_it_too() -> None:
    of_linux = {"local.prohibit_route", "local.blackhole_route", "local.unreachable_route", "tcp.proto_unreachable"}
    of_openssl = {
        "tls.strict_basic_constraints",
        "tls.strict_missing_aki",
        "tls.name_constraints",
        "tls.weak_key_or_sig",
        "tls.access_denied_alert",
        "tls.unrecognized_name",
        "tls.silent_on_clienthello",
    }
    without = {found.code for found in ALL if not {"any", "windows"} & {proof.on for proof in found.prove}}
    assert without <= of_linux | of_openssl


def test_what_a_page_says_to_reproduce_with_exists() -> None:
    known = {
        r"simulate .*--fault ([\w.]+)": FAULTS,
        r"ayx_simulator\.faulty (\w+)": faulty.BEHAVIOURS,
        r"ayx_simulator\.proxy (\w+)": proxy.BEHAVIOURS,
        r"ayx_simulator\.dns --default (\w+)": zone.BEHAVIOURS,
        r"\.server\('(\w+)'\)": certificates.VARIANTS,
    }
    for pattern, names in known.items():
        used = {name for found in ALL for name in re.findall(pattern, found.reproduce)}
        assert used
        assert used <= set(names)
    by_fault = {fault: found.reproduce for found in ALL for fault in FAULTS if f"--fault {fault}" in found.reproduce}
    assert all(found.code not in FAULTS or by_fault[found.code] == found.reproduce for found in ALL)


def test_no_text_stands_twice() -> None:
    texts = Counter(joined(text) for found in ALL for text in (found.meaning, found.evidence))
    texts.update(joined(other.differs) + other.code for found in ALL for other in found.look_alikes)
    assert [text for text, count in texts.items() if count > 1 and len(text) > 60] == []


@EVERY
def test_a_page_shows_everything_and_fits_the_terminal(found: catalogue.Entry) -> None:
    for width in (60, 120):
        check_page(found, width)


def check_page(found: catalogue.Entry, width: int) -> None:
    text = shown(found, width)
    commands = {proof.run for proof in found.prove}
    assert all(len(line) <= width for line in text.splitlines() if line.strip() not in commands)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert all(f"    {command}\n" in text for command in commands)  # in one piece, to be copied
    words = joined(text)
    for part in (found.sentence, found.meaning, found.evidence, found.reproduce, *found.causes, *found.docs):
        assert joined(part).replace(" ", "") in words.replace(" ", "")  # what is longer than a line is broken
    assert all(joined(step.step) in words and pages.OWNERS[step.owner] in words for step in found.fix)
    assert all(f"{other.code}: {joined(other.differs)}" in words for other in found.look_alikes)
    assert "{" not in text.splitlines()[1]


@pytest.mark.parametrize("width", [1, 20, 300])
def test_no_width_loses_a_word(width: int) -> None:
    wide = shown(entry("tcp.syn_dropped"), 92)
    assert shown(entry("tcp.syn_dropped"), width).replace(" ", "").replace("\n", "") == wide.replace(" ", "").replace(
        "\n", ""
    )


def test_colour_changes_nothing_but_the_colour() -> None:
    found = entry("tcp.syn_dropped")
    coloured = shown(found, 80, color_system="standard", force_terminal=True)
    assert "\x1b[" in coloured
    assert "\x1b[1mYou: \x1b[0m" in shown(entry("tls.ip_mismatch"), 80, color_system="standard", force_terminal=True)
    bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    plain = re.sub(r"\n-+\n", "\n", shown(found, 80)).replace("`", "")
    assert joined(bare) == joined(plain)


def test_a_title_names_the_case_and_falls_back_on_words() -> None:
    found = entry("tcp.syn_dropped")
    assert found.title_for({"address": "10.0.0.7:443"}) == "a firewall drops connections to 10.0.0.7:443"
    assert found.title_for({}) == "a firewall drops connections to the Server's address"
    assert found.sentence == "A firewall drops connections to ADDRESS."


@pytest.mark.parametrize(
    "code", ["", "tcp", "tcp.", "tcp.no_such", "nothing.at_all", "../tcp.syn_dropped", "syn_dropped"]
)
def test_an_unknown_code_is_a_key_error(code: str) -> None:
    with pytest.raises(KeyError):
        entry(code)


def test_importing_the_catalogue_reads_nothing() -> None:
    program = (
        "import sys, ayx_diagnostics.catalogue.loading as c\n"
        "assert c._stage.cache_info().currsize == 0\n"
        "c.entry('dns.nxdomain')\n"
        "assert c._stage.cache_info().currsize == 1\n"
        "assert not {'rich', 'jinja2'} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# The site


class Page(HTMLParser):
    """What a page links to, the ids that it has, and whether its tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.policies: list[str | None] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not {"src", "style", *(name for name in given if name.startswith("on"))} & given.keys()
        self.policies += [given["content"]] if given.get("http-equiv") == "Content-Security-Policy" else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "old.code.html").write_text("from before")
    return {
        path.name: Page(path.read_text(encoding="utf-8"))
        for path in site_command.write(folder)
        if path.parent == folder
    }


def test_the_site_has_a_page_a_code_and_no_dead_link(written: dict[str, Page]) -> None:
    assert set(written) == {"index.html", site.VOCABULARY, *map(site.file_name, CODES)}
    for page in written.values():
        assert page.open == []
        assert [(policy or "").partition(";")[0] for policy in page.policies] == ["default-src 'none'"]
        for link in page.links:
            name, _, anchor = link.partition("#")
            assert not name or name in written
            assert not anchor or anchor in (written[name] if name else page).ids


@EVERY
def test_a_page_of_the_site_shows_everything(found: catalogue.Entry, written: dict[str, Page]) -> None:
    page = written[site.file_name(found.code)]
    words = joined(page.text)
    texts = [found.sentence, found.meaning, found.evidence, found.reproduce, *found.causes, *found.docs]
    texts += [step.step for step in found.fix] + [proof.shows for proof in found.prove]
    assert all(joined(text).replace("`", "") in words for text in texts)
    assert all(joined(proof.run) in words for proof in found.prove)
    assert {site.file_name(other.code) for other in found.look_alikes} <= set(page.links)


def test_the_page_of_the_vocabulary_shows_everything(written: dict[str, Page]) -> None:
    page = written[site.VOCABULARY]
    words = joined(page.text)
    for (stage, name), operation in OPERATIONS.items():
        assert f"{stage}.{name}" in page.ids
        said = [operation.meaning, operation.target, *operation.outcomes, *operation.outcomes.values()]
        said += [*operation.purposes, *operation.purposes.values()]
        for key in operation.evidence:
            said += [key.name, key.meaning, key.unit, *key.words]
            said += [word for member in members(key.type) for word in (f"{key.name}.{member.name}", member.meaning)]
        assert [each for each in said if joined(each) not in words] == []
    assert site.VOCABULARY in written["index.html"].links


def test_pages_of_codes_that_are_no_more_are_removed(tmp_path: Path) -> None:
    (tmp_path / "old.code.html").write_text("from before")
    (tmp_path / "notes.txt").write_text("somebody's")
    site_command.write(tmp_path)
    assert not (tmp_path / "old.code.html").exists()
    assert (tmp_path / "notes.txt").exists()


def test_the_site_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert site_command.main([str(tmp_path / "docs")]) == 0
    assert capsys.readouterr().out.startswith(f"{len(ALL) + 2} pages")
    assert site_command.main([]) == 2
    (tmp_path / "file").write_text("")
    assert site_command.main([str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_title_without_a_case_speaks_of_the_server() -> None:
    assert catalogue.entry("tls.cert_expired").general_title == "a certificate of the Server has expired"
    assert catalogue.entry("dns.nxdomain").general_title == "the Server's name does not exist"
    assert catalogue.entry("proxy.upstream_dns_fail").general_title == "the proxy cannot resolve the Server's name"
    titles = [entry.general_title for entry in catalogue.entries()]
    assert [title for title in titles if "the name the" in title or "status" in title or "{" in title] == []
