"""Writes the types and the table of calls of the Python and the TypeScript SDK from `vault/api/openapi.json`.

    python3 vault/client/generate            writes them
    python3 vault/client/generate --check    fails if they are not as they would be written
"""

import sys
from pathlib import Path

import python
import typescript
from document import Document

CLIENT = Path(__file__).resolve().parent.parent


def main() -> int:
    document = Document(CLIENT.parent / "api" / "openapi.json")
    files = {
        CLIENT / "python/src/strongroom/types.py": python.types(document),
        CLIENT / "python/src/strongroom/operations.py": python.operations(document),
        CLIENT / "typescript/src/types.ts": typescript.types(document),
        CLIENT / "typescript/src/operations.ts": typescript.operations(document),
    }
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    differing = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in differing:
            print(f"{path.relative_to(CLIENT)} is not what vault/api/openapi.json makes of it", file=sys.stderr)
        return 1 if differing else 0
    for path in differing:
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path.relative_to(CLIENT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
