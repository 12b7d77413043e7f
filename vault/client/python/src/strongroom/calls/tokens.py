"""Tokens."""

from __future__ import annotations

from typing import Iterator, Optional, Sequence

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page


class Tokens(Sender):
    """Tokens."""

    def create_token(self, request: types.CreateToken) -> types.TokenView:
        """Turns a value into a token."""
        return self._post("create_token", read=types.TokenView.from_json, body=request)

    def create_tokens(self, items: Sequence[types.CreateToken]) -> types.CreatedTokenBatch:
        """Turns up to 1,000 values into tokens, each on its own."""
        request = types.CreateTokens(items=items)
        return self._post("create_tokens", read=types.CreatedTokenBatch.from_json, body=request)

    def get_token(self, token: types.Token) -> types.TokenView:
        """What is known of a token without its value."""
        return self._get("get_token", token, read=types.TokenView.from_json)

    def list_tokens(self, limit: Optional[int] = None, cursor: Optional[str] = None) -> types.TokenViewList:
        """One page of the tenant's tokens, without their values."""
        query = of_page(limit, cursor)
        return self._get("list_tokens", read=types.TokenViewList.from_json, query=query)

    def tokens(self, page_size: Optional[int] = None) -> Iterator[types.TokenView]:
        """All of the tenant's tokens, without their values."""
        return all_pages(lambda cursor: self.list_tokens(page_size, cursor))

    def search_tokens(self, request: types.SearchTokens) -> types.TokenViewList:
        """The tokens of a value."""
        return self._post("search_tokens", read=types.TokenViewList.from_json, body=request)

    def update_token(self, token: types.Token, update: types.UpdateToken) -> types.TokenView:
        """Changes a token's metadata and end. Not tried again once it may have been carried out: it could undo another's
        change."""
        return self._post("update_token", token, read=types.TokenView.from_json, body=update)

    def delete_token(self, token: types.Token) -> None:
        """Ends a token and its value."""
        self._delete("delete_token", token)

    def detokenize_token(
        self,
        token: types.Token,
        purpose: types.DetokenizationPurpose,
        reveal: types.Reveal,
        encrypt_to: Optional[types.EncryptTo] = None,
    ) -> types.DetokenizedToken:
        """The value of a token, for a purpose; encrypted to one of the caller's keys if that is asked for. Not tried again
        once it may have been carried out."""
        request = types.DetokenizeToken(purpose=purpose, reveal=reveal, encrypt_to=encrypt_to)
        return self._post("detokenize_token", token, read=types.DetokenizedToken.from_json, body=request)

    def detokenize_tokens(
        self,
        tokens: Sequence[types.Token],
        purpose: types.DetokenizationPurpose,
        reveal: types.Reveal,
        encrypt_to: Optional[types.EncryptTo] = None,
    ) -> types.DetokenizedItemBatch:
        """The values of up to 1,000 tokens, each on its own, for one purpose; encrypted to one of the caller's keys if that
        is asked for. Not tried again once it may have been carried out."""
        request = types.DetokenizeTokens(purpose=purpose, reveal=reveal, items=tokens, encrypt_to=encrypt_to)
        return self._post("detokenize_tokens", read=types.DetokenizedItemBatch.from_json, body=request)
