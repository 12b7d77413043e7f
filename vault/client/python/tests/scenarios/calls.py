"""A step as a call of the SDK: each method of the client stands here."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Type, TypeVar

import strongroom as sdk
from strongroom.operations import OPERATIONS

from tests.scenarios.plain import typed

T = TypeVar("T")


class Step:
    """What a step sends."""

    def __init__(self, step: Dict[str, Any]) -> None:
        self.path: Dict[str, str] = step.get("path", {})
        self.query: Dict[str, Any] = step.get("query", {})
        self._body = step.get("body")

    def body(self, kind: Type[T]) -> T:
        return typed(kind, self._body)

    def items(self, kind: Type[T]) -> List[T]:
        return [typed(kind, item) for item in (self._body or {})["items"]]

    @property
    def limit(self) -> Optional[int]:
        return self.query.get("limit")

    @property
    def cursor(self) -> Optional[str]:
        return self.query.get("cursor")

    @property
    def tokens(self) -> sdk.TokenFilter:
        filters = {name: part for name, part in self.query.items() if name not in ("limit", "cursor")}
        return sdk.TokenFilter(**filters)

    @property
    def events(self) -> sdk.EventQuery:
        return sdk.EventQuery(**{"from_" if name == "from" else name: part for name, part in self.query.items()})


def method_of(step: Dict[str, Any]) -> str:
    """The method of the client that makes this call."""
    name: str = step["call"]
    if name not in OPERATIONS:
        raise ValueError(f"there is no call {name}")
    if step.get("all_pages"):
        return name.split("_", 1)[1]
    is_many = f"{name}_many" in CALLS and "items" in step["body"]
    return f"{name}_many" if is_many else name


def whole(items: Iterable[object]) -> object:
    """All pages as one."""
    return {"items": list(items)}


def detokenize_token(vault: sdk.Client, step: Step) -> object:
    wanted = step.body(sdk.DetokenizeToken)
    return vault.detokenize_token(step.path["token"], wanted.purpose, wanted.reveal, wanted.encrypt_to)


def put_security_code(vault: sdk.Client, step: Step) -> object:
    wanted = step.body(sdk.PutSecurityCode)
    return vault.put_security_code(step.path["token"], wanted.security_code, wanted.ttl_seconds)


def report_authorisation(vault: sdk.Client, step: Step) -> None:
    vault.report_authorisation(step.path["token"], step.body(sdk.ReportAuthorisation).result)


def detokenize_tokens(vault: sdk.Client, step: Step) -> object:
    wanted = step.body(sdk.DetokenizeTokens)
    return vault.detokenize_tokens(wanted.items, wanted.purpose, wanted.reveal, wanted.encrypt_to)


def export_audit(vault: sdk.Client, step: Step) -> object:
    with vault.export_audit() as export:
        return whole(json.loads(line) for line in b"".join(export).splitlines())


CALLS: Dict[str, Callable[[sdk.Client, Step], object]] = {
    "create_token": lambda vault, step: vault.create_token(step.body(sdk.CreateToken)),
    "create_tokens": lambda vault, step: vault.create_tokens(step.items(sdk.CreateToken)),
    "get_token": lambda vault, step: vault.get_token(step.path["token"]),
    "list_tokens": lambda vault, step: vault.list_tokens(step.limit, step.cursor, step.tokens),
    "tokens": lambda vault, step: whole(vault.tokens(7, step.tokens)),
    "search_tokens": lambda vault, step: vault.search_tokens(step.body(sdk.SearchTokens)),
    "update_token": lambda vault, step: vault.update_token(step.path["token"], step.body(sdk.UpdateToken)),
    "put_security_code": put_security_code,
    "report_authorisation": report_authorisation,
    "delete_token": lambda vault, step: vault.delete_token(step.path["token"]),
    "detokenize_token": detokenize_token,
    "detokenize_tokens": detokenize_tokens,
    "create_key": lambda vault, step: vault.create_key(step.body(sdk.CreateKey)),
    "get_key": lambda vault, step: vault.get_key(step.path["key"]),
    "list_keys": lambda vault, step: vault.list_keys(**step.query),
    "keys": lambda vault, step: whole(vault.keys(page_size=7)),
    "rotate_key": lambda vault, step: vault.rotate_key(step.path["key"]),
    "encrypt": lambda vault, step: vault.encrypt(step.path["key"], step.body(sdk.EncryptItem)),
    "encrypt_many": lambda vault, step: vault.encrypt_many(step.path["key"], step.items(sdk.EncryptItem)),
    "decrypt": lambda vault, step: vault.decrypt(step.path["key"], step.body(sdk.DecryptItem)),
    "decrypt_many": lambda vault, step: vault.decrypt_many(step.path["key"], step.items(sdk.DecryptItem)),
    "reencrypt": lambda vault, step: vault.reencrypt(step.path["key"], step.body(sdk.ReencryptItem)),
    "reencrypt_many": lambda vault, step: vault.reencrypt_many(step.path["key"], step.items(sdk.ReencryptItem)),
    "lookup": lambda vault, step: vault.lookup(step.path["key"], step.body(sdk.EncryptItem)),
    "lookup_many": lambda vault, step: vault.lookup_many(step.path["key"], step.items(sdk.EncryptItem)),
    "create_data_key": lambda vault, step: vault.create_data_key(step.path["key"], step.body(sdk.CreateDataKey)),
    "mac": lambda vault, step: vault.mac(step.path["key"], step.body(sdk.MacItem)),
    "mac_many": lambda vault, step: vault.mac_many(step.path["key"], step.items(sdk.MacItem)),
    "verify_mac": lambda vault, step: vault.verify_mac(step.path["key"], step.body(sdk.VerifyMacItem)),
    "verify_mac_many": lambda vault, step: vault.verify_mac_many(step.path["key"], step.items(sdk.VerifyMacItem)),
    "sign": lambda vault, step: vault.sign(step.path["key"], step.body(sdk.SignItem)),
    "sign_many": lambda vault, step: vault.sign_many(step.path["key"], step.items(sdk.SignItem)),
    "verify": lambda vault, step: vault.verify(step.path["key"], step.body(sdk.VerifyItem)),
    "verify_many": lambda vault, step: vault.verify_many(step.path["key"], step.items(sdk.VerifyItem)),
    "list_public_keys": lambda vault, step: vault.list_public_keys(step.path["key"]),
    "get_jwks": lambda vault, step: vault.get_jwks(step.path["key"]),
    "encrypt_document": lambda vault, step: vault.encrypt_document(step.body(sdk.DocumentInput)),
    "decrypt_document": lambda vault, step: vault.decrypt_document(step.body(sdk.DocumentInput)),
    "reencrypt_document": lambda vault, step: vault.reencrypt_document(step.body(sdk.DocumentInput)),
    "create_profile": lambda vault, step: vault.create_profile(step.body(sdk.CreateProfile)),
    "get_profile": lambda vault, step: vault.get_profile(step.path["profile"]),
    "list_profiles": lambda vault, step: vault.list_profiles(**step.query),
    "profiles": lambda vault, step: whole(vault.profiles(page_size=7)),
    "create_identity": lambda vault, step: vault.create_identity(step.body(sdk.CreateIdentity)),
    "get_identity": lambda vault, step: vault.get_identity(step.path["service"]),
    "list_identities": lambda vault, step: vault.list_identities(**step.query),
    "identities": lambda vault, step: whole(vault.identities(page_size=7)),
    "disable_identity": lambda vault, step: vault.disable_identity(step.path["service"]),
    "create_grant": lambda vault, step: vault.create_grant(step.path["service"], step.body(sdk.CreateGrant)),
    "revoke_grant": lambda vault, step: vault.revoke_grant(step.path["service"], step.path["grant"]),
    "create_encryption_key": lambda vault, step: vault.create_encryption_key(
        step.path["service"], step.body(sdk.CreateEncryptionKey)
    ),
    "list_encryption_keys": lambda vault, step: vault.list_encryption_keys(step.path["service"]),
    "revoke_encryption_key": lambda vault, step: vault.revoke_encryption_key(step.path["service"], step.path["kid"]),
    "forward": lambda vault, step: vault.forward(step.body(sdk.ForwardRequest)),
    "search_audit_events": lambda vault, step: vault.search_audit_events(step.events),
    "audit_events": lambda vault, step: whole(vault.audit_events(step.events)),
    "export_audit": export_audit,
    "get_checkpoints": lambda vault, step: vault.get_checkpoints(),
    "get_status": lambda vault, step: vault.get_status(),
    "get_openapi": lambda vault, step: vault.get_openapi(),
}

METHODS: Set[str] = {name for name in dir(sdk.Client) if not name.startswith("_")} - {"close"}
"""What the client can do. All of it is used by some scenario."""
