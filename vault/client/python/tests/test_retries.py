"""When a call is tried again, how often, and that nothing happens twice."""

from __future__ import annotations

import threading
import time
import unittest
from typing import Optional

import strongroom as sdk
from strongroom.operations import OPERATIONS
from strongroom.retry import Policy, Tries, is_repeatable, jittered

from tests.stand_in import SWIFT, HangUp, Silence, StandIn, problem, reply
from tests.vault import CuttingProxy, card, client, unique

KEY = {
    "id": "key_0123456789abcdef",
    "name": "notes",
    "purpose": "field-encryption",
    "protection": "envelope",
    "rotation_days": 365,
    "created_at": "2026-11-22T15:00:00Z",
    "current_version": 1,
    "versions": [],
    "of_a_newer_vault": {"a": [1]},
}
CREATE = sdk.CreateKey(name="notes", purpose="field-encryption")
REVEALED = {"token": "tok_" + "0" * 32, "type": "card", "card": {"number": "4111111111111111"}}


class AgainstTheVault(unittest.TestCase):
    """The answer is lost between the vault and the client, after the vault has done what was asked."""

    def setUp(self) -> None:
        self.proxy = CuttingProxy()
        self.addCleanup(self.proxy.close)

    def through(self, identity: str) -> sdk.Client:
        """A client whose connection stands already."""
        through = client(identity, url=self.proxy.url)
        through.get_openapi()
        self.proxy.cut_next_answer()
        return through

    def test_one_token_is_made(self) -> None:
        order = unique("order")
        made = self.through("acme-tokenizer").create_token(card(order=order))
        self.assertEqual(self.proxy.cuts, 1)
        mine = [one.token for one in client("acme-tokenizer").tokens() if one.metadata == {"order": order}]
        self.assertEqual(mine, [made.token])

    def test_a_batch_is_made_once(self) -> None:
        order = unique("order")
        made = self.through("acme-tokenizer").create_tokens([card(order=order) for _ in range(20)])
        self.assertEqual(self.proxy.cuts, 1)
        tokens = {item.token.token for item in made.items if item.token is not None}
        mine = {one.token for one in client("acme-tokenizer").tokens() if one.metadata == {"order": order}}
        self.assertEqual((len(tokens), mine), (20, tokens))

    def test_a_key_is_rotated_once(self) -> None:
        key = client("acme-key-admin").create_key(sdk.CreateKey(name=unique("cut"), purpose="mac")).name
        self.assertEqual(self.through("acme-key-admin").rotate_key(key).current_version, 2)
        self.assertEqual(self.proxy.cuts, 1)
        self.assertEqual(client("acme-key-admin").get_key(key).current_version, 2)

    def test_a_reveal_is_not_asked_for_again(self) -> None:
        token = client("acme-tokenizer").create_token(card()).token
        with self.assertRaises(sdk.TransportError) as lost:
            self.through("acme-detokenizer").detokenize_token(token, "refund", "full")
        self.assertIs(lost.exception.failure, sdk.Failure.INTERRUPTED)
        query = sdk.EventQuery(action="token.detokenize", object=token)
        self.assertEqual(len(client("acme-auditor").search_audit_events(query).items), 1)


class AgainstAStandIn(unittest.TestCase):
    """What a vault in good health cannot be asked for."""

    def test_a_creating_call_is_repeated_under_one_key(self) -> None:
        later = problem(503, "hsm_unavailable", True, "retry-after: 0")
        for hindrance in (later, HangUp(), reply(502, b"", "text/html")):
            with StandIn(hindrance, reply(201, KEY)) as vault:
                vault.client().create_key(CREATE)
                first, second = vault.asked
                self.assertEqual(first.body, b'{"name":"notes","purpose":"field-encryption"}')
                self.assertEqual(first.body, second.body)
                self.assertRegex(first.headers["idempotency-key"], "^[0-9a-f-]{36}$")
                self.assertEqual(first.headers["idempotency-key"], second.headers["idempotency-key"])

    def test_only_creating_calls_carry_a_key_and_each_its_own(self) -> None:
        with StandIn(reply(200, KEY)) as vault:
            caller = vault.client()
            caller.create_key(CREATE)
            caller.rotate_key("notes")
            caller.get_key("notes")
            keys = [asked.headers.get("idempotency-key") for asked in vault.asked]
            self.assertIsNone(keys[2])
            self.assertEqual(len(set(keys)), 3)
            self.assertEqual(vault.asked[1].headers["content-length"], "0")
            self.assertEqual(vault.connections, 1)

    def test_a_lost_reveal_is_not_asked_for_again(self) -> None:
        for loss in (HangUp(), reply(502, b"", "text/html"), reply(200, b'{"token"', "application/json")):
            with StandIn(loss, reply(200, REVEALED)) as vault:
                with self.assertRaises(sdk.StrongroomError):
                    vault.client().detokenize_token("tok_1", "refund", "full")
                self.assertEqual(len(vault.asked), 1)

    def test_a_refusal_that_says_later_is_tried_four_times(self) -> None:
        with StandIn(problem(503, "overloaded", True)) as vault:
            with self.assertRaises(sdk.VaultError) as refused:
                vault.client().detokenize_token("tok_1", "refund", "full")
            self.assertTrue(refused.exception.retryable)
            self.assertEqual(len(vault.asked), 4)

    def test_a_refusal_for_good_is_told_at_once(self) -> None:
        with StandIn(problem(409, "already_exists", False)) as vault:
            with self.assertRaises(sdk.VaultError):
                vault.client().create_key(CREATE)
            self.assertEqual(len(vault.asked), 1)

    def test_what_the_vault_asks_to_wait_is_waited_for(self) -> None:
        with StandIn(problem(429, "velocity_exceeded", True, "retry-after: 1"), reply(200, KEY)) as vault:
            vault.client().get_key("notes")
            self.assertGreaterEqual(vault.asked[1].at - vault.asked[0].at, 1.0)

    def test_all_tries_together_have_a_deadline(self) -> None:
        with StandIn(problem(503, "overloaded", True, "retry-after: 60")) as vault:
            began = time.monotonic()
            with self.assertRaises(sdk.VaultError) as refused:
                vault.client().get_key("notes")
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(refused.exception.retry_after, 60.0)
        with StandIn(Silence()) as vault:
            began = time.monotonic()
            with self.assertRaises(sdk.TransportError) as lost:
                vault.client(Policy(attempt_timeout=1.0, deadline=1.8, first_pause=0.001)).get_key("notes")
            self.assertIs(lost.exception.failure, sdk.Failure.TIMEOUT)
            self.assertLess(time.monotonic() - began, 10)
            self.assertEqual(len(vault.asked), 2)

    def test_an_answer_that_drips_is_late_all_the_same(self) -> None:
        with StandIn(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n") as vault:
            vault._answer = lambda sock: _drip(sock)  # type: ignore[method-assign]
            began = time.monotonic()
            with self.assertRaises(sdk.TransportError) as lost:
                vault.client(Policy(attempts=1, attempt_timeout=1.5)).get_key("notes")
            self.assertIs(lost.exception.failure, sdk.Failure.TIMEOUT)
            self.assertLess(time.monotonic() - began, 10)

    def test_what_is_not_of_this_api_is_called_so(self) -> None:
        for status, said in (
            (200, reply(200, b"<html>4111111111111111</html>", "text/html")),
            (200, reply(200, {"name": 7})),
            (200, reply(200, [])),
            (200, reply(200, b"")),
            (200, reply(200, b"\xff")),
            (200, reply(200, b"[" * 100_000)),
            (302, reply(302, b"", "text/html", "location: https://127.0.0.1:1/")),
            (400, reply(400, b"bad", "text/plain")),
            (403, reply(403, {"code": 7}, "application/problem+json")),
        ):
            with StandIn(said) as vault:
                with self.assertRaises(sdk.AnswerError) as refused:
                    vault.client().get_key("notes")
                self.assertEqual(refused.exception.status, status)
                self.assertNotIn("4111", str(refused.exception))
                self.assertIsNone(refused.exception.__context__)
                self.assertEqual(len(vault.asked), 1)

    def test_an_answer_cut_short_is_an_error(self) -> None:
        whole = reply(200, KEY, "application/json", "connection: close")
        chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nabcde\r\n"
        with StandIn(whole[:-5]) as vault:
            with self.assertRaises(sdk.TransportError):
                vault.client().get_key("notes")
            self.assertEqual(len(vault.asked), 4)
        with StandIn(chunked) as vault:
            with self.assertRaises(sdk.TransportError):
                list(vault.client().export_audit())
        with StandIn(chunked + b"0\r\n\r\n") as vault:
            self.assertEqual(list(vault.client().export_audit()), [b"abcde"])
        with StandIn(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcde") as vault:
            with self.assertRaises(sdk.AnswerError):
                list(vault.client().export_audit())

    def test_a_connection_that_was_closed_is_not_used_again(self) -> None:
        """A call that may not be repeated must not meet a connection that is known to be gone."""
        with StandIn(reply(200, REVEALED, "application/json", "connection: close")) as vault:
            caller = vault.client()
            for _ in range(3):
                caller.detokenize_token("tok_1", "refund", "full")
            self.assertEqual(vault.connections, 3)
        with StandIn(reply(200, REVEALED)) as vault:
            caller = vault.client()
            serve = vault._answer
            vault._answer = lambda sock: serve(sock) and False  # type: ignore[method-assign]
            for _ in range(3):
                caller.detokenize_token("tok_1", "refund", "full")
                time.sleep(0.5)
            self.assertEqual(vault.connections, 3)

    def test_threads_share_a_client(self) -> None:
        with StandIn(reply(200, KEY)) as vault:
            caller = vault.client()
            threads = [
                threading.Thread(target=lambda: [caller.get_key("notes") for _ in range(5)]) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(vault.asked), 40)
            self.assertLessEqual(vault.connections, 8)


class Rules(unittest.TestCase):
    def test_a_lost_answer_is_asked_for_again_only_where_nothing_happens_twice(self) -> None:
        """A new call stands here or in `WITHOUT_EFFECT`, unless it is a GET or creates."""
        acts = {name for name, operation in OPERATIONS.items() if not is_repeatable(operation)}
        expected = {
            "detokenize_token", "detokenize_tokens", "update_token", "delete_token", "disable_identity", "revoke_grant",
            "revoke_encryption_key", "put_security_code", "report_authorisation",
        }
        self.assertEqual(acts, expected)
        for name, operation in OPERATIONS.items():
            tries = Tries(SWIFT, operation)
            tries._done = 1

            def again(error: sdk.StrongroomError, tries: Tries = tries) -> Optional[float]:
                return tries.next_pause(error, 0.5)

            self.assertIsNotNone(again(sdk.TransportError(sdk.Failure.CONNECT)))
            self.assertIsNone(again(sdk.TransportError(sdk.Failure.TLS)))
            for failure in (sdk.Failure.INTERRUPTED, sdk.Failure.TIMEOUT):
                self.assertEqual(again(sdk.TransportError(failure)) is None, name in acts)
            self.assertEqual(again(sdk.AnswerError(503)) is None, name in acts)
            self.assertIsNone(again(sdk.AnswerError(500)))
            self.assertIsNone(again(sdk.RequestError("no")))

    def test_pauses_double_up_to_a_bound_and_are_random_below_it(self) -> None:
        policy = Policy()
        bounds = [round(jittered(policy, done, 1.0) * 1000) for done in range(1, 9)]
        self.assertEqual(bounds, [100, 200, 400, 800, 1600, 3200, 5000, 5000])
        self.assertEqual(jittered(policy, 100_000, 1.0), policy.longest_pause)
        self.assertEqual(jittered(policy, 1, 0.0), 0.0)

    def test_what_the_vault_asks_for_is_the_least(self) -> None:
        tries = Tries(Policy(), OPERATIONS["get_key"])
        tries._done = 1
        asked = sdk.VaultError(sdk.Problem(status=503, code="overloaded", retryable=True), 7.0)
        self.assertEqual(tries.next_pause(asked, 0.0), 7.0)
        self.assertEqual(tries.next_pause(asked, 1.0), 7.1)


def _drip(sock: object) -> bool:
    import ssl

    assert isinstance(sock, ssl.SSLSocket)
    sock.recv(65536)
    sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        time.sleep(0.1)
        sock.sendall(b" ")
