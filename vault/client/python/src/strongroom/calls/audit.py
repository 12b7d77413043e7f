"""The record."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from types import TracebackType
from typing import BinaryIO, Iterator, Optional, Type

from strongroom import types
from strongroom.calls.sender import Sender, all_pages
from strongroom.transport import Answer


@dataclass(frozen=True)
class EventQuery:
    """Which audit events are asked for. Everything given must match."""

    from_: Optional[types.Timestamp] = None
    """From this time on."""
    to: Optional[types.Timestamp] = None
    """Before this time."""
    actor: Optional[str] = None
    """Who acted."""
    action: Optional[str] = None
    """What was done, such as `token.detokenize`."""
    object: Optional[str] = None
    """To what."""
    outcome: Optional[str] = None
    """How it ended: `success` or a code."""
    destination: Optional[str] = None
    """Where a value was sent."""
    request_id: Optional[str] = None
    """In which request."""
    limit: Optional[int] = None
    """How many events at most on a page."""
    cursor: Optional[str] = None
    """The `next_cursor` of the page before."""


class Audit(Sender):
    """The record."""

    def search_audit_events(self, events: EventQuery = EventQuery()) -> types.EventViewList:
        """One page of the audit events that match."""
        query = [(name.rstrip("_"), value) for name, value in vars(events).items()]
        return self._get("search_audit_events", read=types.EventViewList.from_json, query=query)

    def audit_events(self, events: EventQuery = EventQuery()) -> Iterator[types.EventView]:
        """All audit events that match, from the query's cursor on."""
        return all_pages(lambda cursor: self.search_audit_events(replace(events, cursor=cursor or events.cursor)))

    def export_audit(self) -> AuditExport:
        """Begins to take the record away, for offline verification."""
        answer = self._transport.open("export_audit")
        return AuditExport(answer, self._transport.policy.attempt_timeout)

    def get_checkpoints(self) -> types.CheckpointsView:
        """The newest signed checkpoint of every audit stream of the cluster. Remember them outside the vault."""
        return self._get("get_checkpoints", read=types.CheckpointsView.from_json)


class AuditExport:
    """An export on its way: lines of JSON, in parts as the network brings them. One that breaks off ends in an error,
    never silently. Close it, or use it as a context, if it is not read to its end."""

    def __init__(self, answer: Answer, patience: float) -> None:
        self._answer = answer
        self._patience = patience

    def __iter__(self) -> Iterator[bytes]:
        """The parts."""
        while True:
            self._answer.hurry(time.monotonic() + self._patience)
            part = self._answer.part()
            if not part:
                return
            yield part

    def write_to(self, file: BinaryIO) -> int:
        """Writes all of it away and says how many bytes it was."""
        written = 0
        for part in self:
            file.write(part)
            written += len(part)
        return written

    def close(self) -> None:
        """Ends it early."""
        self._answer.close()

    def __enter__(self) -> AuditExport:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
