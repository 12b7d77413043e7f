"""The TypeScript SDK's share."""

import re
import textwrap

from document import Document, Field, Named, Type

HEAD = "// {title} Generated from vault/api/openapi.json by vault/client/generate; do not edit.\n"

IMPORTS = """import type {{ SecretBytes, SecretText }} from "./secret.js";
import {{
{readers}}} from "./wire.js";
"""

PLAIN = {
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "bytes": "Uint8Array",
    "any": "unknown",
}

READERS = {
    "text": "text",
    "enum": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "secret-text": "secretText",
    "bytes": "bytes",
    "secret-bytes": "secretBytes",
    "texts": "texts",
    "any": "anything",
}


def types(document: Document) -> str:
    readers = {READERS[kind] for kind in document.kinds_answered()} | {"each", "optional", "required"}
    used = "".join(f"  {name},\n" for name in sorted(readers))
    parts = [HEAD.format(title="What is sent and what comes back."), IMPORTS.format(readers=used)]
    for named in document.named:
        if named.type.kind == "enum":
            parts.append(_enum(named))
        elif named.type.kind in ("text", "bytes"):
            plain = "string" if named.type.kind == "text" else "Uint8Array"
            parts.append(f"{_documentation(named.description, '')}export type {named.name} = {plain};\n")
        elif named.type.kind == "texts":
            shape = "{ readonly [name: string]: string }"
            parts.append(f"{_documentation(named.description, '')}export type {named.name} = {shape};\n")
    for named in document.named:
        if named.type.kind == "object":
            parts.append(_interface(named, document))
            if named.name in document.answers:
                parts.append(_function(named))
    return "\n".join(parts)


def operations(document: Document) -> str:
    lines = [
        HEAD.format(title="The table of calls."),
        "/** One call of the API. */",
        "export interface Operation {",
        "  readonly name: string;",
        "  readonly method: string;",
        "  readonly path: string;",
        "  /** Whether it makes something, and so carries an `Idempotency-Key`. */",
        "  readonly creates: boolean;",
        "  /** The most bytes its body may have. */",
        "  readonly bodyCap: number;",
        "}",
        "",
        "export const OPERATIONS = {",
    ]
    for call in document.operations:
        creates = "true" if call.creates else "false"
        row = f'name: "{call.name}", method: "{call.method}", path: "{call.path}", '
        row += f"creates: {creates}, bodyCap: {call.body_cap}"
        lines.append(f"  {camel(call.name)}: {{ {row} }},")
    return "\n".join([*lines, "} as const satisfies Record<string, Operation>;", ""])


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)


def _enum(named: Named) -> str:
    values = " | ".join(f'"{value}"' for value in named.values)
    choice = f"export type {named.name} = {values};"
    if len(choice) > 105:
        choice = f"export type {named.name} =" + "".join(f'\n  | "{value}"' for value in named.values) + ";"
    return f"{_documentation(named.description, '')}{choice}\n"


def _interface(named: Named, document: Document) -> str:
    is_sent, is_answered = named.name in document.requests, named.name in document.answers
    lines = [_documentation(named.description or "One page.", "") + f"export interface {named.name} {{"]
    for part in named.fields:
        if part.description:
            lines.append(_documentation(part.description, "  ").rstrip("\n"))
        shown = _sent(part.type, is_answered) if is_sent else _answered(part.type)
        mark, absent = ("?", " | undefined") if part.optional else ("", "")
        null = " | null" if part.nullable and named.name in document.patches else ""
        lines.append(f"  readonly {part.name}{mark}: {shown}{null}{absent};")
    return "\n".join([*lines, "}", ""])


def _function(named: Named) -> str:
    lines = ["/** @internal */"]
    lines += [f"export function read{named.name}(value: unknown): {named.name} {{", "  return {"]
    for part in named.fields:
        lines.append(f"    {part.name}: {_presence(part)}(value, \"{part.name}\", {_reader(part.type)}),")
    return "\n".join([*lines, "  };", "}", ""])


def _presence(part: Field) -> str:
    return "optional" if part.optional else "required"


def _sent(type: Type, is_answered: bool) -> str:
    if type.kind == "list" and type.item is not None:
        return f"readonly {_listed(_sent(type.item, is_answered))}[]"
    if type.kind == "enum" and is_answered:
        return _answered(type)
    secret = {"secret-text": "string | SecretText", "secret-bytes": "Uint8Array | SecretBytes"}
    return PLAIN.get(type.kind) or secret.get(type.kind) or type.name or "string"


def _answered(type: Type) -> str:
    if type.kind == "list" and type.item is not None:
        return f"readonly {_listed(_answered(type.item))}[]"
    if type.kind == "enum":
        # A newer vault may answer with more of them.
        return f"{type.name} | (string & {{}})"
    return PLAIN.get(type.kind) or type.name or "string"


def _listed(item: str) -> str:
    return f"({item})" if " " in item else item


def _reader(type: Type) -> str:
    if type.kind == "list" and type.item is not None:
        return f"each({_reader(type.item)})"
    return f"read{type.name}" if type.kind == "object" else READERS[type.kind]


def _documentation(text: str, indent: str) -> str:
    lines = textwrap.wrap(text, 105 - len(indent), break_long_words=False)
    if len(lines) <= 1:
        return f"{indent}/** {text} */\n"
    return "\n".join([f"{indent}/**", *[f"{indent} * {line}" for line in lines], f"{indent} */", ""])
