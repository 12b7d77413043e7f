"""A server that answers as it is told, for what a real vault does not do when asked: fail, be late, hang up."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Dict, List, Optional, Type, Union

from strongroom import Client, Policy

from tests import vault

SWIFT = Policy(attempt_timeout=10.0, deadline=30.0, first_pause=0.001, longest_pause=0.01)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: Dict[str, str]
    body: bytes
    at: float


class HangUp:
    """Ends the connection in place of an answer."""


class Silence:
    """Never answers."""


Reply = Union[bytes, HangUp, Silence]


def reply(status: int, body: object, content_type: str = "application/json", *headers: str) -> bytes:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} As Told", f"content-length: {len(written)}", f"content-type: {content_type}"]
    return "\r\n".join([*head, *headers, "", ""]).encode() + written


def problem(status: int, code: str, retryable: bool, *headers: str) -> bytes:
    body = {"status": status, "code": code, "detail": "as told", "request_id": "req_1", "retryable": retryable}
    return reply(status, body, "application/problem+json; charset=utf-8", *headers)


class StandIn:
    """Gives its replies one after the other, the last one for ever."""

    def __init__(
        self, *replies: Reply, host: str = "127.0.0.1", newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> None:
        self._replies = list(replies)
        self.asked: List[Asked] = []
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(vault.SERVER_CERTIFICATE, vault.SERVER_KEY)
        self._context.maximum_version = newest
        self._listener = socket.create_server((host, 0))
        self.url = f"https://{host}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def client(self, policy: Policy = SWIFT) -> Client:
        return vault.client("acme-tokenizer", url=self.url, policy=policy)

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as sock:
                while self._answer(sock):
                    pass
        except OSError:
            pass

    def _answer(self, sock: ssl.SSLSocket) -> bool:
        with sock.makefile("rb") as file:
            request_line = file.readline().decode().split()
            if not request_line:
                return False
            headers: Dict[str, str] = {}
            while True:
                line = file.readline().decode().strip()
                if not line:
                    break
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
            body = file.read(int(headers.get("content-length", "0")))
        self.asked.append(Asked(request_line[0], request_line[1], headers, body, time.monotonic()))
        said = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(said, bytes):
            sock.sendall(said)
            if b"\r\nconnection: close\r\n" not in said:
                return True
            # With a goodbye: what is missing cannot be told by the connection.
            sock.unwrap()
        if isinstance(said, Silence):
            time.sleep(60)
        return False
