"""What a call can end with when it does not end well. Nothing here holds what was sent, nor an address."""

from __future__ import annotations

import enum
from typing import Optional, Tuple

from strongroom.types import Problem


class StrongroomError(Exception):
    """Any error of a call."""


class VaultError(StrongroomError):
    """The vault refused, or failed, and says why. Its text repeats nothing of what was sent."""

    def __init__(self, problem: Problem, retry_after: Optional[float] = None) -> None:
        self.status: int = problem.status
        self.code: str = problem.code
        """What went wrong, for programs. Stable; more may be added."""
        self.detail: str = problem.detail or ""
        self.request_id: str = problem.request_id or ""
        """Names the request in the vault's log and audit record."""
        self.retryable: bool = bool(problem.retryable)
        """Whether the same request may go through later. By then it was tried as often as the client's policy says."""
        self.retry_after: Optional[float] = retry_after
        """What the vault asked to wait, in seconds."""
        self.pointer: Optional[str] = problem.pointer
        """JSON pointer to the offending field of the request, if it was one."""
        self._problem = problem
        super().__init__(f"{self.code}: {self.detail} ({self.request_id})")

    def __reduce__(self) -> Tuple[object, ...]:
        return VaultError, (self._problem, self.retry_after)


class Failure(enum.Enum):
    """Where on the way something was lost."""

    CONNECT = "the vault cannot be reached"
    """No connection came about; nothing was sent."""
    TLS = "the vault and this client do not accept each other in TLS"
    """The two sides do not accept each other's certificates or protocol."""
    TIMEOUT = "the vault did not answer in time; the request may have been carried out"
    """No answer within the time for it."""
    INTERRUPTED = "the connection broke; the request may have been carried out"
    """The connection broke."""


class TransportError(StrongroomError):
    """The request or its answer got lost on the way."""

    def __init__(self, failure: Failure) -> None:
        self.failure: Failure = failure
        super().__init__(failure.value)

    def __reduce__(self) -> Tuple[object, ...]:
        return TransportError, (self.failure,)


class AnswerError(StrongroomError):
    """Something answered, but not as this API does: a proxy, or a vault of another time."""

    def __init__(self, status: int) -> None:
        self.status: int = status
        super().__init__(f"the answer with status {status} is not one of this API")

    def __reduce__(self) -> Tuple[object, ...]:
        return AnswerError, (self.status,)


class RequestError(StrongroomError):
    """The request cannot be sent as it is."""
