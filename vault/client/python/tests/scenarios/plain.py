"""Between JSON and the SDK's types."""

from __future__ import annotations

import base64
import typing
from collections.abc import Mapping as MappingType
from dataclasses import fields, is_dataclass
from typing import Any, List, Type, TypeVar, Union

import strongroom as sdk

T = TypeVar("T")


def plain(value: Any) -> Any:
    """An answer as JSON. What is absent is left out."""
    if isinstance(value, sdk.SecretText):
        return value.expose()
    if isinstance(value, sdk.SecretBytes):
        return base64.b64encode(value.expose()).decode()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if is_dataclass(value):
        members = {part.name: getattr(value, part.name) for part in fields(value)}
        return {name: plain(member) for name, member in members.items() if member is not None}
    if isinstance(value, MappingType):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def typed(kind: Type[T], value: Any) -> T:
    """A request of this type. A member that it does not have is an error."""
    made: T = _typed(kind, value)
    return made


def _typed(kind: Any, value: Any) -> Any:
    origin, choices = typing.get_origin(kind), typing.get_args(kind)
    if origin is Union:
        if value is None:
            return sdk.NULL
        return _typed(next(choice for choice in choices if choice not in (type(None), sdk.Null)), value)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _typed(hints[name], member) for name, member in value.items()})  # type: ignore[operator]
    if origin is not None and isinstance(value, list):
        items: List[Any] = [_typed(choices[0], item) for item in value]
        return items
    return base64.b64decode(value, validate=True) if kind is bytes else value
