"""The generator with shapes that the API does not have yet: it may grow by running it again."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict

import strongroom.wire

GENERATOR = Path(__file__).resolve().parents[2] / "generate"


def reference(name: str) -> Dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS = {
    "Shade": {"type": "string", "enum": ["light", "dark"]},
    "Count": {"type": "integer", "description": "How many."},
    "Things": {"type": "array", "items": reference("Thing")},
    "SecretBytes": {"type": "string", "contentEncoding": "base64"},
    "Thing": {
        "type": "object",
        "description": "Sent and answered.",
        "required": ["shade", "weight", "inside"],
        "properties": {
            "shade": reference("Shade"),
            "weight": {"type": "number"},
            "count": {"oneOf": [reference("Count"), {"type": "null"}]},
            "inside": reference("SecretBytes"),
            "document": {"description": "Whatever there is."},
            "shades": {"type": ["array", "null"], "items": reference("Shade")},
            "others": reference("Things"),
        },
    },
    "Change": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "until": {"type": ["string", "null"]}},
    },
}
BODY = {"content": {"application/json": {"schema": reference("Thing")}}}
CHANGE = {"content": {"application/json": {"schema": reference("Change")}}}
DOCUMENT: Dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "post": {
                "operationId": "create_thing",
                "parameters": [{"name": "Idempotency-Key", "in": "header"}],
                "requestBody": {"description": "At most 16384 bytes.", **BODY},
                "responses": {"201": BODY},
            }
        }
    },
    "components": {"schemas": SCHEMAS},
}


class Generator(unittest.TestCase):
    def setUp(self) -> None:
        sys.path.insert(0, str(GENERATOR))
        self.addCleanup(sys.path.remove, str(GENERATOR))

    def document(self, schemas: Dict[str, Any], paths: Dict[str, Any] = DOCUMENT["paths"]) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "openapi.json"
            path.write_text(json.dumps({"paths": paths, "components": {"schemas": schemas}}), encoding="utf-8")
            return importlib.import_module("document").Document(path)

    def test_what_is_sent_and_answered_survives_both_ways(self) -> None:
        document = self.document(SCHEMAS)
        [operation] = document.operations
        self.assertEqual((operation.creates, operation.body_cap), (True, 16384))
        source = importlib.import_module("python").types(document)
        names: Dict[str, Any] = {"__name__": "strongroom.wire"}
        exec(compile(source, "types.py", "exec"), names)
        self.assertLessEqual(set(names["__all__"]), set(names))
        inner = {"shade": "dark", "weight": 0.5, "inside": ""}
        whole = {**inner, "shade": "of tomorrow", "count": 3, "inside": "AAE=", "document": {"a": [1, None]}}
        whole.update({"shades": ["light", "dark"], "others": [inner]})
        thing = names["Thing"].from_json({**whole, "unknown": 1})
        self.assertEqual(thing.inside.expose(), b"\x00\x01")
        self.assertEqual(thing.to_json(), whole)
        with self.assertRaises(strongroom.wire.ShapeError):
            names["Thing"].from_json({**inner, "weight": "heavy"})

    def test_both_languages_say_the_same(self) -> None:
        source = importlib.import_module("typescript").types(self.document(SCHEMAS))
        self.assertIn("readonly shades?: readonly (Shade | (string & {}))[] | undefined;", source)
        self.assertIn("readonly others?: readonly Thing[] | undefined;", source)
        self.assertIn("readonly document?: unknown | undefined;", source)
        self.assertIn("readonly inside: Uint8Array | SecretBytes;", source)

    def test_an_update_tells_null_from_absent(self) -> None:
        patch = {"operationId": "update_thing", "requestBody": {"description": "At most 9 bytes.", **CHANGE}, "responses": {}}
        document = self.document(SCHEMAS, {**DOCUMENT["paths"], "/v1/things/{thing}": {"patch": patch}})
        python, typescript = (importlib.import_module(name).types(document) for name in ("python", "typescript"))
        self.assertIn("    until: Union[str, Null, None] = None", python)
        self.assertIn("    count: Optional[int] = None", python)
        self.assertIn("  readonly until?: string | null | undefined;", typescript)
        self.assertIn("  readonly name?: string | undefined;", typescript)

    def test_a_shape_that_is_not_understood_is_refused_by_name(self) -> None:
        strange = {"type": "object", "additionalProperties": {"type": "integer"}}
        with self.assertRaisesRegex(ValueError, "is not supported"):
            self.document({**SCHEMAS, "Strange": strange})
