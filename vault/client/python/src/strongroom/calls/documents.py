"""Fields of whole documents."""

from __future__ import annotations

from strongroom import types
from strongroom.calls.sender import Sender


class Documents(Sender):
    """Fields of whole documents. The document goes through Python's JSON: the vault keeps its bytes, Python keeps its
    values."""

    def encrypt_document(self, wanted: types.DocumentInput) -> types.ProtectedDocument:
        """Protects fields of a JSON document in their places."""
        return self._post("encrypt_document", read=types.ProtectedDocument.from_json, body=wanted)

    def decrypt_document(self, wanted: types.DocumentInput) -> types.ReadDocument:
        """Reads protected fields of a JSON document in their places."""
        return self._post("decrypt_document", read=types.ReadDocument.from_json, body=wanted)

    def reencrypt_document(self, wanted: types.DocumentInput) -> types.ProtectedDocument:
        """Protects fields of a JSON document anew under the newest version of the key, without showing them."""
        return self._post("reencrypt_document", read=types.ProtectedDocument.from_json, body=wanted)
