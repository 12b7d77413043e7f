"""Fields, codes, signatures and data keys."""

from __future__ import annotations

from typing import Optional, Sequence

from strongroom import types
from strongroom.calls.sender import Sender


class Crypto(Sender):
    """Fields, codes, signatures and data keys."""

    def encrypt(self, key: types.KeyName, item: types.EncryptItem) -> types.EncryptedField:
        """Protects a field."""
        return self._post("encrypt", key, read=types.EncryptedField.from_json, body=item)

    def encrypt_many(
        self, key: types.KeyName, items: Sequence[types.EncryptItem]
    ) -> types.EncryptedItemBatch:
        """Protects up to 1,000 fields, each on its own."""
        return self._post_many("encrypt", key, read=types.EncryptedItemBatch.from_json, items=items)

    def decrypt(self, key: types.KeyName, item: types.DecryptItem) -> types.DecryptedField:
        """Reads a protected field."""
        return self._post("decrypt", key, read=types.DecryptedField.from_json, body=item)

    def decrypt_many(
        self, key: types.KeyName, items: Sequence[types.DecryptItem]
    ) -> types.DecryptedItemBatch:
        """Reads up to 1,000 protected fields, each on its own."""
        return self._post_many("decrypt", key, read=types.DecryptedItemBatch.from_json, items=items)

    def reencrypt(self, key: types.KeyName, item: types.ReencryptItem) -> types.EncryptedField:
        """Protects a field anew under the newest version of the key, without showing it."""
        return self._post("reencrypt", key, read=types.EncryptedField.from_json, body=item)

    def reencrypt_many(
        self, key: types.KeyName, items: Sequence[types.ReencryptItem]
    ) -> types.EncryptedItemBatch:
        """Protects up to 1,000 fields anew, each on its own."""
        return self._post_many("reencrypt", key, read=types.EncryptedItemBatch.from_json, items=items)

    def lookup(self, key: types.KeyName, item: types.EncryptItem) -> types.StoredAs:
        """What a value is stored as under each version of a deterministic key."""
        return self._post("lookup", key, read=types.StoredAs.from_json, body=item)

    def lookup_many(
        self, key: types.KeyName, items: Sequence[types.EncryptItem]
    ) -> types.LookedUpItemBatch:
        """What up to 1,000 values are stored as."""
        return self._post_many("lookup", key, read=types.LookedUpItemBatch.from_json, items=items)

    def create_data_key(
        self, key: types.KeyName, wanted: Optional[types.CreateDataKey] = None
    ) -> types.DataKeyView:
        """Makes a key for use outside the vault, in clear and protected."""
        wanted = types.CreateDataKey() if wanted is None else wanted
        return self._post("create_data_key", key, read=types.DataKeyView.from_json, body=wanted)

    def mac(self, key: types.KeyName, item: types.MacItem) -> types.MadeMac:
        """Vouches for data."""
        return self._post("mac", key, read=types.MadeMac.from_json, body=item)

    def mac_many(self, key: types.KeyName, items: Sequence[types.MacItem]) -> types.MadeMacItemBatch:
        """Vouches for up to 1,000 pieces of data."""
        return self._post_many("mac", key, read=types.MadeMacItemBatch.from_json, items=items)

    def verify_mac(self, key: types.KeyName, item: types.VerifyMacItem) -> types.VerifiedMac:
        """Tells whether data are what was vouched for."""
        return self._post("verify_mac", key, read=types.VerifiedMac.from_json, body=item)

    def verify_mac_many(
        self, key: types.KeyName, items: Sequence[types.VerifyMacItem]
    ) -> types.VerifiedMacItemBatch:
        """Tells it of up to 1,000 pieces of data."""
        return self._post_many("verify_mac", key, read=types.VerifiedMacItemBatch.from_json, items=items)

    def sign(self, key: types.KeyName, item: types.SignItem) -> types.Signed:
        """Signs data."""
        return self._post("sign", key, read=types.Signed.from_json, body=item)

    def sign_many(self, key: types.KeyName, items: Sequence[types.SignItem]) -> types.SignedItemBatch:
        """Signs up to 1,000 pieces of data."""
        return self._post_many("sign", key, read=types.SignedItemBatch.from_json, items=items)

    def verify(self, key: types.KeyName, item: types.VerifyItem) -> types.Verified:
        """Tells whether a signature is over its data."""
        return self._post("verify", key, read=types.Verified.from_json, body=item)

    def verify_many(self, key: types.KeyName, items: Sequence[types.VerifyItem]) -> types.VerifiedItemBatch:
        """Tells it of up to 1,000 signatures."""
        return self._post_many("verify", key, read=types.VerifiedItemBatch.from_json, items=items)

    def list_public_keys(self, key: types.KeyName) -> types.PublicKeyViewList:
        """What verifies the key's signatures without the vault, newest version first."""
        return self._get("list_public_keys", key, read=types.PublicKeyViewList.from_json)

    def get_jwks(self, key: types.KeyName) -> types.JwkSet:
        """The public keys that clients encrypt to, for publication."""
        return self._get("get_jwks", key, read=types.JwkSet.from_json)
