"""What each object of a description may hold: Swagger 2.0 and OpenAPI 3.0 side by side, as tables.

A field is a plain value (`Plain`), an object of some kind (`One`), a list of them (`Many`) or an object of them
(`Named`). Sources: Swagger 2.0 and OpenAPI 3.0.3, chapter "Schema"; the titles there are the kinds here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["FIELDS", "METHODS", "Many", "Named", "One", "Plain", "Rule"]

#: The methods an operation may have, in the order in which the generator reads them.
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Plain(Enum):
    """Values without objects of a description in them."""

    TEXT = "a string"
    FLAG = "a boolean"
    NUMBER = "a number"
    COUNT = "a whole number of at least 0"
    TEXTS = "a list of strings"
    LABELS = "an object of strings"
    VALUES = "a list"
    DATA = "anything"


@dataclass(frozen=True)
class One:
    """An object of a kind."""

    kind: str


@dataclass(frozen=True)
class Many:
    """A list of objects of a kind."""

    kind: str


@dataclass(frozen=True)
class Named:
    """An object whose members are objects of a kind, under names that the document chose."""

    kind: str


Rule = Plain | One | Many | Named

_T, _F, _N, _C = Plain.TEXT, Plain.FLAG, Plain.NUMBER, Plain.COUNT
_D, _TS = Plain.DATA, Plain.TEXTS

#: What says which values are allowed: the fields that Schema, Parameter, Items and Header Objects share.
_VALUE: dict[str, Rule] = {
    "type": _D,  # a name or a list of names; `schema_types` reads it
    "format": _T,
    "items": One("schema"),
    "default": _D,
    "enum": Plain.VALUES,
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), _N),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), _D),  # a flag; a number in JSON Schema
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems"), _C),
    "pattern": _T,
    "uniqueItems": _F,
    "collectionFormat": _T,
    "example": _D,
}
_DESCRIBED: dict[str, Rule] = {
    "$ref": _T,
    "description": _T,
    "required": _F,
    "deprecated": _F,
    "allowEmptyValue": _F,
    "style": _T,
    "explode": _F,
    "allowReserved": _F,
    "schema": One("schema"),
    "content": Named("media type"),
    "examples": _D,
    **_VALUE,
}
_SHARED: dict[str, Rule] = {
    "parameters": Named("parameter"),
    "responses": Named("response"),
}

FIELDS: dict[str, dict[str, Rule]] = {
    "document": {
        "swagger": _D,
        "openapi": _D,
        "info": One("info"),
        "host": _T,
        "basePath": _T,
        **dict.fromkeys(("schemes", "consumes", "produces"), _TS),
        "paths": Named("path item"),
        "definitions": Named("schema"),
        **_SHARED,
        "securityDefinitions": Named("security scheme"),
        "security": Many("security requirement"),
        "tags": Many("tag"),
        "externalDocs": One("external documentation"),
        "servers": Many("server"),
        "components": One("components"),
    },
    "components": {
        "schemas": Named("schema"),
        **_SHARED,
        "requestBodies": Named("request body"),
        "headers": Named("header"),
        "securitySchemes": Named("security scheme"),
        **dict.fromkeys(("examples", "links", "callbacks", "pathItems"), _D),
    },
    "info": {
        **dict.fromkeys(("title", "description", "termsOfService", "version"), _T),
        "contact": One("contact"),
        "license": One("license"),
        "summary": _T,
    },
    "contact": dict.fromkeys(("name", "url", "email"), _T),
    "license": dict.fromkeys(("name", "url", "identifier"), _T),
    "external documentation": dict.fromkeys(("description", "url"), _T),
    "tag": {"name": _T, "description": _T, "externalDocs": One("external documentation")},
    "server": {"url": _T, "description": _T, "variables": Named("server variable")},
    "server variable": {"enum": _TS, "default": _T, "description": _T},
    "path item": {
        **dict.fromkeys(("$ref", "summary", "description"), _T),
        "parameters": Many("parameter"),
        "servers": _D,
        **{method: One("operation") for method in METHODS},
    },
    "operation": {
        **dict.fromkeys(("summary", "description", "operationId"), _T),
        **dict.fromkeys(("tags", "consumes", "produces", "schemes"), _TS),
        "externalDocs": One("external documentation"),
        "parameters": Many("parameter"),
        "requestBody": One("request body"),
        "responses": Named("response"),
        "deprecated": _F,
        "security": Many("security requirement"),
        **dict.fromkeys(("callbacks", "servers"), _D),
    },
    "parameter": {"name": _T, "in": _T, **_DESCRIBED},
    "header": _DESCRIBED,
    "request body": {"$ref": _T, "description": _T, "required": _F, "content": Named("media type")},
    "media type": {"schema": One("schema"), **dict.fromkeys(("example", "examples", "encoding"), _D)},
    "response": {
        "$ref": _T,
        "description": _T,
        "schema": One("schema"),
        "headers": Named("header"),
        "content": Named("media type"),
        **dict.fromkeys(("examples", "links"), _D),
    },
    "schema": {
        "$ref": _T,
        **_VALUE,
        **dict.fromkeys(("title", "description"), _T),
        **dict.fromkeys(("maxProperties", "minProperties"), _C),
        "required": _TS,
        **dict.fromkeys(("readOnly", "writeOnly", "nullable", "deprecated"), _F),
        "properties": Named("schema"),
        "additionalProperties": One("schema"),
        "patternProperties": Named("schema"),
        **{key: Many("schema") for key in ("allOf", "anyOf", "oneOf")},
        "not": One("schema"),
        "discriminator": _D,  # a name; an object in OpenAPI 3
        "xml": One("xml"),
        "externalDocs": One("external documentation"),
        **dict.fromkeys(("const", "examples", "$schema", "$id", "$comment"), _D),  # JSON Schema, OpenAPI 3.1
    },
    "xml": {**dict.fromkeys(("name", "namespace", "prefix"), _T), **dict.fromkeys(("attribute", "wrapped"), _F)},
    "security scheme": {
        **dict.fromkeys(("type", "description", "name", "in", "flow", "authorizationUrl", "tokenUrl"), _T),
        "scopes": Plain.LABELS,
        **dict.fromkeys(("scheme", "bearerFormat", "openIdConnectUrl", "$ref"), _T),
        "flows": Named("oauth flow"),
    },
    "oauth flow": {
        **dict.fromkeys(("authorizationUrl", "tokenUrl", "refreshUrl"), _T),
        "scopes": Plain.LABELS,
    },
}
