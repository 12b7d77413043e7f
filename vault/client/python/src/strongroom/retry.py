"""When to try again, and after how long. The rules are those of the Rust client (`vault/client/src/retry.rs`)."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Optional

from strongroom.errors import AnswerError, Failure, StrongroomError, TransportError, VaultError
from strongroom.operations import Operation

WITHOUT_EFFECT = frozenset(
    {
        "encrypt",
        "decrypt",
        "reencrypt",
        "lookup",
        "create_data_key",
        "mac",
        "verify_mac",
        "sign",
        "verify",
        "encrypt_document",
        "decrypt_document",
        "reencrypt_document",
        "search_tokens",
        "import_part",
        "complete_job",
        "cancel_job",
    }
)
"""Calls that change nothing although they are POSTs, or nothing more when they come again. Revealing is not among them: a token for single use is used up by
the first time."""


@dataclass(frozen=True)
class Policy:
    """How patient a client is. Times are in seconds."""

    attempts: int = 4
    """How often a call is tried at most."""
    attempt_timeout: float = 10.0
    """How long one try may take."""
    deadline: float = 30.0
    """How long a call may take with all its tries."""
    first_pause: float = 0.1
    """The longest first pause between tries; the bound doubles with each."""
    longest_pause: float = 5.0
    """The longest pause of all."""

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.attempt_timeout <= 0 or self.deadline <= 0:
            raise ValueError("attempts, attempt_timeout and deadline must be more than zero")
        if self.first_pause < 0 or self.longest_pause < 0:
            raise ValueError("pauses must not be less than zero")


class Tries:
    """The tries of one call."""

    def __init__(self, policy: Policy, operation: Operation) -> None:
        self._policy = policy
        self._deadline = time.monotonic() + policy.deadline
        self._repeatable = is_repeatable(operation)
        self._done = 0

    def attempt_deadline(self) -> float:
        """When the next try has to be over."""
        return min(self._deadline, time.monotonic() + self._policy.attempt_timeout)

    def pause(self, error: StrongroomError) -> bool:
        """Waits for the next try; false if there is to be none."""
        self._done += 1
        pause = self.next_pause(error, random.random())
        if pause is None or time.monotonic() + pause >= self._deadline:
            return False
        time.sleep(pause)
        return True

    def next_pause(self, error: StrongroomError, chance: float) -> Optional[float]:
        """How long to wait after the error, if to try again at all. What the vault asks for is the least."""
        if self._done >= self._policy.attempts or not self._may_repeat(error):
            return None
        jitter = jittered(self._policy, self._done, chance)
        asked = error.retry_after if isinstance(error, VaultError) else None
        return jitter if asked is None else asked + min(jitter, asked)

    def _may_repeat(self, error: StrongroomError) -> bool:
        if isinstance(error, VaultError):
            return error.retryable
        if isinstance(error, TransportError):
            lost = error.failure in (Failure.TIMEOUT, Failure.INTERRUPTED)
            return error.failure is Failure.CONNECT or (lost and self._repeatable)
        if isinstance(error, AnswerError):
            return 502 <= error.status <= 504 and self._repeatable
        return False


def is_repeatable(operation: Operation) -> bool:
    """Whether a request that may have been carried out can be sent again without doing a thing twice."""
    return operation.method == "GET" or operation.creates or operation.name in WITHOUT_EFFECT


def jittered(policy: Policy, done: int, chance: float) -> float:
    """Anything from nothing to a bound that doubles with each try."""
    doubled = policy.first_pause * 2.0 ** min(done - 1, 60)
    return chance * min(doubled, policy.longest_pause)
