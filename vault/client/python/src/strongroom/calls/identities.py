"""Identities and their grants."""

from __future__ import annotations

from typing import Iterator, Optional

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page


class Identities(Sender):
    """Identities and their grants."""

    def create_identity(self, request: types.CreateIdentity) -> types.IdentityView:
        """Makes an identity known. It may do nothing until it is granted a role."""
        return self._post("create_identity", read=types.IdentityView.from_json, body=request)

    def get_identity(self, service: types.ServiceName) -> types.IdentityView:
        """An identity with its grants."""
        return self._get("get_identity", service, read=types.IdentityView.from_json)

    def list_identities(
        self, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> types.IdentityViewList:
        """One page of the tenant's identities."""
        query = of_page(limit, cursor)
        return self._get("list_identities", read=types.IdentityViewList.from_json, query=query)

    def identities(self, page_size: Optional[int] = None) -> Iterator[types.IdentityView]:
        """All of the tenant's identities."""
        return all_pages(lambda cursor: self.list_identities(page_size, cursor))

    def disable_identity(self, service: types.ServiceName) -> types.IdentityView:
        """Takes everything from an identity, at once."""
        return self._post("disable_identity", service, read=types.IdentityView.from_json)

    def get_velocity_limits(self, service: types.ServiceName) -> types.VelocityLimitsView:
        """How fast values may leave for an identity."""
        return self._get("get_velocity_limits", service, read=types.VelocityLimitsView.from_json)

    def set_velocity_limits(
        self, service: types.ServiceName, request: types.SetVelocityLimits
    ) -> types.VelocityLimitsView:
        """Gives an identity these limits of its own and no others."""
        return self._post(
            "set_velocity_limits", service, read=types.VelocityLimitsView.from_json, body=request
        )

    def create_grant(self, service: types.ServiceName, request: types.CreateGrant) -> types.GrantView:
        """Appoints an identity to a role."""
        return self._post("create_grant", service, read=types.GrantView.from_json, body=request)

    def revoke_grant(self, service: types.ServiceName, grant: str) -> types.GrantView:
        """Ends an appointment, by its id (`grt_…`)."""
        return self._post("revoke_grant", service, grant, read=types.GrantView.from_json)

    def create_encryption_key(
        self, service: types.ServiceName, request: types.CreateEncryptionKey
    ) -> types.EncryptionKeyView:
        """Registers a public key to which an identity gets values encrypted."""
        return self._post(
            "create_encryption_key", service, read=types.EncryptionKeyView.from_json, body=request
        )

    def list_encryption_keys(self, service: types.ServiceName) -> types.EncryptionKeyViewList:
        """The public keys of an identity, newest first, also those that ended."""
        return self._get("list_encryption_keys", service, read=types.EncryptionKeyViewList.from_json)

    def revoke_encryption_key(
        self, service: types.ServiceName, kid: types.KeyThumbprint
    ) -> types.EncryptionKeyView:
        """Ends a public key of an identity."""
        return self._post("revoke_encryption_key", service, kid, read=types.EncryptionKeyView.from_json)
