"""JWE by jwcrypto. Plaintexts are hexadecimal; keys are JWKs.

{"do": "pair", "kid"}                                      -> {"private", "public"}
{"do": "thumbprint", "public"}                             -> {"thumbprint"}
{"do": "seal", "public", "header", "plaintext"}            -> {"jwe"}
{"do": "open", "private", "jwe"}                           -> {"plaintext"}
"""

import json

from answers import Refused, answer_each
from jwcrypto import jwe, jwk
from jwcrypto.common import JWException

# Everything that a test seals with, so that what the vault must refuse can be made too.
ALGORITHMS = ["ECDH-ES", "ECDH-ES+A256KW", "A256GCM", "A128GCM", "A256CBC-HS512"]


def answer(request):
    return {"pair": pair, "thumbprint": thumbprint, "seal": seal, "open": open_}[request["do"]](request)


def pair(request):
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid=request["kid"])
    return {"private": key.export_private(as_dict=True), "public": key.export_public(as_dict=True)}


def thumbprint(request):
    return {"thumbprint": jwk.JWK(**request["public"]).thumbprint()}


def seal(request):
    token = jwe.JWE(bytes.fromhex(request["plaintext"]), json.dumps(request["header"]), algs=ALGORITHMS)
    # The vault's key says that it is for ECDH-ES only, which is what some requests are to overlook.
    public = {name: value for name, value in request["public"].items() if name != "alg"}
    token.add_recipient(jwk.JWK(**public))
    return {"jwe": token.serialize(compact=True)}


def open_(request):
    token = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    try:
        token.deserialize(request["jwe"], jwk.JWK(**request["private"]))
    except JWException as refusal:
        raise Refused(refusal) from refusal
    return {"plaintext": token.payload.hex()}


answer_each(answer)
