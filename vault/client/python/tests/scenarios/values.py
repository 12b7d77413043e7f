"""What a scenario makes up and what it keeps, put where `{{…}}` stands."""

from __future__ import annotations

import base64
import re
from typing import Any, Dict, Match

from tests.vault import card_number, unique

PLACE = re.compile(r"\{\{(.+?)\}\}")


class Values:
    """Values by name."""

    def __init__(self, given: Dict[str, str]) -> None:
        self._values: Dict[str, Any] = {name: made(kind) for name, kind in given.items()}

    def keep(self, name: str, value: object) -> None:
        self._values[name] = value

    def filled(self, value: Any) -> Any:
        """The same with every place filled. A text that is one place and nothing else becomes what is kept, of any type."""
        if isinstance(value, dict):
            return {name: self.filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.filled(part) for part in value]
        if not isinstance(value, str):
            return value
        whole = PLACE.fullmatch(value)
        if whole and "{{" not in whole.group(1):
            return self._at(whole.group(1))
        return PLACE.sub(self._text, value)

    def _text(self, place: Match[str]) -> str:
        return str(self._at(place.group(1)))

    def _at(self, path: str) -> Any:
        if path.startswith("base64:"):
            return base64.b64encode(path[len("base64:") :].encode()).decode()
        if path.startswith("placeholder:"):
            return "{{" + path[len("placeholder:") :] + "}}"
        found: Any = self._values
        for part in path.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found


def made(kind: str) -> object:
    if kind == "name":
        return unique("scenario")
    if kind == "card_number":
        number = card_number()
        return {"number": number, "bin": number[:6], "last4": number[-4:]}
    raise ValueError(f"nothing makes a {kind}")
