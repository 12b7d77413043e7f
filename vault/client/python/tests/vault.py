"""The vault that the tests run against, and a proxy before it that loses answers."""

from __future__ import annotations

import atexit
import os
import random
import socket
import threading
import uuid
from pathlib import Path
from typing import Optional

from strongroom import CardInput, Client, CreateToken, Policy

URL = os.environ["STRONGROOM_TEST_URL"]
CA = Path(os.environ["STRONGROOM_TEST_CA"])
CLIENTS = Path(os.environ["STRONGROOM_TEST_CLIENTS"])
SERVER_CERTIFICATE = Path(os.environ["STRONGROOM_TEST_SERVER_CERTIFICATE"])
SERVER_KEY = Path(os.environ["STRONGROOM_TEST_SERVER_KEY"])

PATIENT = Policy(attempt_timeout=30.0, deadline=60.0)


def client(identity: str, url: str = URL, policy: Policy = PATIENT, ca: Path = CA) -> Client:
    """A client with one of the development certificates, such as `acme-tokenizer`."""
    made = Client(
        url,
        ca=ca,
        certificate=CLIENTS / f"{identity}.pem",
        private_key=CLIENTS / f"{identity}.key",
        policy=policy,
    )
    atexit.register(made.close)
    return made


def unique(what: str) -> str:
    """A name that no other run has."""
    return f"{what}-{uuid.uuid4().hex[:12]}"


def card_number() -> str:
    """A card number nobody has."""
    digits = [4, 0, 0, 0, 0, 0] + [random.randrange(10) for _ in range(9)]
    doubled = [sum(divmod(digit * 2, 10)) if at % 2 == 0 else digit for at, digit in enumerate(digits)]
    return "".join(map(str, digits)) + str(-sum(doubled) % 10)


def card(number: Optional[str] = None, **metadata: str) -> CreateToken:
    return CreateToken(
        type="card",
        card=CardInput(number=number or card_number(), exp_month=12, exp_year=2031, holder="A N Other"),
        metadata=metadata,
    )


class CuttingProxy:
    """Passes bytes on between clients and the vault. When told to, it drops the next answer and cuts the connection:
    the vault has done what was asked, and the client does not get to know."""

    def __init__(self) -> None:
        host, port = URL[len("https://") :].split(":")
        self._vault = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._armed = False
        self.cuts = 0
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next_answer(self) -> None:
        """For a connection that has answered before: its next bytes are the answer and no part of the handshake."""
        self._armed = True

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._vault)
            threading.Thread(target=self._connect, args=(near, far), daemon=True).start()

    def _connect(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            there = threading.Thread(target=self._pass_on, args=(near, far, False), daemon=True)
            there.start()
            self._pass_on(far, near, True)
            there.join()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        try:
            while True:
                part = source.recv(65536)
                if part and is_answer and self._armed:
                    self._armed = False
                    self.cuts += 1
                    part = b""
                if not part:
                    break
                sink.sendall(part)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
