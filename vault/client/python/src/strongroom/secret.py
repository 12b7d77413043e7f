"""Secrets that do not show themselves."""

from __future__ import annotations

from typing import NoReturn


class SecretText:
    """Text that comes out by `expose` only: not in a repr, a log line, a pickle or JSON."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def expose(self) -> str:
        """The text itself. Keep it out of logs."""
        return self._text

    def __repr__(self) -> str:
        return "SecretText([secret])"

    def __copy__(self) -> SecretText:
        return self

    def __deepcopy__(self, memo: object) -> SecretText:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled; expose it")


class SecretBytes:
    """Bytes that come out by `expose` only: not in a repr, a log line, a pickle or JSON."""

    __slots__ = ("_bytes",)

    def __init__(self, data: bytes) -> None:
        self._bytes = data

    def expose(self) -> bytes:
        """The bytes themselves. Keep them out of logs."""
        return self._bytes

    def __repr__(self) -> str:
        return "SecretBytes([secret])"

    def __copy__(self) -> SecretBytes:
        return self

    def __deepcopy__(self, memo: object) -> SecretBytes:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled; expose it")
