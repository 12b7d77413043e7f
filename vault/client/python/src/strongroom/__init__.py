"""The Python SDK of Strongroom: typed calls over mutual TLS, with retries that never do a thing twice."""

from strongroom.calls.audit import AuditExport, EventQuery
from strongroom.calls.tokens import TokenFilter
from strongroom.client import Client
from strongroom.errors import (
    AnswerError,
    Failure,
    RequestError,
    StrongroomError,
    TransportError,
    VaultError,
)
from strongroom.retry import Policy
from strongroom.secret import SecretBytes, SecretText
from strongroom.types import *  # noqa: F401,F403  all of what is sent and what comes back
from strongroom.types import __all__ as _types
from strongroom.version import VERSION as __version__
from strongroom.wire import NULL, Null

__all__ = [
    "AnswerError",
    "AuditExport",
    "Client",
    "EventQuery",
    "Failure",
    "NULL",
    "Null",
    "Policy",
    "RequestError",
    "SecretBytes",
    "SecretText",
    "StrongroomError",
    "TokenFilter",
    "TransportError",
    "VaultError",
    "__version__",
]
__all__ += _types
