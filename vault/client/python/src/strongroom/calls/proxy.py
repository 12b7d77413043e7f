"""Requests to destinations outside."""

from __future__ import annotations

from strongroom import types
from strongroom.calls.sender import Sender


class Proxy(Sender):
    """Requests to destinations outside, with values that the caller never sees."""

    def forward(self, request: types.ForwardRequest) -> types.ForwardedAnswer:
        """Makes a request to a listed destination with values of tokens in it, and hands its answer on. Give a key of your
        own with `with_idempotency_key`, such as the payment's number: with it, asking again gives what came of it and
        sends nothing twice."""
        return self._post("forward", read=types.ForwardedAnswer.from_json, body=request)
