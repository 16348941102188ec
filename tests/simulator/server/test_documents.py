from __future__ import annotations

import ast
import json
import ssl
from pathlib import Path
from typing import Any

import ayx_simulator as package
import httpx
import jsonschema
import pytest
from ayx_simulator import Simulator
from ayx_simulator.server.documents import Documents, DocumentsMissingError, documents_folder

VERSIONS = ("1", "2", "3")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("slash", ["/", "//"])
def test_documents_are_public_and_name_this_server(
    ayx_simulator: Simulator, web: httpx.Client, version: str, slash: str
) -> None:
    answer = web.get(f"{ayx_simulator.web_api_address}{slash}swagger/docs/{version}")
    document = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    assert document["swagger"] == "2.0"
    assert document["info"]["version"] == version
    assert (document["host"], document["basePath"], document["schemes"]) == (
        f"localhost:{ayx_simulator.port}",
        "/webapi/",
        ["https"],
    )
    assert document["securityDefinitions"]["oauth2"]["tokenUrl"] == f"{ayx_simulator.web_api_address}/oauth2/token"


def test_the_version_segment_is_3_and_not_v3(web: httpx.Client) -> None:
    assert web.get("/swagger/docs/v3").status_code == 404


def test_a_wrong_web_api_address_shows_in_the_document() -> None:
    with Simulator(plain_http=True, advertised="http://localhost/webapi/") as server:
        document = httpx.get(f"{server.web_api_address}/swagger/docs/3", trust_env=False).json()
    assert (document["host"], document["schemes"]) == ("localhost", ["http"])
    assert document["securityDefinitions"]["oauth2"]["tokenUrl"] == "http://localhost/webapi/oauth2/token"


def test_swagger_leads_to_a_page_that_names_the_documents(web: httpx.Client) -> None:
    first = web.get("/swagger")
    assert (first.status_code, first.headers["location"]) == (302, "/webapi/swagger/ui/index")
    page = web.get("/swagger/ui/index")
    assert "swagger/docs/1|swagger/docs/2|swagger/docs/3" in page.text
    assert page.headers["content-type"].startswith("text/html")


def test_the_root_leads_to_the_server_ui(ayx_simulator: Simulator, web: httpx.Client) -> None:
    assert web.get(f"{ayx_simulator.origin}/").headers["location"] == "/gallery/"
    page = web.get(f"{ayx_simulator.origin}/gallery/")
    assert (page.status_code, "Alteryx Server" in page.text) == (200, True)
    assert page.headers["server"] == "Microsoft-HTTPAPI/2.0"
    assert web.get(f"{ayx_simulator.origin}/gallery/api-docs/").status_code == 404


def nullable(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The answer's schema, with null allowed in every member: the document cannot say it, and real answers hold it."""
    loaded: dict[str, Any] = json.loads(json.dumps({"definitions": document["definitions"], **schema}))
    for definition in loaded["definitions"].values():
        properties = definition.get("properties", {})
        definition["properties"] = {name: {"anyOf": [of, {"type": "null"}]} for name, of in properties.items()}
    return loaded


QUERY = {
    "entity": "User",
    "page": "0",
    "pageSize": "10",
    "afterDate": "2025-01-01T00:00:00Z",
    "beforeDate": "2025-01-10T00:00:00Z",
    "connectionId": "c2a6d8c2-6c0e-4f5e-8f0a-4f1f1f4b7a52",
    "view": "Full",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_get_without_path_parameters_fits_its_schema_as_documented(version: str) -> None:
    called = 0
    with Simulator(quirks=False) as server:
        context = ssl.create_default_context(cafile=server.ca_bundle)
        with httpx.Client(verify=context, trust_env=False, base_url=server.web_api_address) as client:
            credentials = {"client_id": server.client_id, "client_secret": server.client_secret}
            form = {"grant_type": "client_credentials", **credentials}
            token = client.post("/oauth2/token", data=form).json()["access_token"]
            document = client.get(f"/swagger/docs/{version}").json()
            for path, item in document["paths"].items():
                if "get" not in item or "{" in path:
                    continue
                operation = item["get"]
                query = {
                    each["name"]: QUERY[each["name"]]
                    for each in operation.get("parameters", ())
                    if each["name"] in QUERY
                }
                answer = client.get(path, params=query, headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == 200, (path, answer.text)
                schema = operation["responses"]["200"].get("schema", {})
                called += 1
                if answer.headers["content-type"].startswith("application/json"):
                    jsonschema.Draft4Validator(nullable(document, schema)).validate(answer.json())
    assert called > 3


def test_every_operation_of_every_document_is_routed(ayx_simulator: Simulator, web: httpx.Client) -> None:
    """Without a token each one is 401: found, and protected."""
    checked = 0
    for operation in ayx_simulator.documents.operations():
        path = operation.path.replace("{", "").replace("}", "")
        answer = web.request(operation.method, path)
        assert answer.status_code == 401, (operation.key, answer.status_code)
        checked += 1
    assert checked > 120


def test_the_documents_are_found_without_importing_their_package() -> None:
    assert (documents_folder() / "provenance.json").exists()
    source = (Path(package.__file__ or "").parent / "server/documents.py").read_text(encoding="utf-8")
    imported = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not any(name and name.startswith("ayx_spec") for name in imported)


def test_a_folder_without_documents_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentsMissingError, match=tmp_path.name):
        Documents(tmp_path)


def test_the_newest_generation_is_chosen_by_number(tmp_path: Path) -> None:
    whole = (documents_folder() / "server-2025.2-v3.swagger.json").read_text(encoding="utf-8")
    for generation in ("2022.1", "2025.2", "2025.10"):
        (tmp_path / f"server-{generation}-v3.swagger.json").write_text(whole, encoding="utf-8")
    assert Documents(tmp_path).generation == "2025.10"
    assert Documents(tmp_path, "2022.1").generation == "2022.1"
