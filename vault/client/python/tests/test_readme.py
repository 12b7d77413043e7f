"""What the README shows works as it stands there."""

from __future__ import annotations

import contextlib
import io
import re
import unittest
import warnings
from pathlib import Path

from tests.vault import CLIENTS, URL

README = Path(__file__).resolve().parents[1] / "README.md"


class Readme(unittest.TestCase):
    def test_the_first_token(self) -> None:
        example = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
        example = example.replace("https://127.0.0.1:8443", URL).replace(".strongroom-dev", str(CLIENTS.parent))
        said = io.StringIO()
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            # Its clients end with the program.
            warnings.simplefilter("ignore", ResourceWarning)
            exec(compile(example, str(README), "exec"), {})
        self.assertIn("the card ending in 1111", said.getvalue())
        self.assertIn("16 digits came back", said.getvalue())
        self.assertNotIn("4111111111111111", said.getvalue())
