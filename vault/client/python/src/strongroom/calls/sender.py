"""What every group of calls stands on."""

from __future__ import annotations

from typing import Callable, Iterator, Optional, Protocol, Sequence, Tuple, TypeVar

from strongroom.transport import Query, Transport
from strongroom.wire import Request, written

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """One page of a list."""

    @property
    def items(self) -> Tuple[T_co, ...]: ...

    @property
    def next_cursor(self) -> Optional[str]: ...


class Sender:
    """A vault, as one identity sees it."""

    _transport: Transport
    _idempotency_key: Optional[str]

    def _get(
        self, name: str, *parameters: str, read: Callable[[object], T], query: Query = ()
    ) -> T:
        return self._transport.send(name, parameters, query, None, None, read)

    def _post(
        self, name: str, *parameters: str, read: Callable[[object], T], body: Optional[Request] = None
    ) -> T:
        sent = None if body is None else body.to_json()
        return self._transport.send(name, parameters, (), sent, self._idempotency_key, read)

    def _post_many(
        self, name: str, *parameters: str, read: Callable[[object], T], items: Sequence[Request]
    ) -> T:
        sent = {"items": written(items)}
        return self._transport.send(name, parameters, (), sent, self._idempotency_key, read)

    def _delete(self, name: str, *parameters: str) -> None:
        self._transport.send(name, parameters, (), None, None, lambda _: None)


def all_pages(page: Callable[[Optional[str]], Page[T]]) -> Iterator[T]:
    """Everything on all pages. A page is fetched when the one before has been taken."""
    cursor: Optional[str] = None
    while True:
        fetched = page(cursor)
        yield from fetched.items
        cursor = fetched.next_cursor
        if cursor is None:
            return


def of_page(limit: Optional[int], cursor: Optional[str]) -> Query:
    return (("limit", limit), ("cursor", cursor))
