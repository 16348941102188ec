"""``--anonymise``: nothing in a report tells whose it is, and it still says what is wrong."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ayx_diagnostics.replay import replay
from ayx_diagnostics.report.anonymise import anonymise_report
from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.texts import Texts
from ayx_diagnostics.report.anonymise.words import is_known
from ayx_diagnostics.report.renderers import FORMATS, Format, render
from ayx_diagnostics.report.renderers.text import print_report
from ayx_diagnostics.report.serialise import SCHEMA_PATH, observations_of
from ayx_diagnostics.rules import find
from ayx_diagnostics.stand_ins import StandIns, address_of
from ayx_simulator import Simulator
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

HERE = Path(__file__).parent
REPORTS = {path.stem: path for folder in ("goldens", "recorded") for path in sorted((HERE / folder).glob("*.json"))}
SCHEMA = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
LARGEST_SHARE_WITHOUT_WORDS = 0.02


def report(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(REPORTS[name].read_text(encoding="utf-8"))
    return document


def concluded(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what today's rules make of a report's observations."""
    found = find(observations_of(document))
    return [(finding.code, finding.severity, finding.confidence) for finding in found]


def written(document: dict[str, Any]) -> dict[str, str]:
    """Return a report in every format, and as text with every observation."""
    console = Console(width=10_000, record=True, quiet=True)
    print_report(document, console, verbose=True)
    return {kind: render(document, kind) for kind in FORMATS} | {"verbose": console.export_text()}


def texts_of(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a JSON value, and under which key it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, key)
    elif isinstance(value, str):
        yield key, value


def anew() -> tuple[Names, Texts]:
    names = Names(StandIns())
    return names, Texts(names)


# --- every report that the lab has recorded --------------------------------------------------------------------------

#: The identities that the lab's machines, companies and people have.
OF_THE_LAB = re.compile(
    r"10\.91\.\d|fd91:|lab\.test|\bayx\b|corp\.test|\bLab\b|example corp|example\.com|robot|/lab/"
    r"|ayxctl-[0-9a-f]{6}|[0-9a-f]{64}",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_wrong_is_still_said(name: str, tmp_path: Path) -> None:
    document = report(name)
    cleaned = anonymise_report(document)
    assert concluded(cleaned) == concluded(document)
    for key in ("status", "stage", "code"):
        assert cleaned["verdict"][key] == document["verdict"][key]
    assert [item["code"] for item in cleaned["findings"]] == [item["code"] for item in document["findings"]]
    assert [item["status"] for item in cleaned["checks"]] == [item["status"] for item in document["checks"]]
    jsonschema.validate(cleaned, SCHEMA)
    # judged again, it says word for word what was handed over
    path = tmp_path / "anonymised.json"
    path.write_text(json.dumps(cleaned), encoding="utf-8")
    again, _ = replay(path)
    assert again["findings"] == cleaned["findings"]
    assert again["verdict"] == cleaned["verdict"]


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_tells_whose_it_is_in_any_format(name: str) -> None:
    document = report(name)
    assert OF_THE_LAB.search(json.dumps(document))
    for kind, text in written(anonymise_report(document)).items():
        assert [found.group() for found in OF_THE_LAB.finditer(text)] == [], kind


def test_most_words_stay() -> None:
    gaps = words = 0
    for name in REPORTS:
        for _, text in texts_of([anonymise_report(report(name))[part] for part in ("findings", "checks")]):
            gaps += len(re.findall(r"(?<!\?)\.\.\.", text))
            words += len(text.split())
    assert gaps / words < LARGEST_SHARE_WITHOUT_WORDS


def test_what_says_nothing_about_whom_stays() -> None:
    document = report("the-proxy-fails-denied")
    document["tool"]["platform"] = "Linux 6.18.44-acme-v669 x86_64"
    cleaned = anonymise_report(document)
    assert cleaned["tool"] == document["tool"] | {"platform": "Linux 6.18 x86_64"}
    for key in ("schema_version", "started_at", "duration_s"):
        assert cleaned[key] == document[key]
    kept = [{key: seen[key] for key in ("id", "stage", "operation", "outcome")} for seen in document["observations"]]
    assert [{key: seen[key] for key in kept[0]} for seen in cleaned["observations"]] == kept
    assert cleaned["target"]["port"] == document["target"]["port"]


@pytest.mark.parametrize(
    ("platform", "kept"),
    [
        ("Linux 5.15.167.4-microsoft-standard-WSL2 x86_64", "Linux 5.15 x86_64"),
        ("Windows 11 AMD64", "Windows 11 AMD64"),
        ("Windows 2022Server AMD64", "Windows 2022 AMD64"),
        ("Darwin 23.6.0 arm64", "Darwin 23.6 arm64"),
        ("Linux acme-kernel x86_64", "Linux x86_64"),
        ("Linux  ", "Linux"),
        ("AcmeOS 1.2 acme", ""),
        ("", ""),
    ],
)
def test_of_the_operating_system_its_makers_words_stay(platform: str, kept: str) -> None:
    document = report("healthy-direct")
    document["tool"]["platform"] = platform
    assert anonymise_report(document)["tool"]["platform"] == kept


def test_a_reason_of_a_peer_is_no_reason_of_openssl() -> None:
    document = report("the-server-fails-token-invalid-client")
    for seen in document["observations"]:
        seen["evidence"] |= {"reason": "ACME_CORP"} if seen["stage"] == "token" else {}
    assert "ACME" not in json.dumps(anonymise_report(document))


def test_a_host_that_is_called_as_a_stage_changes_no_word_of_the_format() -> None:
    document = report("the-proxy-fails-denied")
    same_word = json.loads(json.dumps(document).replace("faultyproxy.lab.test", "proxy"))
    cleaned = anonymise_report(same_word)
    stages = [[seen["stage"] for seen in part["observations"]] for part in (document, cleaned)]
    assert stages[0] == stages[1]
    assert cleaned["verdict"]["code"] == "proxy.denied"
    assert "http://proxy:3128" not in json.dumps(cleaned)


# --- identities of any kind, wherever somebody else wrote ------------------------------------------------------------

#: Words that are no identity: longer ones than any that are known stay out by ``is_known``.
IDENTITIES = st.from_regex(r"[a-z]{3,9}[a-z0-9]{2,6}", fullmatch=True).filter(lambda word: not is_known(word)) | (
    st.text("äöüßéèñøåłžшщждьяфы田中銀行삼성", min_size=4, max_size=10)
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "word": str,
    "upper": str.upper,
    "machine": lambda name: f"{name}01",
    "host": lambda name: f"server.{name}.example",
    "machine of a domain": lambda name: f"{name}.corp.example.",
    "wildcard": lambda name: f"*.{name}.example",
    "mail": lambda name: f"{name}@{name}.example",
    "account": lambda name: f"{name}\\{name}",
    "account in JSON": lambda name: f"{name}\\\\{name}",
    "home": lambda name: f"/home/{name}/certs/ca.pem",
    "home of macOS": lambda name: f"/Users/{name}/x",
    "home of Windows": lambda name: f"C:\\Users\\{name}\\ca.pem",
    "home in JSON": lambda name: f"C:\\\\Users\\\\{name} x\\\\ca.pem",
    "share": lambda name: f"\\\\{name}\\{name}$\\x",
    "URL": lambda name: f"https://{name}:{name}@{name}.example:8443/{name}/x?{name}={name}#{name}",
    "proxy": lambda name: f"{name}:***@{name}:3128",
    "distinguished name": lambda name: f"CN=server,OU={name} Team,O={name}\\, Inc,E={name}@x.example",
    "realm": lambda name: f'Basic realm="{name} {name}"',
    "product": lambda name: f"Microsoft-IIS/10.0 ({name})",
    "by": lambda name: f"1.1 {name} (squid/5.7)",
    "page": lambda name: f"<title>{name}</title><p title='{name}'>Welcome to {name}</p>",
    "JSON": lambda name: json.dumps({"error": "invalid_client", name: [name, {"message": f"{name} denied"}]}),
    "form": lambda name: f"user={name}&x={name}",
    "camel case": lambda name: f"get{name.capitalize()}Error",
    "joined": lambda name: f"error_{name}-denied",
    "stand-in": lambda name: f"host-1-{name}",
}
#: Keys under which there are only words that the program itself has chosen, times and numbers of TLS libraries.
CHOSEN_BY_US = {
    *("alpn", "checked_at", "cipher", "code", "direction", "entry", "errno_name", "key", "level", "method", "name"),
    *("not_after", "not_before", "owner", "phase", "purpose", "rcode", "rdtype", "role_needed", "setting"),
    *("signature", "stage_reached", "state", "style", "transport", "variable", "version", "tls_reason"),
}


def planted(value: Any, identity: str, *, alone: bool) -> Any:
    """Return a copy with an identity in every text that somebody else may have chosen, or in its place."""
    if isinstance(value, dict):
        chosen = CHOSEN_BY_US - {"name"} if "rdtype" in value else CHOSEN_BY_US
        return {key: item if key in chosen else planted(item, identity, alone=alone) for key, item in value.items()}
    if isinstance(value, list):
        return [planted(item, identity, alone=alone) for item in value]
    if isinstance(value, str):
        return identity if alone else f"{value} {identity}"
    return value


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(sorted(REPORTS)), IDENTITIES, st.sampled_from(sorted(SPELLINGS)), st.booleans())
@example("healthy-through-a-proxy-with-a-password", "jane", "word", True)
@example("the-server-fails-token-invalid-client", "acme", "camel case", False)
def test_a_planted_identity_is_in_no_format(name: str, identity: str, spelling: str, alone: bool) -> None:
    document = report(name)
    text = SPELLINGS[spelling](identity)
    for seen in document["observations"]:
        seen["evidence"] = planted(seen["evidence"], text, alone=alone)
    for finding in document["findings"]:
        said = {key: finding[key] for key in ("title", "because", "ruled_out", "fix")}
        finding.update(planted(said, text, alone=False))
    for item, key in ((document["verdict"], "sentence"), *((check, "summary") for check in document["checks"])):
        item[key] = f"{item[key]} {text}"
    document["target"]["given"] = text
    cleaned = anonymise_report(document)
    for kind, shown in written(cleaned).items():
        assert identity.casefold() not in shown.casefold(), (kind, [t for t in texts_of(cleaned) if identity in t[1]])


#: Where a peer writes what it likes.
FREE = {
    *("body_start", "error_description", "message", "proxy_authenticate", "reason", "server", "title", "via"),
    *("www_authenticate", "x_cache"),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(REPORTS)), IDENTITIES, st.sampled_from(sorted(SPELLINGS)))
def test_an_identity_in_a_peers_words_changes_no_conclusion(name: str, identity: str, spelling: str) -> None:
    document = report(name)
    for seen in document["observations"]:
        evidence = seen["evidence"]
        peers = {
            key: evidence[key] for key in FREE & evidence.keys() if not re.fullmatch("[A-Z0-9_]+", str(evidence[key]))
        }
        seen["evidence"] = evidence | planted(peers, SPELLINGS[spelling](identity), alone=False)
    assert concluded(anonymise_report(document)) == concluded(document)


@given(st.text(max_size=300))
def test_any_text_can_be_anonymised(text: str) -> None:
    names, texts = anew()
    for change in (texts.free, names.host, names.url, names.file, names.network, names.certified, names.distinguished):
        assert isinstance(change(text), str)


@given(
    st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=9))
)
def test_evidence_of_any_shape_can_be_anonymised(evidence: dict[str, Any]) -> None:
    document = report("healthy-direct")
    document["observations"][0]["evidence"] = evidence
    assert anonymise_report(document)["observations"][0]["evidence"].keys() == evidence.keys()


IN_THE_ANSWER = json.dumps(
    {
        "error": "invalid_client",
        "error_description": "ACME\\jane.doe (jane.doe@acme.example) of 10.99.88.77; C:\\Users\\jane.doe\\x.log",
        "message": "ayx02.corp.acme.example AYX01SRV",
    }
)


class Talkative(BaseHTTPRequestHandler):
    """A Server that tells everybody about its company."""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        body = IN_THE_ANSWER.encode()
        self.send_response(401, "No, Jane")
        for name, value in {
            "Via": "1.1 proxy7.corp.acme.example (squid)",
            "Location": "https://sso.acme.example/adfs?u=jane.doe",
            "WWW-Authenticate": 'Negotiate, NTLM, Basic realm="ACME\\AYX01SRV"',
            "X-Cache": "MISS from PROXY7",
            "Content-Type": "application/json; charset=utf-8; by=acme",
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "Microsoft-IIS/10.0 (ayx03.corp.acme.example)"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def talkative() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Talkative) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield f"http://127.0.0.1:{server.server_port}/webapi"
        server.shutdown()


@pytest.mark.parametrize("kind", FORMATS)
def test_diagnose_leaves_no_identity(ayxctl: Callable[..., Any], talkative: str, kind: Format, tmp_path: Path) -> None:
    secret = tmp_path / "jane.txt"
    secret.write_text("quite-another-secret", encoding="ascii")
    key = ("--client-id", "8DJANEKEY", "--client-secret-file", secret, "--allow-http")
    done = ayxctl("diagnose", talkative, *key, "--anonymise", "--verbose", "--format", kind)
    assert "token.invalid_client" in done.stdout
    assert "127.0.0.1" in done.stdout
    shown = (done.stdout + done.stderr).casefold()
    left = ("jane", "acme", "ayx0", "proxy7", "10.99.88", str(tmp_path).casefold(), socket.gethostname().casefold())
    assert [word for word in left if word in shown] == []


def test_smoke_leaves_no_identity(ayxctl: Callable[..., Any], ayx_simulator: Simulator, tmp_path: Path) -> None:
    bundle = tmp_path / "jane.doe" / "acme.pem"
    bundle.parent.mkdir()
    bundle.write_bytes(ayx_simulator.ca_bundle.read_bytes())
    key = ("--client-id", ayx_simulator.client_id, "--client-secret-file", tmp_path / "secret")
    (tmp_path / "secret").write_text(ayx_simulator.client_secret, encoding="ascii")
    done = ayxctl(
        "smoke", ayx_simulator.web_api_address, *key, "--ca-bundle", bundle, "--anonymise", "--format", "json"
    )
    document = json.loads(done.stdout)
    assert document["verdict"]["status"] == "healthy"
    assert [check["summary"] for check in document["checks"] if "..." in check["summary"]] == []
    assert [word for word in ("jane", "acme", str(tmp_path), ayx_simulator.client_id) if word in done.stdout] == []


# --- free text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Microsoft-IIS/10.0 (ayx03.corp.acme.example)", "Microsoft-IIS/10.0 (host-1.domain-1.domain-2.example)"),
        ("1.1 proxy7 (squid/5.7)", "1.1 ... (squid/5.7)"),
        ("Apache/2.4.57 (Debian) OpenSSL/3.0.11", "Apache/2.4.57 (Debian) OpenSSL/3.0.11"),
        ("AYX01SRV", "..."),
        ('Negotiate, NTLM, Basic realm="ACME\\\\AYX01SRV"', 'Negotiate, NTLM, Basic realm="domain-1\\user-1"'),
        ("user ACME\\jane.doe (jane.doe@acme.example)", "user domain-1\\user-1 (user-1@domain-1.example)"),
        ("see C:\\Users\\jane.doe\\My Files\\x.log.", "see path-1.log."),
        ('"\\\\\\\\fs01\\\\share\\\\x"', '"path-1"'),
        ("/home/jane/a/ca.pem: no such file", "path-1.pem: no such file"),
        ("from 10.99.88.77, not ::ffff:10.99.88.77", "from address-1, not address-1"),
        ("[2001:db8::7]:443 fe80::1%eth0 8.8.8.8", "[ipv6:address-1-example]:443 ipv6:address-2 address-3-public"),
        ("127.0.0.1 ::1 0.0.0.0 localhost", "127.0.0.1 ::1 0.0.0.0 localhost"),
        ("00:1A:2B:3C:4D:5E is 00-1a-2b-3c-4d-5e", "device-1 is device-1"),
        ("S-1-5-21-1004336348-1177238915-512", "id-1"),
        ("tenant 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "... id-1"),
        ("&#74;&#97;&#110;&#101; %4A%61ne \\u004aane", "..."),
        ("+49 711 170-2200", "+..."),
        ("ip-192-168-1-5", "..."),
        ("1.1 ip-172-1-5-9 (squid)", "1.1 ... (squid)"),
        ("refused by host ip-192-168-1-5", "refused by host ..."),
        ("415-555-123-4-5", "..."),
        ("192_168_1_5", "..."),
        ("192+168+1+5", "..."),
        ("from 192 168 1 5 to 1, 2, 3", "from ... to ..."),
        ("192[.]168[.]1[.]5; 192 dot 168 dot 1 dot 5; 192&#46;168&period;1 . 5", "..."),
        ("Windows-Server-114", "..."),
        ("error-5 of host5 and request-403", "... of ... and ..."),
        ("HTTP/1.1 200 OK, 401 or 403.7", "HTTP/1.1 200 OK, 401 or 403.7"),
        ("/v1/192-168-100-200/x", "path-1"),
        ("/192/168/1/5", "path-1"),
        ("/home/max/data or ~max/data, ~max", "path-1 or path-2, path-3"),
        ("/users/max/page.html", "path-1"),
        ("/webapi/v3/users and /swagger/docs/3", "/webapi/v3/users and /swagger/docs/3"),
        ("/webapi/user/v2/credentials", "/webapi/user/v2/credentials"),
        ("invalid_client", "invalid_client"),
        ("7.88.99.10.in-addr.arpa", "host-1.domain-1.domain-2.domain-3.in-addr.arpa"),
        ("proxy.server.local", "host-1.domain-1.local"),
        ("\\x15\\x03\\x01\\x00\\x02\\x02", "\\x15\\x03\\x01\\x00\\x02\\x02"),
        ("HTTP/1.1 200 OK\\r\\nServer: nginx\\r\\nX: jane", "HTTP/1.1 200 OK\\r\\nServer: nginx\\r\\nX: ..."),
        ("SSH-2.0-OpenSSH_9.6p1 jane", "SSH-2.0-..."),
        ("jane's AcmeZscalerCA", "...Zscaler..."),
    ],
)
def test_only_known_words_and_stand_ins_are_left(text: str, expected: str) -> None:
    _, texts = anew()
    assert re.sub(r"(?:\.\.\.)+", "...", texts.free(text)) == expected


@pytest.mark.parametrize("address", ["10.91.3.10", "fd91:3::10", "::ffff:a5b:30a", "fd91:1:2:3:4:5:6:7", "fd91:3::"])
@pytest.mark.parametrize(
    "words", ["{}", "{}.", "to {}: no route", "[{}]:443", "from {}, then", "({})", "a {} is", "NO_PROXY={}/64"]
)
def test_an_address_in_a_sentence_is_replaced(address: str, words: str) -> None:
    _, texts = anew()
    cleaned = texts.free(words.format(address))
    assert re.fullmatch(
        re.escape(words).replace(r"\{\}", r"(?:ipv6:)?address-1(?:-public)?").replace("443", r"\S+"), cleaned
    )


@pytest.mark.parametrize(
    "phrase",
    [
        "Authorization has been denied for this request.",
        "Access Denied",
        "Access to this web site has been blocked",
        "Your support ID is",
        "The requested URL was rejected.",
        "No required SSL certificate was sent",
        "The plain HTTP request was sent to HTTPS port",
        "Client sent an HTTP request to an HTTPS server.",
        "You're speaking plain HTTP to an SSL-enabled server port.",
        "Bad Request - Invalid Hostname",
        "400 Request Header Or Cookie Too Large",
        "HTTP Error 403.7",
        "RouteNotFoundException",
        "oauth.v2.InvalidApiKey",
        "ERR_CACHE_ACCESS_DENIED 0",
        "ERR_CONNECT_FAIL 111",
        "error=connection_refused",
        "error=destination_ip_unroutable",
        "unsupported_grant_type",
        "swaggerVersion",
        "text/html; charset=utf-8",
        "Blue Coat",
        "Palo Alto",
        "ModSecurity",
        "mod_security",
    ],
)
def test_what_rules_look_for_in_a_text_stays(phrase: str) -> None:
    _, texts = anew()
    assert texts.free(phrase) == phrase


# --- the same thing, the same stand-in -------------------------------------------------------------------------------


def test_names_that_belong_together_still_do() -> None:
    names, texts = anew()
    assert names.host("ayx01.corp.acme.example") == "host-1.domain-1.domain-2.example"
    assert names.host("AYX01.corp.acme.example.") == "host-1.domain-1.domain-2.example."
    assert names.host("ayx01") == texts.free("AYX01") == "host-1"
    assert names.host("ayx02.corp.acme.example") == "host-2.domain-1.domain-2.example"
    assert names.host("*.corp.acme.example") == "*.domain-1.domain-2.example"
    assert names.network(".acme.example") == ".domain-2.example"
    assert names.url("http://jane:secret@ayx01:3128") == "http://user-1:***@host-1:3128"
    assert names.mail("Jane@acme.example") == "user-1@domain-2.example"
    assert names.distinguished("CN=ayx01.corp.acme.example,O=ACME\\, Inc") == (
        "CN=host-1.domain-1.domain-2.example,O=org-1"
    )
    assert texts.free("signed by acme, inc for you") == "signed by org-1 for you"


def test_an_organisation_is_known_in_a_text_though_its_words_are_common_ones() -> None:
    names, texts = anew()
    names.distinguished("CN=Alteryx Server,OU=Access Control,O=nginx")
    assert texts.free("Access Control of Alteryx Server on nginx") == "org-2 of org-1 (Alteryx) on nginx"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=Acme Zscaler Root CA,O=Acme", "CN=org-1 (Zscaler Root),O=org-2"),
        ("1.2.840.113549.1.9.1=#16046a616e65,C=DE", "1.2.840.113549.1.9.1=org-1,C=org-2"),
        ("emailAddress=jane@acme.example", "emailAddress=user-1@domain-1.example"),
    ],
)
def test_every_value_of_a_certificates_name_is_replaced_but_what_rules_look_for(name: str, expected: str) -> None:
    assert anew()[0].distinguished(name) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://us1.alteryxcloud.com/webapi", "https://host-1.alteryxcloud.com/webapi"),
        ("https://login.acme.com/adfs/ls/jane?x=1", "https://host-1-login.domain-1.com/adfs/path-1/path-2?..."),
        ("/LoginOfAcme.aspx", "/path-1-Login"),
        ("https://localhost/users/max/page.html", "https://localhost/users/path-1/page.html"),
        ("https://localhost/~max/192/168/1/5", "https://localhost/path-1/192/path-2/path-3/path-4"),
        ("https://localhost/webapi/swagger/docs/3", "https://localhost/webapi/swagger/docs/3"),
        ("http://wpad.acme.com/wpad.dat", "http://wpad.domain-1.com/wpad.dat"),
    ],
)
def test_what_rules_look_for_in_an_address_stays(url: str, expected: str) -> None:
    assert anew()[0].url(url) == expected


@given(st.ip_addresses())
def test_a_stand_in_is_an_address_of_the_same_kind(address: Any) -> None:
    names, _ = anew()
    stand_in = names.host(str(address))
    if stand_in == str(address):
        mapped = getattr(address, "ipv4_mapped", None) or address
        assert mapped.is_loopback or mapped.is_unspecified
        return
    read = address_of(stand_in)
    real = getattr(address, "ipv4_mapped", None) or address
    assert read is not None
    assert (read.version, read.is_global) == (real.version, real.is_global)
    assert (":" in stand_in) == (real.version == 6)
    assert names.host(str(address)) == stand_in


@pytest.mark.parametrize("text", ["", "address-", "address-x", "host-1", "address-1-private", "xaddress-1", "1.2.3"])
def test_other_words_are_no_address(text: str) -> None:
    assert address_of(text) is None
