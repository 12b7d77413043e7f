"""Sending calls and reading answers."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import uuid
from typing import Callable, Iterable, Mapping, NamedTuple, Optional, Tuple, TypeVar, Union
from urllib.parse import quote, urlencode, urlsplit

from strongroom.connection import Connection, Pool, is_of_tls
from strongroom.errors import AnswerError, Failure, RequestError, StrongroomError, TransportError, VaultError
from strongroom.operations import OPERATIONS, Operation
from strongroom.retry import Policy, Tries
from strongroom.types import Problem
from strongroom.version import VERSION
from strongroom.wire import ShapeError

T = TypeVar("T")

MAX_ANSWER = 16 * 1024 * 1024
"""More than any answer but an export has."""

PART = 64 * 1024

Query = Iterable[Tuple[str, object]]


class Lines(NamedTuple):
    """A body that is no JSON: lines of a file."""

    content_type: str
    lines: bytes

    @classmethod
    def of(cls, format: str, lines: Union[bytes, str]) -> Lines:
        content_type = {"csv": "text/csv", "ndjson": "application/x-ndjson"}.get(format)
        if content_type is None:
            raise RequestError("lines are csv or ndjson")
        return cls(content_type, lines.encode("utf-8") if isinstance(lines, str) else lines)


class Transport:
    """The connections to a vault."""

    def __init__(self, url: str, context: ssl.SSLContext, policy: Policy) -> None:
        address, self._base = _address_of(url)
        self._pool = Pool(address, context)
        self.policy = policy

    def send(
        self,
        name: str,
        parameters: Tuple[str, ...],
        query: Query,
        body: Optional[object],
        key: Optional[str],
        read: Callable[[object], T],
    ) -> T:
        """Sends a call and reads its whole answer."""
        call = _Call(self._base, OPERATIONS[name], parameters, query, body, key)
        return self._tried(call, lambda deadline: self._whole_answer(call, deadline, read))

    def open(self, name: str) -> Answer:
        """Sends a call and leaves its answer to be read as it comes."""
        call = _Call(self._base, OPERATIONS[name], (), (), None, None)
        return self._tried(call, lambda deadline: self._answer(call, deadline))

    def close(self) -> None:
        self._pool.close()

    def _tried(self, call: _Call, attempt: Callable[[float], T]) -> T:
        tries = Tries(self.policy, call.operation)
        while True:
            try:
                return attempt(tries.attempt_deadline())
            except StrongroomError as error:
                if not tries.pause(error):
                    raise

    def _whole_answer(self, call: _Call, deadline: float, read: Callable[[object], T]) -> T:
        answer = self._answer(call, deadline)
        return answer.parsed(answer.whole(), read)

    def _answer(self, call: _Call, deadline: float) -> Answer:
        """One try, up to the head of the answer; of a refusal, also the body."""
        connection = self._pool.take(deadline)
        connection.hurry(deadline)
        answer = Answer(self._pool, connection, _asked(connection, call))
        if 200 <= answer.status < 300:
            return answer
        body = answer.whole()
        if answer.content_type() != "application/problem+json":
            raise AnswerError(answer.status)
        raise VaultError(answer.parsed(body, Problem.from_json), answer.retry_after())


class Answer:
    """An answer on its way."""

    def __init__(self, pool: Pool, connection: Connection, response: http.client.HTTPResponse) -> None:
        self._pool = pool
        self._connection: Optional[Connection] = connection
        self._response = response
        self.status = response.status

    def content_type(self) -> str:
        return (self._response.getheader("content-type") or "").split(";")[0].strip().lower()

    def retry_after(self) -> Optional[float]:
        """The seconds of `Retry-After`. Its other form, a date, is not used by the vault."""
        asked = (self._response.getheader("retry-after") or "").strip()
        return float(asked) if re.fullmatch("[0-9]{1,9}", asked) else None

    def hurry(self, deadline: float) -> None:
        if self._connection is not None:
            self._connection.hurry(deadline)

    def part(self) -> bytes:
        """The next part; empty at the end. An answer cut short is an error, never an end."""
        connection = self._connection
        if connection is None:
            return b""
        if self._response.length is None and not self._response.chunked:
            # Where it ends could not be told from where it was cut.
            self.close()
            raise AnswerError(self.status)
        part = _guarded(connection, lambda: self._response.read1(PART))
        if part:
            return part
        self._connection = None
        is_cut = bool(self._response.length)
        self._response.close()
        # What has a stated length and ends before is not reported by the library.
        if is_cut:
            connection.close()
            raise TransportError(Failure.INTERRUPTED)
        if self._response.will_close:
            connection.close()
        else:
            self._pool.give(connection)
        return b""

    def whole(self) -> bytes:
        body = bytearray()
        while True:
            part = self.part()
            if not part:
                return bytes(body)
            body += part
            if len(body) > MAX_ANSWER:
                self.close()
                raise AnswerError(self.status)

    def parsed(self, body: bytes, read: Callable[[object], T]) -> T:
        """The body as what it should be. The errors of the parsers hold the body, so none of them gets out."""
        try:
            return read(json.loads(body) if body else None)
        except (ShapeError, ValueError, RecursionError):
            pass
        raise AnswerError(self.status)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Call:
    """One call, ready to be sent as often as needed: the same body, and the same `Idempotency-Key`."""

    def __init__(
        self,
        base: str,
        operation: Operation,
        parameters: Tuple[str, ...],
        query: Query,
        body: Optional[object],
        key: Optional[str],
    ) -> None:
        self.operation = operation
        self.target = base + _path(operation, parameters) + _query(query)
        self.body: Optional[bytes] = None
        self.headers = {
            "accept": "application/json, application/problem+json, application/x-ndjson",
            "user-agent": f"strongroom-python/{VERSION}",
        }
        if operation.creates:
            self.headers["idempotency-key"] = str(uuid.uuid4()) if key is None else key
        if body is not None:
            sent = body if isinstance(body, Lines) else Lines("application/json", _json(body))
            self.body = sent.lines
            if len(self.body) > operation.body_cap:
                raise RequestError("the request is larger than this call allows; send it in parts")
            self.headers["content-type"] = sent.content_type


def _asked(connection: Connection, call: _Call) -> http.client.HTTPResponse:
    def ask() -> http.client.HTTPResponse:
        connection.http.request(call.operation.method, call.target, call.body, call.headers)
        return connection.http.getresponse()

    return _guarded(connection, ask)


def _guarded(connection: Connection, act: Callable[[], T]) -> T:
    """Does something with a connection. The library's own errors may hold addresses, which may hold tokens, or parts of
    answers; they end here."""
    try:
        return act()
    except socket.timeout:
        failure = Failure.TIMEOUT
    except OSError as error:
        failure = Failure.TLS if is_of_tls(error) else Failure.INTERRUPTED
    except http.client.HTTPException:
        failure = Failure.INTERRUPTED
    except BaseException:
        # Interrupted by the program itself: an answer that is still to come must not meet the next request.
        connection.close()
        raise
    connection.close()
    raise TransportError(failure)


def _json(body: object) -> bytes:
    try:
        return json.dumps(body, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (TypeError, ValueError):
        pass
    raise RequestError("the request cannot be written as JSON")


def _path(operation: Operation, parameters: Tuple[str, ...]) -> str:
    given = iter(parameters)
    parts = []
    for part in operation.path.split("/"):
        if part.startswith("{"):
            part = next(given, "")
            # These would be read as "here" and "one up", not as names.
            if part in ("", ".", ".."):
                raise RequestError("a part of the address is empty or dots")
            part = quote(part, safe="")
        parts.append(part)
    return "/".join(parts)


def _query(query: Query) -> str:
    pairs: Mapping[str, str] = {name: str(value) for name, value in query if value is not None}
    return f"?{urlencode(pairs)}" if pairs else ""


def _address_of(url: str) -> Tuple[Tuple[str, int], str]:
    """Host and port, and the path before that of each call."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("url is no address") from None
    extra = parts.query or parts.fragment or parts.username is not None
    if not re.fullmatch("[!-~]+", url) or not host or parts.scheme != "https" or extra:
        raise ValueError("url must be an https address without query")
    return (host, 443 if port is None else port), parts.path.rstrip("/")
