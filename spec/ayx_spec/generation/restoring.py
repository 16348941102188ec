"""Puts names and media types of the API back into what the generator has read: they are what is sent and received."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ayx_spec.convert import ClientName
from ayx_spec.generation.view import View

__all__ = ["restore_names"]


def restore_names(read: Any, view: View) -> None:
    """Give every parameter and member its name in the API, and every operation its media types.

    Args:
        read: The generator's `GeneratorData`; changed in place.
        view: The document it was read from.
    """
    from openapi_python_client.schema import UntrustedString

    for tag, collection in read.endpoint_collections_by_tag.items():
        for endpoint in collection.endpoints:
            names = view.parameters[ClientName(str(tag), str(endpoint.name))]
            media = view.media[ClientName(str(tag), str(endpoint.name))]
            delimiters = view.delimiters[ClientName(str(tag), str(endpoint.name))]
            # Attributes of ours, for the templates.
            endpoint.accept = media.accepted
            endpoint.delimiters = delimiters.query
            endpoint.delimiters_of_form = delimiters.form
            if media.sent is not None:
                for body in endpoint.bodies:
                    body.content_type = UntrustedString(media.sent)
            for group in (endpoint.query_parameters, endpoint.header_parameters, endpoint.cookie_parameters):
                _rename(group, names)
    for model in read.models:
        names = view.members.get(str(model.class_info.name), {})
        _rename([*(model.required_properties or ()), *(model.optional_properties or ())], names)


def _rename(properties: Iterable[Any], names: dict[str, str]) -> None:
    from openapi_python_client.schema import UntrustedString

    for one in properties:
        # the Python name stays; the templates print the other one where JSON is read and written
        object.__setattr__(one, "name", UntrustedString(names[str(one.python_name)]))
