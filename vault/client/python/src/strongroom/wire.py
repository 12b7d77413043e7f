"""Values as they go over the wire: JSON, with bytes in base64.

What is read must have the shape that is asked for, or it is a `ShapeError`; members nobody asks for are skipped, since
a newer vault may answer with more. The errors name members and never repeat a value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from dataclasses import fields
from typing import Callable, Dict, Mapping, Optional, Tuple, TypeVar

from strongroom.secret import SecretBytes, SecretText

T = TypeVar("T")

Json = object
"""A value as the JSON library gives it. A name of its own, since an answer may have a member `object`."""


class ShapeError(Exception):
    """An answer does not have the shape that this API gives it."""


class Null:
    """What an update is given for a member that is to be no more; one that is left at None stays as it is."""

    def __repr__(self) -> str:
        return "NULL"

    def __bool__(self) -> bool:
        return False


NULL = Null()
"""The one of its kind."""


class Request:
    """What can be sent. Its members are dataclass fields; those that are None are left out."""

    def to_json(self) -> Dict[str, object]:
        members = {part.name: getattr(self, part.name) for part in fields(self)}  # type: ignore[arg-type]
        return {name: written(value) for name, value in members.items() if value is not None}


def written(value: object) -> object:
    """A value of a request as JSON."""
    if isinstance(value, Request):
        return value.to_json()
    if isinstance(value, Null):
        return None
    if isinstance(value, SecretText):
        return value.expose()
    if isinstance(value, SecretBytes):
        return base64_of(value.expose())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64_of(bytes(value))
    if isinstance(value, str):
        return value
    if isinstance(value, MappingType):
        return {name: written(part) for name, part in value.items()}
    if isinstance(value, SequenceType):
        return [written(part) for part in value]
    return value


def base64_of(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def required(value: object, name: str, read: Callable[[object], T]) -> T:
    """A member that must be there."""
    found = optional(value, name, read)
    if found is None:
        raise ShapeError(f"{name} is missing")
    return found


def optional(value: object, name: str, read: Callable[[object], T]) -> Optional[T]:
    """A member that may be absent or null."""
    if not isinstance(value, dict):
        raise ShapeError("not an object")
    member = value.get(name)
    return None if member is None else read(member)


def each(read: Callable[[object], T]) -> Callable[[object], Tuple[T, ...]]:
    """Reads a list."""

    def read_all(value: object) -> Tuple[T, ...]:
        if not isinstance(value, list):
            raise ShapeError("not a list")
        return tuple(read(part) for part in value)

    return read_all


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ShapeError("not text")
    return value


def integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ShapeError("not a whole number")
    return value


def number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ShapeError("not a number")
    return value


def anything(value: object) -> Json:
    return value


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("not true or false")
    return value


def texts(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ShapeError("not an object")
    return {text(name): text(part) for name, part in value.items()}


def data(value: object) -> bytes:
    encoded = text(value)
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        decoded = None
    if decoded is None:
        raise ShapeError("not base64")
    return decoded


def secret_text(value: object) -> SecretText:
    return SecretText(text(value))


def secret_bytes(value: object) -> SecretBytes:
    return SecretBytes(data(value))
