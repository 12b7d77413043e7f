"""Connections: TLS 1.3, to one's own authority, with a certificate; kept for the next call."""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, List, Optional, Tuple, Union

from strongroom.errors import Failure, TransportError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Path = Union[str, "os.PathLike[str]"]

IDLE_SECONDS = 45.0
"""Shorter than the vault keeps an idle connection, so that the last word on it is ours."""

KEPT = 16
"""As many idle connections are kept at most."""


def tls_context(authority: Path, certificate: Path, private_key: Path) -> ssl.SSLContext:
    """TLS 1.3 only. The system's authorities are not trusted; the vault must be named in its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cafile=os.fspath(authority))
    context.load_cert_chain(os.fspath(certificate), os.fspath(private_key))
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = _TimedSocket
    return context


class _TimedSocket(ssl.SSLSocket):
    """Waits for each part no longer than until the deadline of the whole: a peer that sends byte by byte, each in time,
    is late all the same."""

    deadline: Optional[float] = None

    def recv_into(
        self, buffer: WriteableBuffer, nbytes: Optional[int] = None, flags: int = 0
    ) -> int:
        self._hurry()
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self._hurry()
        return super().send(data, flags)

    def _hurry(self) -> None:
        if self.deadline is not None:
            self.settimeout(remaining(self.deadline))


def remaining(deadline: float) -> float:
    """The seconds left; `TimeoutError` if there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise socket.timeout("timed out")
    return left


class Connection:
    """One connection, for one call at a time."""

    def __init__(self, address: Tuple[str, int], context: ssl.SSLContext, deadline: float) -> None:
        host, port = address
        sock = _connected(host, port, context, deadline)
        self._sock = sock
        self.http = http.client.HTTPConnection(host, port)
        self.http.sock = sock
        # Never by itself: what is lost is told, and tries are counted in one place.
        self.http.auto_open = 0
        self._used = time.monotonic()

    def hurry(self, deadline: float) -> None:
        """From now on everything has to be over by then."""
        self._sock.deadline = deadline

    def rest(self) -> None:
        """Nothing is under way."""
        self._sock.deadline = None
        self._used = time.monotonic()

    def is_fresh(self) -> bool:
        """Whether another request can go over it. One with something to read has been closed by the vault."""
        return time.monotonic() - self._used < IDLE_SECONDS and not _is_readable(self._sock)

    def close(self) -> None:
        self.http.close()


class Pool:
    """Connections between two calls. The newest is taken first; the others age until they are dropped."""

    def __init__(self, address: Tuple[str, int], context: ssl.SSLContext) -> None:
        self._address = address
        self._context = context
        self._lock = threading.Lock()
        self._idle: List[Connection] = []
        self._process = os.getpid()

    def take(self, deadline: float) -> Connection:
        """A connection that is thought to stand, or a new one."""
        while True:
            with self._lock:
                if self._process != os.getpid():
                    # After a fork these are the parent's: two who speak on one TLS connection break it.
                    self._idle, self._process = [], os.getpid()
                found = self._idle.pop() if self._idle else None
            if found is None:
                return Connection(self._address, self._context, deadline)
            if found.is_fresh():
                return found
            found.close()

    def give(self, connection: Connection) -> None:
        """Keeps a connection whose answer has been read to the end."""
        connection.rest()
        with self._lock:
            if len(self._idle) < KEPT and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _connected(host: str, port: int, context: ssl.SSLContext, deadline: float) -> _TimedSocket:
    failure = Failure.CONNECT
    plain: Optional[socket.socket] = None
    try:
        plain = socket.create_connection((host, port), remaining(deadline))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(remaining(deadline))
        # An end without goodbye is an error, so that a cut answer cannot pass for a whole one.
        wrapped = context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
        if isinstance(wrapped, _TimedSocket):
            return wrapped
    except (OSError, ValueError) as error:
        if is_of_tls(error):
            failure = Failure.TLS
    if plain is not None:
        plain.close()
    raise TransportError(failure)


def is_of_tls(error: BaseException) -> bool:
    """Whether TLS is what failed. With TLS 1.3 the vault's refusal of a certificate comes after the handshake, so this
    may turn up on a connection that seemed to stand. An end is none, whichever way it is told."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, socket.timeout):
        return False
    ended = isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError))
    return not ended and error.reason != "UNEXPECTED_EOF_WHILE_READING" and "timed out" not in str(error)


def _is_readable(sock: socket.socket) -> bool:
    try:
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            return bool(poll.poll(0))
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True
