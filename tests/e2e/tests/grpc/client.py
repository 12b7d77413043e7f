"""Calls every method of the vault by grpcio: unary, streams, refusals, deadlines, cancellation."""

import sys
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from strongroom.v1 import crypto_pb2, crypto_pb2_grpc, tokens_pb2, tokens_pb2_grpc

ADDRESS, FOLDER = sys.argv[1], Path(sys.argv[2])
CARD = "4111111111111111"


def channel(identity):
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(FOLDER / "ca.pem").read_bytes(),
        private_key=(FOLDER / f"clients/{identity}.key").read_bytes(),
        certificate_chain=(FOLDER / f"clients/{identity}.pem").read_bytes(),
    )
    return grpc.secure_channel(ADDRESS, credentials)


def card(number):
    return tokens_pb2.CreateTokenRequest(card=tokens_pb2.CardInput(number=number))


def reveal(token):
    return tokens_pb2.DetokenizeTokenRequest(
        token=token,
        purpose=tokens_pb2.DETOKENIZATION_PURPOSE_REFUND,
        reveal=tokens_pb2.REVEAL_FULL,
    )


def refused(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("was not refused")


def details(error):
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(error).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return info, [violation.field for violation in bad.field_violations]


tokenizer = tokens_pb2_grpc.TokenServiceStub(channel("acme-tokenizer"))
detokenizer = tokens_pb2_grpc.TokenServiceStub(channel("acme-detokenizer"))
encryptor = crypto_pb2_grpc.CryptoServiceStub(channel("acme-encryptor"))
decryptor = crypto_pb2_grpc.CryptoServiceStub(channel("acme-decryptor"))

# One at a time.
token = tokenizer.CreateToken(card(CARD), timeout=60).token.token
assert detokenizer.DetokenizeToken(reveal(token), timeout=60).card.number == CARD
field = crypto_pb2.EncryptRequest(key="notes", plaintext=b"note", context={"record": "42"})
sealed = encryptor.Encrypt(field, timeout=60)
opened = crypto_pb2.DecryptRequest(key="notes", ciphertext=sealed.ciphertext, context={"record": "42"})
assert decryptor.Decrypt(opened, timeout=60).plaintext == b"note"

# The same once.
once = (("idempotency-key", "order-42"),)
first = tokenizer.CreateToken(card(CARD), metadata=once, timeout=60)
assert tokenizer.CreateToken(card(CARD), metadata=once, timeout=60) == first

# Many, in order.
numbers = [CARD, "5555555555554444"] * 1000
made = list(tokenizer.CreateTokens((card(number) for number in numbers), timeout=120))
assert [result.index for result in made] == list(range(2000))
tokens = [result.done.token.token for result in made]
assert len(set(tokens)) == 2000
shown = list(detokenizer.DetokenizeTokens((reveal(token) for token in tokens), timeout=120))
assert [result.done.card.number for result in shown] == numbers
fields = list(encryptor.EncryptFields(iter([field] * 300), timeout=120))
again = (
    crypto_pb2.DecryptRequest(key="notes", ciphertext=result.done.ciphertext, context={"record": "42"})
    for result in fields
)
assert all(result.done.plaintext == b"note" for result in decryptor.DecryptFields(again, timeout=120))

# A bad one among them.
made = list(tokenizer.CreateTokens(iter([card(CARD), card("4111111111111112"), card(CARD)]), timeout=60))
assert [result.WhichOneof("result") for result in made] == ["done", "error", "done"]
assert made[1].error.code == "card_number_invalid" and made[1].error.pointer == "/card/number"

# Refusals, as this library reads them.
error = refused(lambda: tokenizer.CreateToken(card("4111111111111112"), timeout=60))
assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
info, fields = details(error)
assert (info.reason, info.domain, fields) == ("CARD_NUMBER_INVALID", "strongroom", ["/card/number"])
assert info.metadata["retryable"] == "false" and info.metadata["request_id"].startswith("req_")
assert dict(error.trailing_metadata())["strongroom-code"] == "card_number_invalid"
error = refused(lambda: detokenizer.CreateToken(card(CARD), timeout=60))
assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
error = refused(lambda: list(detokenizer.CreateTokens(iter([card(CARD)]), timeout=60)))
assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
error = refused(lambda: detokenizer.DetokenizeToken(reveal("tok_" + "0" * 32), timeout=60))
assert error.code() == grpc.StatusCode.NOT_FOUND, error
large = crypto_pb2.EncryptRequest(key="notes", plaintext=bytes(1 << 20))
error = refused(lambda: encryptor.Encrypt(large, timeout=60))
assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
error = refused(lambda: encryptor.Encrypt(field, timeout=60, compression=grpc.Compression.Gzip))
assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error
nothing = channel("acme-tokenizer").unary_unary("/strongroom.v1.TokenService/Nothing")
assert refused(lambda: nothing(b"", timeout=60)).code() == grpc.StatusCode.UNIMPLEMENTED
nobody = tokens_pb2_grpc.TokenServiceStub(
    grpc.secure_channel(ADDRESS, grpc.ssl_channel_credentials((FOLDER / "ca.pem").read_bytes()))
)
assert refused(lambda: nobody.CreateToken(card(CARD), timeout=60)).code() == grpc.StatusCode.UNAVAILABLE

# Who waits for nothing, and who leaves.
def never():
    yield card(CARD)
    import time

    time.sleep(600)


error = refused(lambda: list(tokenizer.CreateTokens(never(), timeout=1)))
assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
call = tokenizer.CreateTokens(card(CARD) for _ in range(100_000))
kept = next(call).done.token.token
call.cancel()
assert detokenizer.DetokenizeToken(reveal(kept), timeout=60).card.number == CARD
print("all calls made")
