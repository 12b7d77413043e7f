"""The node."""

from __future__ import annotations

from typing import Mapping

from strongroom import types
from strongroom.calls.sender import Sender
from strongroom.wire import ShapeError


class Status(Sender):
    """The node."""

    def get_status(self) -> types.StatusView:
        """What the node is and how it fares."""
        return self._get("get_status", read=types.StatusView.from_json)

    def get_openapi(self) -> Mapping[str, object]:
        """The API as the vault describes it, in OpenAPI 3.1."""
        return self._get("get_openapi", read=_document)


def _document(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ShapeError("not an object")
    return value
