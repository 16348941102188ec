"""The places of the Server at which faults can act, in the order in which a request comes by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from .switches import Place

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from .documents import Operation

__all__ = [
    "ARRIVAL",
    "AUTHORIZATION",
    "BASE_PATH",
    "BODY",
    "CLIENT",
    "HEADERS",
    "HOST",
    "OPERATION",
    "OTHER_NODE",
    "RESOURCE",
    "ROLE",
    "SCOPE",
    "TOKEN",
    "TOKEN_ENDPOINT",
    "TOKEN_FORM",
    "ClientAuthentication",
    "HostPath",
    "OperationAnswer",
]


class HostPath(NamedTuple):
    """A path of the host, in lower case and without empty segments, and whether it is one of the Web API."""

    path: str
    in_web_api: bool


@dataclass(frozen=True, slots=True)
class ClientAuthentication:
    """What a token request says of its client.

    Attributes:
        style: In which way it does (RFC 6749 2.3.1).
        client_id: API access key.
        secret: API access secret.
        refused_with: The status with which the client is refused, be it right or wrong; 0 if what is right is let in.
    """

    style: Literal["basic", "body"]
    client_id: str
    secret: str = field(repr=False)
    refused_with: int = 0


class OperationAnswer(NamedTuple):
    """The answer to a call, and which operation that is."""

    response: Response
    operation: Operation


#: Whatever is asked: answered before the Server itself has looked at it.
ARRIVAL: Place[Request, Response | None] = Place("everything, on its way to the Server")
#: The path below which the Web API is.
BASE_PATH: Place[str, str] = Place("where the Web API lives")
HOST: Place[HostPath, Response | None] = Place("which program of the host a path belongs to")

TOKEN_ENDPOINT: Place[Request, Response | None] = Place("the token endpoint")
TOKEN_FORM: Place[Mapping[str, str], Response | None] = Place("the form of a token request")
CLIENT: Place[ClientAuthentication, ClientAuthentication] = Place("the client of a token request")
SCOPE: Place[str, Response | None] = Place("the scope that a token request names")
TOKEN: Place[dict[str, object], dict[str, object]] = Place("a token that is issued")

RESOURCE: Place[Request, Response | None] = Place("the resources of the API")
#: The Authorization field of a call.
AUTHORIZATION: Place[str, str] = Place("the token of a call, on its way to the Server")
#: The address that was called, of a host that issued the token at another one: whether the token is refused there.
OTHER_NODE: Place[str, bool | None] = Place("a token at another node than its own")
#: The role of the user whose good token was sent.
ROLE: Place[str, str] = Place("the role of a user")
OPERATION: Place[OperationAnswer, Response | None] = Place("the answer of an operation")

HEADERS: Place[Response, Response] = Place("the head of every answer")
BODY: Place[Response, Response | None] = Place("the body of every answer")
