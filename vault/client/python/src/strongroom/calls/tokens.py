"""Tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional, Sequence, Union

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page
from strongroom.secret import SecretText


@dataclass(frozen=True)
class TokenFilter:
    """Which tokens are asked for. Everything given must match."""

    bin: Optional[str] = None
    """Cards with these first six digits, if their profile shows them."""
    last4: Optional[str] = None
    """Cards or bank accounts that end so, if their profile shows it."""
    brand: Optional[str] = None
    """Cards of this scheme."""
    tag: Optional[types.Tag] = None
    """With this tag."""
    alias: Optional[types.Alias] = None
    """The one with this alias."""
    type: Optional[types.ValueKind] = None
    """Values of this kind."""
    profile: Optional[types.ProfileName] = None
    """Made by this profile."""
    state: Optional[str] = None
    """In this state: `active` or `used`."""
    created_from: Optional[types.Timestamp] = None
    """Made at this time or later."""
    created_to: Optional[types.Timestamp] = None
    """Made before this time."""
    expires_before: Optional[types.Timestamp] = None
    """With an end before this time. The list is then ordered by end, soonest first, and otherwise oldest first."""


ALL_TOKENS = TokenFilter()


class Tokens(Sender):
    """Tokens. Wherever a token is named, `alias:` and one of its aliases will do."""

    def create_token(self, request: types.CreateToken) -> types.TokenView:
        """Turns a value into a token."""
        return self._post("create_token", read=types.TokenView.from_json, body=request)

    def create_tokens(self, items: Sequence[types.CreateToken]) -> types.CreatedTokenBatch:
        """Turns up to 1,000 values into tokens, each on its own."""
        request = types.CreateTokens(items=items)
        return self._post("create_tokens", read=types.CreatedTokenBatch.from_json, body=request)

    def get_token(self, token: types.TokenReference) -> types.TokenView:
        """What is known of a token without its value."""
        return self._get("get_token", token, read=types.TokenView.from_json)

    def list_tokens(
        self, limit: Optional[int] = None, cursor: Optional[str] = None, wanted: TokenFilter = ALL_TOKENS
    ) -> types.TokenViewList:
        """One page of the tenant's tokens that match, without their values."""
        query = [*of_page(limit, cursor), *vars(wanted).items()]
        return self._get("list_tokens", read=types.TokenViewList.from_json, query=query)

    def tokens(
        self, page_size: Optional[int] = None, wanted: TokenFilter = ALL_TOKENS
    ) -> Iterator[types.TokenView]:
        """All of the tenant's tokens that match, without their values."""
        return all_pages(lambda cursor: self.list_tokens(page_size, cursor, wanted))

    def search_tokens(self, request: types.SearchTokens) -> types.TokenViewList:
        """The tokens of a value."""
        return self._post("search_tokens", read=types.TokenViewList.from_json, body=request)

    def update_token(self, token: types.TokenReference, update: types.UpdateToken) -> types.TokenView:
        """Changes a token's metadata, end, aliases and tags. Not tried again once it may have been carried out: it could
        undo another's change."""
        return self._post("update_token", token, read=types.TokenView.from_json, body=update)

    def put_security_code(
        self,
        token: types.TokenReference,
        security_code: Union[str, SecretText],
        ttl_seconds: Optional[int] = None,
    ) -> types.SecurityCodeKept:
        """Keeps the security code of a token's card until its payment is authorised, in place of any before it. Not
        tried again once it may have been carried out: it could bring back a code that has served."""
        request = types.PutSecurityCode(security_code=security_code, ttl_seconds=ttl_seconds)
        return self._post("put_security_code", token, read=types.SecurityCodeKept.from_json, body=request)

    def report_authorisation(self, token: types.TokenReference, result: types.AuthorisationResult) -> None:
        """Tells how an authorisation ended, and has the security code destroyed. Not tried again once it may have been
        carried out: it could destroy the code of the payment after."""
        request = types.ReportAuthorisation(result=result)
        self._post("report_authorisation", token, read=lambda _: None, body=request)

    def delete_token(self, token: types.TokenReference) -> None:
        """Ends a token and its value."""
        self._delete("delete_token", token)

    def detokenize_token(
        self,
        token: types.TokenReference,
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
        tokens: Sequence[types.TokenReference],
        purpose: types.DetokenizationPurpose,
        reveal: types.Reveal,
        encrypt_to: Optional[types.EncryptTo] = None,
    ) -> types.DetokenizedItemBatch:
        """The values of up to 1,000 tokens, each on its own, for one purpose; encrypted to one of the caller's keys if that
        is asked for. Not tried again once it may have been carried out."""
        request = types.DetokenizeTokens(purpose=purpose, reveal=reveal, items=tokens, encrypt_to=encrypt_to)
        return self._post("detokenize_tokens", read=types.DetokenizedItemBatch.from_json, body=request)
