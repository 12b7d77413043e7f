"""What is Python's own about values: secrets, bytes, null. What the calls do is shown by the scenarios."""

from __future__ import annotations

import copy
import io
import pickle
import unittest

import strongroom as sdk

from tests.vault import card, card_number, client, unique


class Secrets(unittest.TestCase):
    def test_a_revealed_card_does_not_show_itself(self) -> None:
        number = card_number()
        token = client("acme-tokenizer").create_token(card(number)).token
        full = client("acme-detokenizer").detokenize_token(token, "authorisation", "full")
        assert full.card is not None and full.card.holder is not None
        self.assertEqual((full.card.number.expose(), full.card.holder.expose()), (number, "A N Other"))
        for said in (repr(full), str(full), f"{full.card}", repr(card(number)), repr(copy.deepcopy(full))):
            self.assertNotIn(number, said)
            self.assertNotIn("Other", said)
        with self.assertRaises(TypeError):
            pickle.dumps(full)

    def test_what_was_revealed_can_be_sent_again(self) -> None:
        admin, encryptor, decryptor = client("acme-key-admin"), client("acme-encryptor"), client("acme-decryptor")
        key = admin.create_key(sdk.CreateKey(name=unique("fields"), purpose="field-encryption")).name
        secret = bytes(range(256))
        sealed = encryptor.encrypt(key, sdk.EncryptItem(plaintext=secret))
        self.assertIsInstance(sealed.ciphertext, bytes)
        opened = decryptor.decrypt(key, sdk.DecryptItem(ciphertext=sealed.ciphertext))
        self.assertNotIn("\\x00", repr(opened) + repr(sdk.EncryptItem(plaintext=secret)))
        again = encryptor.encrypt(key, sdk.EncryptItem(plaintext=opened.plaintext))
        opened = decryptor.decrypt(key, sdk.DecryptItem(ciphertext=again.ciphertext))
        self.assertEqual(opened.plaintext.expose(), secret)

        tokenizer, detokenizer = client("acme-tokenizer"), client("acme-detokenizer")
        full = detokenizer.detokenize_token(tokenizer.create_token(card()).token, "authorisation", "full")
        assert full.card is not None
        request = sdk.CreateToken(type="card", card=sdk.CardInput(number=full.card.number))
        self.assertIsNotNone(tokenizer.create_token(request).card)


class Requests(unittest.TestCase):
    def test_null_is_something_other_than_nothing(self) -> None:
        self.assertEqual(sdk.UpdateToken().to_json(), {})
        self.assertEqual(sdk.UpdateToken(expires_at=sdk.NULL).to_json(), {"expires_at": None})
        self.assertEqual(repr(sdk.NULL), "NULL")

    def test_an_idempotency_key_has_a_form(self) -> None:
        for wrong in ("short", "with a space", "ä" * 10, "x" * 129):
            with self.assertRaises(ValueError):
                client("acme-tokenizer").with_idempotency_key(wrong)


class Export(unittest.TestCase):
    def test_an_export_goes_to_a_file_and_may_be_left_early(self) -> None:
        platform = client("platform-auditor")
        whole = io.BytesIO()
        with platform.export_audit() as export:
            self.assertEqual(export.write_to(whole), len(whole.getvalue()))
        self.assertGreater(len(whole.getvalue().splitlines()), 2)
        with platform.export_audit() as export:
            self.assertTrue(next(iter(export)))
