"""Every call against a real vault."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import io
import json
import unittest
from typing import Callable, Set
from unittest import mock

import strongroom as sdk
from strongroom.operations import OPERATIONS
from strongroom.transport import Transport

from tests.vault import Partner, card, card_number, client, unique

CALLED: Set[str] = set()


def noted(real: Callable[..., object]) -> Callable[..., object]:
    """The same, but what is called is remembered."""

    def act(transport: Transport, name: str, *rest: object) -> object:
        CALLED.add(name)
        return real(transport, name, *rest)

    return act


class EveryCall(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        for method in ("send", "open"):
            patch = mock.patch.object(Transport, method, noted(getattr(Transport, method)))
            patch.start()
            cls.addClassCleanup(patch.stop)

    @classmethod
    def tearDownClass(cls) -> None:
        missing = set(OPERATIONS) - CALLED
        if missing:
            raise AssertionError(f"no test calls {sorted(missing)}")

    def test_a_partner_gets_the_card_and_the_caller_a_token_in_its_place(self) -> None:
        made = client("acme-tokenizer").create_token(card())
        wanted = sdk.ForwardRequest(
            destination="partner",
            method="POST",
            path="/v1/payments",
            headers=[sdk.ForwardHeader(name="authorization", value="Bearer mine")],
            content_type="application/json",
            body='{"number":"{{card.number}}"}',
            tokens={"card": made.token},
            purpose="authorisation",
        )
        gateway = client("acme-gateway").with_idempotency_key(unique("payment"))
        with Partner() as partner:
            answer = gateway.forward(wanted)
            again = gateway.forward(wanted)
        self.assertEqual((answer.status, again.status, len(partner.asked)), (201, 201, 1))
        assert answer.body is not None
        self.assertEqual(json.loads(answer.body.expose()), {"number": made.token})
        self.assertEqual(tuple(answer.retokenized), (made.token,))
        self.assertNotIn(made.token, partner.asked[0])
        nowhere = dataclasses.replace(wanted, destination="nowhere")
        with self.assertRaises(sdk.VaultError) as refused:
            client("acme-gateway").forward(nowhere)
        self.assertEqual(refused.exception.code, "destination_not_found")

    def test_a_card_becomes_a_token_and_comes_back(self) -> None:
        tokenizer, detokenizer = client("acme-tokenizer"), client("acme-detokenizer")
        number = card_number()
        made = tokenizer.create_token(card(number, order="42"))
        self.assertTrue(made.token.startswith("tok_"))
        assert made.card is not None
        self.assertEqual((made.card.brand, made.card.bin, made.card.last4), ("visa", number[:6], number[-4:]))
        self.assertEqual((made.card.exp_month, made.state, made.single_use), (12, "active", False))
        self.assertEqual(made.metadata, {"order": "42"})
        self.assertIsNone(made.expires_at)
        shown = tokenizer.get_token(made.token)
        self.assertEqual((shown.token, shown.card, shown.metadata), (made.token, made.card, made.metadata))

        masked = detokenizer.detokenize_token(made.token, "display", "masked")
        assert masked.card is not None
        self.assertEqual(masked.card.number.expose(), f"{number[:6]}******{number[-4:]}")
        self.assertIsNone(masked.card.holder)
        full = detokenizer.detokenize_token(made.token, "authorisation", "full")
        assert full.card is not None
        self.assertEqual(full.card.number.expose(), number)
        assert full.card.holder is not None
        self.assertEqual(full.card.holder.expose(), "A N Other")
        for said in (repr(full), str(full), f"{full.card}", repr(card(number)), repr(copy.deepcopy(full))):
            self.assertNotIn(number, said)
            self.assertNotIn("Other", said)

        changed = tokenizer.update_token(made.token, sdk.UpdateToken(metadata={"order": "43"}))
        self.assertEqual((changed.metadata, changed.card), ({"order": "43"}, made.card))
        kept = tokenizer.put_security_code(made.token, "123", 60)
        self.assertIsNotNone(kept.expires_at)
        tokenizer.report_authorisation(made.token, "approved")
        with self.assertRaises(sdk.VaultError) as refused:
            tokenizer.put_security_code(made.token, sdk.SecretText("1234"))
        self.assertEqual(refused.exception.code, "security_code_invalid")
        tokenizer.delete_token(made.token)
        with self.assertRaises(sdk.VaultError) as refused:
            detokenizer.detokenize_token(made.token, "display", "masked")
        self.assertEqual(refused.exception.status, 404)

    def test_many_cards_go_in_one_request_and_each_has_its_own_result(self) -> None:
        tokenizer, detokenizer = client("acme-tokenizer"), client("acme-detokenizer")
        numbers = [card_number() for _ in range(3)]
        batch = [card(number) for number in numbers]
        made = tokenizer.create_tokens([*batch, card("4111111111111112")])
        self.assertEqual([item.status for item in made.items], [201, 201, 201, 422])
        error = made.items[3].error
        assert error is not None
        self.assertEqual(error.code, "card_number_invalid")
        tokens = [item.token.token for item in made.items if item.token is not None]
        shown = detokenizer.detokenize_tokens([*tokens, "999999999999999999"], "settlement", "full")
        self.assertEqual([item.status for item in shown.items], [200, 200, 200, 404])
        revealed = [item.card.number.expose() for item in shown.items if item.card is not None]
        self.assertEqual(revealed, numbers)

    def test_tokens_are_found_by_value_and_listed_page_by_page(self) -> None:
        tokenizer = client("acme-tokenizer")
        profile = client("acme-key-admin").create_profile(
            sdk.CreateProfile(name=unique("same"), reuse="deterministic", ttl_seconds=86400)
        )
        number = card_number()
        request = sdk.CreateToken(type="card", card=sdk.CardInput(number=number), profile=profile.name)
        token = tokenizer.create_token(request)
        self.assertEqual(tokenizer.create_token(request).token, token.token)
        self.assertIsNotNone(token.expires_at)
        search = sdk.SearchTokens(type="card", card=sdk.SearchCard(number=number), profile=profile.name)
        self.assertEqual([found.token for found in tokenizer.search_tokens(search).items], [token.token])

        others = {tokenizer.create_token(card()).token for _ in range(3)}
        page = tokenizer.list_tokens(limit=2)
        self.assertEqual(len(page.items), 2)
        self.assertIsNotNone(page.next_cursor)
        listed = [one.token for one in tokenizer.tokens(page_size=2)]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(others | {token.token}, set(listed))

    def test_aliases_and_tags_name_and_group_tokens(self) -> None:
        tokenizer, detokenizer = client("acme-tokenizer"), client("acme-detokenizer")
        name, tag, number = f"{unique('customer')}/card-1", unique("cohort")[:32], card_number()
        request = sdk.CreateToken(type="card", card=sdk.CardInput(number=number), aliases=[name], tags=[tag])
        made = tokenizer.create_token(request)
        self.assertEqual((made.aliases, made.tags), ((name,), (tag,)))
        self.assertEqual(tokenizer.get_token(f"alias:{name}").token, made.token)
        full = detokenizer.detokenize_token(f"alias:{name}", "authorisation", "full")
        assert full.card is not None
        self.assertEqual(full.card.number.expose(), number)
        many = detokenizer.detokenize_tokens([f"alias:{name}", "alias:nobody"], "display", "masked")
        self.assertEqual([item.status for item in many.items], [200, 404])
        with self.assertRaises(sdk.VaultError) as refused:
            tokenizer.create_token(request)
        self.assertEqual((refused.exception.status, refused.exception.code), (409, "alias_taken"))
        wanted = sdk.TokenFilter(tag=tag, bin=number[:6], type="card", state="active")
        self.assertEqual([one.token for one in tokenizer.tokens(wanted=wanted)], [made.token])
        change = sdk.UpdateToken(aliases=sdk.AliasChange(remove=[name]), tags=sdk.TagChange(add=["other"], remove=[tag]))
        changed = tokenizer.update_token(f"alias:{name}", change)
        self.assertEqual((changed.aliases, changed.tags), (None, ("other",)))

    def test_profiles(self) -> None:
        admin = client("acme-key-admin")
        wanted = sdk.CreateProfile(name=unique("shaped"), format="card", keep="4/4", single_use=True)
        made = admin.create_profile(wanted)
        self.assertEqual((made.format, made.keep, made.single_use, made.ttl_seconds), ("card", "4/4", True, None))
        self.assertEqual(admin.get_profile(made.name), made)
        self.assertIn(made, list(admin.profiles(page_size=1)))
        self.assertEqual(len(admin.list_profiles(limit=1).items), 1)

    def test_keys(self) -> None:
        admin = client("acme-key-admin")
        made = admin.create_key(sdk.CreateKey(name=unique("notes"), purpose="field-encryption", rotation_days=90))
        self.assertEqual((made.purpose, made.rotation_days, made.current_version), ("field-encryption", 90, 1))
        self.assertEqual(admin.get_key(made.name), made)
        rotated = admin.rotate_key(made.name)
        self.assertEqual([version.version for version in rotated.versions], [1, 2])
        self.assertIn(made.name, [key.name for key in admin.keys(page_size=1)])
        self.assertEqual(len(admin.list_keys(limit=1).items), 1)

    def test_fields(self) -> None:
        encryptor, decryptor = client("acme-encryptor"), client("acme-decryptor")
        admin = client("acme-key-admin")
        key = admin.create_key(sdk.CreateKey(name=unique("fields"), purpose="field-encryption")).name
        here = {"record": "42", "field": "note"}
        secret = bytes(range(256))
        sealed = encryptor.encrypt(key, sdk.EncryptItem(plaintext=secret, context=here))
        self.assertEqual(sealed.key_version, 1)
        self.assertIsInstance(sealed.ciphertext, bytes)
        item = sdk.DecryptItem(ciphertext=sealed.ciphertext, context=here)
        opened = decryptor.decrypt(key, item)
        self.assertEqual(opened.plaintext.expose(), secret)
        self.assertNotIn("\\x00", repr(opened) + repr(sdk.EncryptItem(plaintext=secret)))

        admin.rotate_key(key)
        again = sdk.ReencryptItem(ciphertext=sealed.ciphertext, context=here)
        self.assertEqual(decryptor.reencrypt(key, again).key_version, 2)
        moved = decryptor.reencrypt_many(key, [again, sdk.ReencryptItem(ciphertext=sealed.ciphertext)])
        self.assertEqual([one.status for one in moved.items], [200, moved.items[1].status])
        assert moved.items[1].error is not None
        self.assertEqual(moved.items[1].error.code, "context_mismatch")

        wrapped = sdk.EncryptItem(plaintext=opened.plaintext)
        many = encryptor.encrypt_many(key, [sdk.EncryptItem(plaintext=b""), wrapped])
        items = [sdk.DecryptItem(ciphertext=one.ciphertext or b"") for one in many.items]
        read = decryptor.decrypt_many(key, items)
        self.assertEqual([one.plaintext.expose() for one in read.items if one.plaintext], [b"", secret])

    def test_lookup(self) -> None:
        encryptor = client("acme-encryptor")
        wanted = sdk.CreateKey(name=unique("emails"), purpose="deterministic-encryption")
        key = client("acme-key-admin").create_key(wanted).name
        item = sdk.EncryptItem(plaintext=b"a@example.com")
        sealed = encryptor.encrypt(key, item)
        client("acme-key-admin").rotate_key(key)
        found = client("acme-decryptor").lookup(key, item)
        self.assertEqual([one.key_version for one in found.ciphertexts], [2, 1])
        self.assertEqual(found.ciphertexts[1], sealed)
        many = client("acme-decryptor").lookup_many(key, [item, sdk.EncryptItem(plaintext=b"b@example.com")])
        self.assertEqual(many.items[0].ciphertexts, found.ciphertexts)

    def test_codes_and_data_keys(self) -> None:
        encryptor, decryptor, admin = client("acme-encryptor"), client("acme-decryptor"), client("acme-key-admin")
        key = admin.create_key(sdk.CreateKey(name=unique("orders"), purpose="mac")).name
        code = encryptor.mac(key, sdk.MacItem(data=b"an order"))
        good = sdk.VerifyMacItem(data=b"an order", mac=code.mac)
        other = sdk.VerifyMacItem(data=b"another", mac=code.mac)
        self.assertEqual(decryptor.verify_mac(key, good), sdk.VerifiedMac(valid=True, key_version=1))
        self.assertFalse(decryptor.verify_mac(key, other).valid)
        codes = encryptor.mac_many(key, [sdk.MacItem(data=b"an order"), sdk.MacItem(data=b"another")])
        self.assertEqual(codes.items[0].mac, code.mac)
        verified = decryptor.verify_mac_many(key, [good, other])
        self.assertEqual([one.valid for one in verified.items], [True, False])

        key = admin.create_key(sdk.CreateKey(name=unique("files"), purpose="field-encryption")).name
        made = encryptor.create_data_key(key, sdk.CreateDataKey(length=16, context={"file": "a"}))
        self.assertEqual(len(made.plaintext.expose()), 16)
        self.assertEqual(len(encryptor.create_data_key(key).plaintext.expose()), 32)
        item = sdk.DecryptItem(ciphertext=made.ciphertext, context={"file": "a"})
        self.assertEqual(decryptor.decrypt(key, item).plaintext.expose(), made.plaintext.expose())

    def test_other_values_than_cards(self) -> None:
        tokenizer, detokenizer = client("acme-tokenizer"), client("acme-detokenizer")
        account = sdk.BankAccountInput(iban="DE89 3704 0044 0532 0130 00")
        made = tokenizer.create_token(sdk.CreateToken(type="bank-account", bank_account=account, max_uses=2))
        assert made.bank_account is not None
        self.assertEqual((made.card, made.bank_account.country, made.max_uses, made.uses), (None, "DE", 2, 0))
        full = detokenizer.detokenize_token(made.token, "authorisation", "full")
        assert full.bank_account is not None
        self.assertEqual(full.bank_account.iban.expose(), "DE89370400440532013000")
        made = tokenizer.create_token(sdk.CreateToken(type="text", text="a secret"))
        full = detokenizer.detokenize_token(made.token, "authorisation", "full")
        assert full.text is not None
        self.assertEqual(full.text.expose(), "a secret")

    def test_signatures(self) -> None:
        encryptor, admin = client("acme-encryptor"), client("acme-key-admin")
        key = admin.create_key(sdk.CreateKey(name=unique("letters"), purpose="sign", protection="hsm")).name
        signed = encryptor.sign(key, sdk.SignItem(message=b"a letter"))
        self.assertEqual(len(signed.signature), 64)
        right = sdk.VerifyItem(message=b"a letter", signature=signed.signature, key_version=signed.key_version)
        wrong = sdk.VerifyItem(message=b"another", signature=signed.signature, key_version=signed.key_version)
        self.assertTrue(encryptor.verify(key, right).valid)
        self.assertEqual([item.valid for item in encryptor.verify_many(key, [right, wrong]).items], [True, False])
        self.assertEqual(len(encryptor.sign_many(key, [sdk.SignItem(message=b"a letter")]).items), 1)
        shown = encryptor.list_public_keys(key).items
        self.assertIn("BEGIN PUBLIC KEY", shown[0].pem)

    def test_keys_for_clients(self) -> None:
        key = client("acme-key-admin").create_key(
            sdk.CreateKey(name=unique("browsers"), purpose="client-encryption")
        )
        (jwk,) = client("acme-tokenizer").get_jwks(key.name).keys
        self.assertEqual((jwk.kty, jwk.crv, jwk.alg), ("EC", "P-256", "ECDH-ES"))

    def test_values_in_their_own_format(self) -> None:
        admin, encryptor, decryptor = client("acme-key-admin"), client("acme-encryptor"), client("acme-decryptor")
        digits = sdk.ValueFormat(alphabet="0123456789", min_length=16, max_length=16, keep_first=6, keep_last=4)
        wanted = sdk.CreateKey(name=unique("accounts"), purpose="format-preserving", value_format=digits)
        key = admin.create_key(wanted).name
        sealed = encryptor.encrypt(key, sdk.EncryptItem(plaintext=b"4111111234561111"))
        self.assertTrue(sealed.ciphertext.isdigit() and len(sealed.ciphertext) == 16)
        item = sdk.DecryptItem(ciphertext=sealed.ciphertext, key_version=sealed.key_version)
        self.assertEqual(decryptor.decrypt(key, item).plaintext.expose(), b"4111111234561111")

    def test_documents(self) -> None:
        admin, encryptor, decryptor = client("acme-key-admin"), client("acme-encryptor"), client("acme-decryptor")
        key = admin.create_key(sdk.CreateKey(name=unique("customers"), purpose="field-encryption")).name
        document = {"id": 42, "name": "A N Other", "born": 1980, "tags": ["a", None]}

        def wanted(of: object) -> sdk.DocumentInput:
            return sdk.DocumentInput(key=key, fields=["/name", "/born", "/tags/*"], document=of, context={"id": "42"})

        sealed = encryptor.encrypt_document(wanted(document))
        self.assertEqual(sealed.values, 4)
        self.assertNotIn("Other", str(sealed.document))
        admin.rotate_key(key)
        renewed = decryptor.reencrypt_document(wanted(sealed.document))
        self.assertEqual(renewed.key_version, 2)
        self.assertEqual(decryptor.decrypt_document(wanted(renewed.document)).document, document)

    def test_identities_and_grants(self) -> None:
        admin = client("acme-identity-admin")
        made = admin.create_identity(sdk.CreateIdentity(service=unique("till"), reason="a new till"))
        self.assertTrue(made.spiffe_id.endswith(made.service))
        wanted = sdk.CreateGrant(role="tokenizer", reason="it takes cards", expires_at="2099-01-01T00:00:00Z")
        grant = admin.create_grant(made.service, wanted)
        self.assertEqual((grant.role, grant.reason), ("tokenizer", "it takes cards"))
        shown = admin.get_identity(made.service)
        self.assertEqual([one.id for one in shown.grants], [grant.id])
        self.assertIsNotNone(admin.revoke_grant(made.service, grant.id).revoked_at)
        self.assertIsNotNone(admin.disable_identity(made.service).disabled_at)
        self.assertIn(made.service, [one.service for one in admin.identities(page_size=5)])
        self.assertEqual(len(admin.list_identities(limit=1).items), 1)

    def test_values_encrypted_to_the_caller(self) -> None:
        admin, detokenizer = client("acme-identity-admin"), client("acme-detokenizer")
        # RFC 7518, appendix C.
        jwk = {
            "kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        }
        made = admin.create_encryption_key("detokenizer", sdk.CreateEncryptionKey(jwk=jwk, reason="it opens cards"))
        self.assertEqual(made.jwk.x, jwk["x"])
        token = client("acme-tokenizer").create_token(card()).token
        one = detokenizer.detokenize_token(token, "refund", "full", encrypt_to=made.kid)
        self.assertIsNone(one.card)
        self.assertEqual(str(one.encrypted_value).count("."), 4)
        many = detokenizer.detokenize_tokens([token], "refund", "full", encrypt_to="newest")
        self.assertIsNotNone(many.items[0].encrypted_value)
        self.assertIn(made.kid, [key.kid for key in admin.list_encryption_keys("detokenizer").items])
        self.assertIsNotNone(admin.revoke_encryption_key("detokenizer", made.kid).revoked_at)
        with self.assertRaises(sdk.VaultError) as refused:
            detokenizer.detokenize_token(token, "refund", "full", encrypt_to=made.kid)
        self.assertEqual(refused.exception.code, "encryption_key_unusable")

    def test_limits_and_honeytokens(self) -> None:
        admin = client("acme-identity-admin")
        made = admin.create_identity(sdk.CreateIdentity(service=unique("till"), reason="a new till"))
        self.assertEqual(admin.get_velocity_limits(made.service).limits, ())
        limit = sdk.VelocityLimit(kind="reveal", purpose="refund", items=5, window_seconds=60)
        limits = admin.set_velocity_limits(made.service, sdk.SetVelocityLimits(limits=[limit]))
        self.assertEqual((limits.limits, len(limits.defaults)), ((limit,), 4))
        token = client("acme-tokenizer").create_token(card()).token
        marked = admin.create_honeytoken(sdk.CreateHoneytoken(token=token, reason="nobody has business with it"))
        self.assertIn(marked.id, [one.id for one in admin.honeytokens(page_size=5)])
        self.assertGreaterEqual(len(admin.list_honeytokens(limit=1).items), 1)
        client("acme-detokenizer").detokenize_token(token, "refund", "masked")
        query = sdk.EventQuery(action="alarm.raised", object=token)
        alarms = client("acme-auditor").search_audit_events(query).items
        self.assertEqual([one.outcome for one in alarms], ["honeytoken_used"])
        self.assertIsNotNone(admin.withdraw_honeytoken(marked.id).withdrawn_at)

    def test_the_record(self) -> None:
        token = client("acme-tokenizer").create_token(card()).token
        client("acme-detokenizer").detokenize_token(token, "refund", "masked")
        auditor = client("acme-auditor")
        query = sdk.EventQuery(action="token.detokenize", object=token, from_="2020-01-01T00:00:00Z", limit=1)
        page = auditor.search_audit_events(query)
        self.assertEqual([(one.outcome, one.purpose) for one in page.items], [("success", "refund")])
        self.assertEqual([one.object for one in auditor.audit_events(query)], [token])
        self.assertEqual(list(auditor.audit_events(sdk.EventQuery(object=unique("nothing")))), [])

        platform = client("platform-auditor")
        whole = io.BytesIO()
        with platform.export_audit() as export:
            self.assertEqual(export.write_to(whole), len(whole.getvalue()))
        lines = [json.loads(line) for line in whole.getvalue().splitlines()]
        self.assertGreater(len(lines), 2)
        with platform.export_audit() as export:
            self.assertTrue(next(iter(export)))
        self.assertTrue(platform.get_checkpoints().checkpoints)

    def test_the_node(self) -> None:
        status = client("acme-operator").get_status()
        self.assertEqual((status.hsm.health, status.store.ready, status.audit.ready), ("ready", True, True))
        document = client("acme-tokenizer").get_openapi()
        self.assertEqual(document["openapi"], "3.1.0")

    def test_a_key_of_the_callers_own_gives_the_first_answer_again(self) -> None:
        tokenizer = client("acme-tokenizer")
        mine = tokenizer.with_idempotency_key(hashlib.sha256(unique("order").encode()).hexdigest())
        request = card()
        self.assertEqual(mine.create_token(request), mine.create_token(request))
        with self.assertRaises(sdk.VaultError) as refused:
            mine.create_token(card())
        self.assertEqual((refused.exception.status, refused.exception.code), (422, "idempotency_conflict"))
        self.assertNotEqual(tokenizer.create_token(request).token, tokenizer.create_token(request).token)
        for wrong in ("short", "with a space", "ä" * 10, "x" * 129):
            with self.assertRaises(ValueError):
                tokenizer.with_idempotency_key(wrong)
