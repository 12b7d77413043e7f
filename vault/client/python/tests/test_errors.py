"""What goes wrong and how it is told."""

from __future__ import annotations

import pickle
import ssl
import subprocess
import tempfile
import traceback
import unittest
from pathlib import Path

import strongroom as sdk

from tests.stand_in import SWIFT, HangUp, StandIn
from tests.vault import CA, CLIENTS, URL, card, card_number, client, closed_port, unique


class Refusals(unittest.TestCase):
    def test_a_bad_card(self) -> None:
        for number in ("4111111111111112", "4111", "not a number"):
            with self.assertRaises(sdk.VaultError) as refused:
                client("acme-tokenizer").create_token(card(number))
            error = refused.exception
            self.assertEqual((error.status, error.code), (422, "card_number_invalid"))
            self.assertEqual(error.pointer, "/card/number")
            self.assertFalse(error.retryable)
            self.assertIsNone(error.retry_after)
            self.assertTrue(error.request_id.startswith("req_"))
            self.assertTrue(error.detail)
            self.assertNotIn(number, "".join(traceback.format_exception(type(error), error, None)))

    def test_an_unknown_token(self) -> None:
        for token in ("999999999999999999", "tok_" + "0" * 32):
            with self.assertRaises(sdk.VaultError) as refused:
                client("acme-detokenizer").detokenize_token(token, "display", "masked")
            self.assertEqual((refused.exception.status, refused.exception.code), (404, "not_found"))
            self.assertNotIn(token, str(refused.exception))

    def test_the_wrong_role(self) -> None:
        with self.assertRaises(sdk.VaultError) as refused:
            client("acme-detokenizer").create_token(card())
        self.assertEqual((refused.exception.status, refused.exception.code), (403, "permission_denied"))

    def test_a_key_that_is_there_already(self) -> None:
        admin = client("acme-key-admin")
        request = sdk.CreateKey(name=unique("twice"), purpose="mac")
        admin.create_key(request)
        with self.assertRaises(sdk.VaultError) as refused:
            admin.create_key(request)
        self.assertEqual((refused.exception.status, refused.exception.code), (409, "already_exists"))

    def test_what_cannot_be_sent(self) -> None:
        tokenizer = client("acme-tokenizer")
        for token in ("", ".", ".."):
            with self.assertRaises(sdk.RequestError):
                tokenizer.get_token(token)
        with self.assertRaises(sdk.RequestError) as refused:
            tokenizer.create_token(card("4" * 20_000))
        self.assertNotIn("4444", str(refused.exception))
        with self.assertRaises(sdk.VaultError) as answered:
            tokenizer.get_token("a/../b?c#d e")
        self.assertIn(answered.exception.status, (400, 404))

    def test_errors_survive_pickling(self) -> None:
        problem = sdk.Problem(status=404, code="not_found", detail="not found", request_id="req_1")
        for error in (
            sdk.VaultError(problem, 7.0),
            sdk.TransportError(sdk.Failure.TIMEOUT),
            sdk.AnswerError(502),
            sdk.RequestError("no"),
        ):
            self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))

    def test_secrets_are_not_pickled(self) -> None:
        for secret in (sdk.SecretText("4111111111111111"), sdk.SecretBytes(b"key")):
            with self.assertRaises(TypeError):
                pickle.dumps(secret)


class OnTheWay(unittest.TestCase):
    def failure(self, vault: sdk.Client) -> sdk.Failure:
        with self.assertRaises(sdk.TransportError) as lost:
            vault.create_token(card())
        return lost.exception.failure

    def test_nobody_there(self) -> None:
        away = client("acme-tokenizer", url=f"https://127.0.0.1:{closed_port()}", policy=SWIFT)
        self.assertEqual(self.failure(away), sdk.Failure.CONNECT)

    def test_another_name_and_an_older_protocol(self) -> None:
        with StandIn(HangUp(), host="127.0.0.2") as elsewhere:
            self.assertEqual(self.failure(elsewhere.client()), sdk.Failure.TLS)
            self.assertEqual(elsewhere.asked, [])
        with StandIn(HangUp(), newest=ssl.TLSVersion.TLSv1_2) as older:
            self.assertEqual(self.failure(older.client()), sdk.Failure.TLS)

    def test_another_authority(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            stranger = Path(folder) / "stranger.pem"
            key = Path(folder) / "stranger.key"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
                + ["-days", "1", "-subj", "/CN=stranger", "-keyout", str(key), "-out", str(stranger)],
                check=True,
                capture_output=True,
            )
            self.assertEqual(
                self.failure(client("acme-tokenizer", ca=stranger, policy=SWIFT)), sdk.Failure.TLS
            )
            # The vault refuses this one, after the handshake as the client sees it.
            uninvited = sdk.Client(URL, ca=CA, certificate=stranger, private_key=key, policy=SWIFT)
            self.assertIn(self.failure(uninvited), (sdk.Failure.TLS, sdk.Failure.INTERRUPTED))

    def test_what_makes_no_client(self) -> None:
        for url in ("http://127.0.0.1", "127.0.0.1:8443", "https://", "https://vault/?a=b", "https://a b"):
            with self.assertRaises(ValueError):
                client("acme-tokenizer", url=url)
        with self.assertRaises(OSError):
            client("nobody")
        with self.assertRaises(ssl.SSLError):
            sdk.Client(
                URL,
                ca=CA,
                certificate=CLIENTS / "acme-tokenizer.pem",
                private_key=CLIENTS / "acme-detokenizer.key",
            )
        for wrong in ({"attempts": 0}, {"attempt_timeout": 0}, {"deadline": -1}, {"first_pause": -1}):
            with self.assertRaises(ValueError):
                sdk.Policy(**wrong)

    def test_no_number_is_in_a_trace(self) -> None:
        number = card_number()
        away = client("acme-tokenizer", url=f"https://127.0.0.1:{closed_port()}", policy=SWIFT)
        try:
            away.create_token(card(number))
            self.fail("nobody is there")
        except sdk.TransportError as error:
            self.assertNotIn(number, traceback.format_exc())
            self.assertIsNone(error.__context__)
