"""The client."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Optional, Type

from strongroom.calls.audit import Audit
from strongroom.calls.crypto import Crypto
from strongroom.calls.documents import Documents
from strongroom.calls.honeytokens import Honeytokens
from strongroom.calls.identities import Identities
from strongroom.calls.keys import Keys
from strongroom.calls.profiles import Profiles
from strongroom.calls.proxy import Proxy
from strongroom.calls.status import Status
from strongroom.calls.tokens import Tokens
from strongroom.connection import Path, tls_context
from strongroom.retry import Policy
from strongroom.transport import Transport


class Client(
    Tokens, Keys, Crypto, Documents, Proxy, Profiles, Identities, Honeytokens, Audit, Status
):
    """A vault, as one identity sees it. Threads may share it; it keeps its connections between calls."""

    def __init__(
        self,
        url: str,
        *,
        ca: Path,
        certificate: Path,
        private_key: Path,
        policy: Policy = Policy(),
    ) -> None:
        """Connects at the first call only.

        url: where the vault is, such as `https://vault.example.com:8443`
        ca: the file with the authorities that the vault's certificate may come from; no others are trusted
        certificate, private_key: the files that say who is calling, in PEM
        policy: how patient to be
        """
        self._transport = Transport(url, tls_context(ca, certificate, private_key), policy)
        self._idempotency_key: Optional[str] = None

    def with_idempotency_key(self, key: str) -> Client:
        """The same client, but its creating calls carry this `Idempotency-Key` instead of a new one each. For one call:
        a second one with another body is refused."""
        if not re.fullmatch("[A-Za-z0-9_.:-]{8,128}", key):
            raise ValueError("an idempotency key has 8 to 128 characters of letters, digits and -_.:")
        other = object.__new__(Client)
        other._transport = self._transport
        other._idempotency_key = key
        return other

    def close(self) -> None:
        """Closes the connections that are kept. A later call opens new ones."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
