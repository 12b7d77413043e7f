"""The OpenAPI document as a model that both languages are written from."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Set


@dataclass(frozen=True)
class Type:
    """What a value is. `kind` is one of: text, enum, integer, number, boolean, secret-text, bytes, secret-bytes, texts
    (a map of text to text), object, list, any."""

    kind: str
    name: str = ""
    item: Optional["Type"] = None


@dataclass(frozen=True)
class Field:
    """One member of an object."""

    name: str
    type: Type
    optional: bool
    nullable: bool
    description: str


@dataclass(frozen=True)
class Named:
    """A schema with a name."""

    name: str
    type: Type
    description: str
    fields: List[Field]
    values: List[str]


@dataclass(frozen=True)
class Operation:
    """A call."""

    name: str
    method: str
    path: str
    creates: bool
    body_cap: int


class Document:
    """What the API consists of."""

    def __init__(self, path: Path) -> None:
        raw = json.loads(path.read_text(encoding="utf-8"))
        self._schemas: Dict[str, Any] = raw["components"]["schemas"]
        self.operations = [
            _operation(path, method, call)
            for path, calls in raw["paths"].items()
            for method, call in calls.items()
        ]
        self.operations.sort(key=lambda operation: operation.name)
        self.requests = self._reached(call.get("requestBody") for call in _calls(raw))
        self.answers = self._reached(call["responses"] for call in _calls(raw))
        self.patches = self._patches(raw)
        """Those that say what is to change, where null is something other than absent."""
        self.named = [self._named(name) for name in sorted(self._schemas) if not self._is_one_or_many(name)]

    def kinds_answered(self) -> Set[str]:
        """What kinds of values there are in answers, apart from what is made of others."""
        objects = [named for named in self.named if named.name in self.answers]
        types = [part.type for named in objects for part in named.fields]
        innermost = {(type.item or type).kind for type in types}
        return innermost - {"object"}

    def _patches(self, raw: Dict[str, Any]) -> Set[str]:
        bodies = [calls["patch"]["requestBody"] for calls in raw["paths"].values() if "patch" in calls]
        return {_name_of(body["content"]["application/json"]["schema"]["$ref"]) for body in bodies}

    def _named(self, name: str) -> Named:
        schema = self._schemas[name]
        required = schema.get("required", [])
        fields = [
            self._field(member, part, member in required)
            for member, part in schema.get("properties", {}).items()
        ]
        return Named(name, self._type_of_name(name), _text(schema), fields, schema.get("enum", []))

    def _field(self, name: str, schema: Dict[str, Any], required: bool) -> Field:
        description = _text(schema)
        nullable = False
        if "oneOf" in schema:
            choices = [choice for choice in schema["oneOf"] if choice != {"type": "null"}]
            if len(choices) != 1:
                raise ValueError(f"{name}: a choice between shapes is not supported")
            nullable = len(choices) < len(schema["oneOf"])
            schema = choices[0]
            description = description or _text(schema)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            nullable = "null" in kinds
            schema = {**schema, "type": next(kind for kind in kinds if kind != "null")}
        return Field(name, self._type(schema), nullable or not required, nullable, description)

    def _type(self, schema: Dict[str, Any]) -> Type:
        if "$ref" in schema:
            return self._type_of_name(_name_of(schema["$ref"]))
        kind = schema.get("type")
        if kind == "array":
            return Type("list", item=self._type(schema["items"]))
        if kind == "string":
            return Type("text")
        if kind in ("integer", "number", "boolean"):
            return Type(kind)
        if kind in (None, "object") and not {"properties", "additionalProperties", "oneOf", "allOf"} & set(schema):
            return Type("any")
        raise ValueError(f"the shape {schema} is not supported")

    def _type_of_name(self, name: str) -> Type:
        schema = self._schemas[name]
        if "properties" in schema:
            return Type("object", name)
        if schema.get("additionalProperties", {}).get("type") == "string":
            return Type("texts", name)
        if schema.get("type") != "string":
            return self._type(schema)
        secret = name.startswith("Secret")
        if schema.get("contentEncoding") == "base64":
            return Type("secret-bytes" if secret else "bytes", name)
        if secret:
            return Type("secret-text", name)
        return Type("enum" if "enum" in schema else "text", name)

    def _is_one_or_many(self, name: str) -> bool:
        """One item or `{"items": […]}`. The call methods take the two apart, so there is no type for it."""
        return name.endswith("OrMany")

    def _reached(self, roots: Any) -> Set[str]:
        """The names of the schemas that these parts of the document lead to."""
        found: Set[str] = set()
        waiting = [json.dumps(root) for root in roots]
        while waiting:
            for name in re.findall(r'"#/components/schemas/(\w+)"', waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(json.dumps(self._schemas[name]))
        return found


def _calls(raw: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [call for calls in raw["paths"].values() for call in calls.values()]


def _operation(path: str, method: str, call: Dict[str, Any]) -> Operation:
    headers = [part["name"] for part in call.get("parameters", []) if part["in"] == "header"]
    cap = re.search(r"At most (\d+) bytes", call.get("requestBody", {}).get("description", ""))
    if "requestBody" in call and cap is None:
        raise ValueError(f"{path}: the document does not say how large a body may be")
    return Operation(
        name=call["operationId"],
        method=method.upper(),
        path=path,
        creates="Idempotency-Key" in headers,
        body_cap=int(cap.group(1)) if cap else 0,
    )


def _text(schema: Dict[str, Any]) -> str:
    return " ".join(schema.get("description", "").split())


def _name_of(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
