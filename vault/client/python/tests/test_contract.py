"""The SDK against the API's document: nothing is missing and nothing is old."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
from pathlib import Path

import strongroom
from strongroom.operations import OPERATIONS

VAULT = Path(__file__).resolve().parents[3]


class Contract(unittest.TestCase):
    def setUp(self) -> None:
        document = json.loads((VAULT / "api/openapi.json").read_text(encoding="utf-8"))
        self.calls = [call for calls in document["paths"].values() for call in calls.values()]

    def test_what_is_generated_is_up_to_date(self) -> None:
        made = subprocess.run(
            [sys.executable, str(VAULT / "client/generate"), "--check"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_every_call_has_its_methods(self) -> None:
        self.assertEqual({call["operationId"] for call in self.calls}, set(OPERATIONS))
        for call in self.calls:
            wanted = [call["operationId"]]
            body = json.dumps(call.get("requestBody", {}))
            if 'OrMany"' in body:
                wanted.append(f"{wanted[0]}_many")
            if any(part["name"] == "cursor" for part in call.get("parameters", [])):
                wanted.append(wanted[0].split("_", 1)[1])
            for name in wanted:
                self.assertTrue(callable(getattr(strongroom.Client, name, None)), f"Client has no {name}")

    def test_everything_generated_is_exported(self) -> None:
        for name in strongroom.__all__:
            self.assertTrue(hasattr(strongroom, name), name)
