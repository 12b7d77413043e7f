"""What must come back, held against what came."""

from __future__ import annotations

import base64
import json
from typing import Any, Callable, Dict, List

ABSENT = object()


def mismatches(expected: Any, actual: Any, place: str) -> List[str]:
    """An object may have more members than are expected; a list has as many items; null is as good as absent; `$` begins
    a rule."""
    actual = ABSENT if actual is None else actual
    if isinstance(expected, dict):
        rules = {name: part for name, part in expected.items() if name.startswith("$")}
        wrong = [said for name, part in rules.items() for said in RULES[name](part, actual, place)]
        members = {name: part for name, part in expected.items() if name not in rules}
        if not rules and not isinstance(actual, dict):
            return [f"{place} is no object but {shown(actual)}"]
        for name, part in members.items():
            wrong += mismatches(part, actual.get(name, ABSENT), f"{place}.{name}")
        return wrong
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return [f"{place} is no list of {len(expected)} but {shown(actual)}"]
        pairs = enumerate(zip(expected, actual))
        return [said for at, (one, other) in pairs for said in mismatches(one, other, f"{place}.{at}")]
    expected = ABSENT if expected is None else expected
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{place} is {shown(actual)} and not {shown(expected)}"]


def fits(expected: Any, actual: Any) -> bool:
    return not mismatches(expected, actual, "")


def rule(says: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any, str], List[str]]:
    def check(expected: Any, actual: Any, place: str) -> List[str]:
        return [] if holds(expected, actual) else [f"{place} {says} {shown(expected)}: {shown(actual)}"]

    return check


def has_shape(shape: str, text: Any) -> bool:
    if not isinstance(text, str) or len(text) != len(shape):
        return False
    return all(there == wanted or (wanted == "#" and there.isdigit()) for wanted, there in zip(shape, text))


def decoded(text: Any) -> Any:
    data = base64.b64decode(text, validate=True)
    return data.decode("latin-1")


RULES: Dict[str, Callable[[Any, Any, str], List[str]]] = {
    "$absent": rule("must be absent", lambda _, actual: actual is ABSENT),
    "$any": rule("must be there", lambda _, actual: actual is not ABSENT),
    "$not": rule("must be there and not", lambda other, actual: actual is not ABSENT and not fits(other, actual)),
    "$prefix": rule("must begin with", lambda start, actual: isinstance(actual, str) and actual.startswith(start)),
    "$shape": rule("must have the shape", has_shape),
    "$length": rule("must have the length", lambda length, actual: hasattr(actual, "__len__") and len(actual) == length),
    "$one_of": rule("must be one of", lambda choices, actual: any(fits(one, actual) for one in choices)),
    "$base64": lambda expected, actual, place: mismatches(expected, decoded(actual), f"{place} in clear"),
    "$contains": rule("must contain", lambda one, actual: contains(one, actual)),
    "$lacks": rule("must not contain", lambda one, actual: actual is not ABSENT and not contains(one, actual)),
    "$distinct": rule("must all have and differ in", lambda name, actual: are_distinct(name, actual)),
}


def contains(one: Any, actual: Any) -> bool:
    if isinstance(actual, str):
        return isinstance(one, str) and one in actual
    return isinstance(actual, list) and any(fits(one, item) for item in actual)


def are_distinct(name: str, items: List[Any]) -> bool:
    return all(name in one for one in items) and len({json.dumps(one[name]) for one in items}) == len(items)


def shown(value: object) -> str:
    return "absent" if value is ABSENT else json.dumps(value, ensure_ascii=False)[:300]
