"""What a browser meets on the host: the Server UI, the Swagger UI, the legacy documentation, a sign-in page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .http_errors import http_sys_error
from .responses import response

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

__all__ = ["foreign_host", "gallery_page", "html", "legacy_documentation", "no_such_page", "sign_in_page", "swagger_ui"]


def html(title: str, body: str, status: int = 200, head: str = "") -> Response:
    """Return an HTML page."""
    page = f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title>{head}</head>\n<body>{body}</body>\n</html>\n"
    return response(page, status, content_type="text/html; charset=utf-8")


def swagger_ui(versions: Sequence[str], web_api_address: str) -> Response:
    """Return the page of Swashbuckle 5's swagger-ui, which names the documents in its script."""
    paths = "|".join(f"swagger/docs/{version}" for version in versions)
    script = (
        "<script>window.swashbuckleConfig = {"
        f"rootUrl: '{web_api_address.rstrip('/')}', discoveryPaths: arrayFrom('{paths}')"
        "};</script>"
    )
    links = "".join(f'<li><a href="../docs/{version}">{version}</a></li>' for version in versions)
    return html("Swagger UI", f'<div id="swagger-ui-container" class="swagger-ui-wrap"></div><ul>{links}</ul>{script}')


def gallery_page() -> Response:
    """Return the shell of the Server UI, which is a single-page application."""
    return html("Alteryx Server", '<div id="gallery-root" data-product="Alteryx Server"></div>')


def legacy_documentation() -> Response:
    """Return the page of the OAuth 1.0a API that Servers before 2022.1 had."""
    return html("Alteryx Gallery API", "<h1>Alteryx Gallery API</h1><p>OAuth 1.0a, HMAC-SHA1</p>")


def sign_in_page() -> Response:
    """Return the page of somebody's single sign-on."""
    form = '<form method="post"><input name="user"><input name="password" type="password"></form>'
    return html("Sign in to your account", f"<h1>Sign in</h1>{form}")


def foreign_host(path: str) -> Response:
    """Answer as a web server that never heard of Alteryx."""
    if path == "/":
        welcome = html("Welcome to nginx!", "<h1>Welcome to nginx!</h1>")
        welcome.headers["Server"] = "nginx"
        return welcome
    page = "<center><h1>404 Not Found</h1></center><hr><center>nginx</center>"
    missing = html("404 Not Found", page, 404)
    missing.headers["Server"] = "nginx"
    return missing


def no_such_page() -> Response:
    """Answer for a path that no program on the machine has claimed."""
    return http_sys_error(404, "Not Found", "The requested resource is not found.")
