"""The Python SDK's share."""

import textwrap
from typing import List

from document import Document, Field, Named, Type

HEAD = '''"""{title} Generated from vault/api/openapi.json by vault/client/generate; do not edit."""
'''

IMPORTS = """from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Mapping, Optional, Sequence, Tuple, Union

from strongroom.secret import SecretBytes, SecretText
from strongroom.wire import (
{readers})
"""

# What has a name of its own in Python; the rest goes by what it is.
NAMED = ("enum", "text", "bytes", "texts", "object")

PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "bytes": "bytes", "any": "Json"}

READERS = {
    "text": "text",
    "enum": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "secret-text": "secret_text",
    "bytes": "data",
    "secret-bytes": "secret_bytes",
    "texts": "texts",
    "any": "anything",
}


def types(document: Document) -> str:
    spoken = [named.name for named in document.named if named.type.kind in NAMED]
    names = "".join(f'    "{name}",\n' for name in spoken)
    readers = {READERS[kind] for kind in document.kinds_answered()} | {"each", "optional", "required"}
    used = "".join(f"    {name},\n" for name in ["Json", "Null", "Request", *sorted(readers)])
    head = HEAD.format(title="What is sent and what comes back.")
    parts = [head, IMPORTS.format(readers=used), f"__all__ = [\n{names}]\n"]
    for named in document.named:
        if named.type.kind == "enum":
            parts.append(_enum(named, named.name in document.requests))
        elif named.type.kind in ("text", "bytes"):
            plain = "str" if named.type.kind == "text" else "bytes"
            parts.append(f"{named.name} = {plain}\n{_documentation(named.description, '')}")
        elif named.type.kind == "texts":
            parts.append(f"{named.name} = Mapping[str, str]\n{_documentation(named.description, '')}")
    parts.append("")
    for named in document.named:
        if named.type.kind == "object":
            parts.append(_class(named, document))
    return "\n".join(parts).rstrip("\n") + "\n"


def operations(document: Document) -> str:
    lines = [
        HEAD.format(title="The table of calls."),
        "from __future__ import annotations\n",
        "from typing import Dict, NamedTuple\n\n",
        "class Operation(NamedTuple):",
        '    """One call of the API."""\n',
        "    name: str",
        "    method: str",
        "    path: str",
        "    creates: bool",
        '    """Whether it makes something, and so carries an `Idempotency-Key`."""',
        "    body_cap: int",
        '    """The most bytes its body may have."""\n\n',
        "OPERATIONS: Dict[str, Operation] = {",
    ]
    for call in document.operations:
        rest = f'"{call.method}", "{call.path}", {call.creates}, {call.body_cap}'
        lines.append(f'    "{call.name}": Operation("{call.name}", {rest}),')
    return "\n".join([*lines, "}", ""])


def _enum(named: Named, is_sent: bool) -> str:
    values = ", ".join(f'"{value}"' for value in named.values)
    if is_sent:
        one_line = f"{named.name} = Literal[{values}]"
        listed = "".join(f'    "{value}",\n' for value in named.values)
        choice = one_line if len(one_line) <= 108 else f"{named.name} = Literal[\n{listed}]"
        return f"{choice}\n{_documentation(named.description, '')}"
    # A newer vault may answer with more of them.
    description = f"{named.description} One of {values}; more may be added."
    return f"{named.name} = str\n{_documentation(description, '')}"


def _class(named: Named, document: Document) -> str:
    is_sent, is_answered = named.name in document.requests, named.name in document.answers
    base = "(Request)" if is_sent else ""
    lines = ["", "@dataclass(frozen=True)", f"class {named.name}{base}:"]
    lines.append(_documentation(named.description or "One page.", "    "))
    # Those with a default come last, as the language wants it.
    for part in sorted(named.fields, key=lambda part: part.optional):
        lines.append(_member(part, is_sent, is_answered, named.name in document.patches and part.nullable))
        if part.description:
            lines.append(_documentation(part.description, "    ").rstrip("\n"))
    if is_answered:
        lines += ["", "    @classmethod", f"    def from_json(cls, value: Json) -> {named.name}:"]
        lines.append("        return cls(")
        lines += [f"            {part.name}={_read(part)}," for part in named.fields]
        lines.append("        )")
    lines.append("")
    return "\n".join(lines)


def _member(part: Field, is_sent: bool, is_answered: bool, may_be_null: bool) -> str:
    shown = _sent(part.type, is_answered) if is_sent else _answered(part.type)
    # What is answered is wrapped and hides itself; what is sent may be plain.
    is_secret = is_sent and part.type.kind.startswith("secret")
    if part.optional:
        default = " = field(default=None, repr=False)" if is_secret else " = None"
        choice = f"Union[{shown}, Null, None]" if may_be_null else f"Optional[{shown}]"
        return f"    {part.name}: {choice}{default}"
    return f"    {part.name}: {shown}" + (" = field(repr=False)" if is_secret else "")


def _sent(type: Type, is_answered: bool) -> str:
    if type.kind == "list" and type.item is not None:
        return f"Sequence[{_sent(type.item, is_answered)}]"
    if type.kind == "enum" and is_answered:
        return "str"
    secret = {"secret-text": "Union[str, SecretText]", "secret-bytes": "Union[bytes, SecretBytes]"}
    return PLAIN.get(type.kind) or secret.get(type.kind) or type.name or "str"


def _answered(type: Type) -> str:
    if type.kind == "list" and type.item is not None:
        return f"Tuple[{_answered(type.item)}, ...]"
    # A newer vault may answer with more values of an enum.
    return "str" if type.kind == "enum" else PLAIN.get(type.kind) or type.name or "str"


def _read(part: Field) -> str:
    presence = "optional" if part.optional else "required"
    return f'{presence}(value, "{part.name}", {_reader(part.type)})'


def _reader(type: Type) -> str:
    if type.kind == "list" and type.item is not None:
        return f"each({_reader(type.item)})"
    return f"{type.name}.from_json" if type.kind == "object" else READERS[type.kind]


def _documentation(text: str, indent: str) -> str:
    lines: List[str] = textwrap.wrap(f'"""{text}"""', 108 - len(indent), break_long_words=False)
    return "\n".join(indent + line for line in lines) + "\n"
