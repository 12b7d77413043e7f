"""Tokens that nobody has business with."""

from __future__ import annotations

from typing import Iterator, Optional

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page


class Honeytokens(Sender):
    """Tokens that nobody has business with."""

    def create_honeytoken(self, request: types.CreateHoneytoken) -> types.HoneytokenView:
        """Marks a token: from now on each use of it raises an alarm."""
        return self._post("create_honeytoken", read=types.HoneytokenView.from_json, body=request)

    def list_honeytokens(
        self, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> types.HoneytokenViewList:
        """One page of the tenant's honeytokens, without the tokens."""
        query = of_page(limit, cursor)
        return self._get("list_honeytokens", read=types.HoneytokenViewList.from_json, query=query)

    def honeytokens(self, page_size: Optional[int] = None) -> Iterator[types.HoneytokenView]:
        """All of the tenant's honeytokens."""
        return all_pages(lambda cursor: self.list_honeytokens(page_size, cursor))

    def withdraw_honeytoken(self, honeytoken: str) -> types.HoneytokenView:
        """Takes a mark away, by its id (`hny_…`)."""
        return self._post("withdraw_honeytoken", honeytoken, read=types.HoneytokenView.from_json)
