// What browsers and receivers do without the vault: JWE (RFC 7516) with ECDH-ES on P-256 and A256GCM. Reads JSON, writes JSON:
//
//   encrypt   {"key": JWK, "value": any JSON} gives {"jwe": …}, by the module that browsers use
//   key_pair  {} gives {"public": JWK, "private": JWK}
//   decrypt   {"key": private JWK, "jwe": …} gives what is inside

import { readFileSync } from "node:fs";
import { createDecipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
const { encrypt } = await import("../../browser/jwe.js");

const TOOLS = {
  encrypt: async ({ key, value }) => ({ jwe: await encrypt(key, JSON.stringify(value)) }),
  key_pair: () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { public: publicKey.export({ format: "jwk" }), private: privateKey.export({ format: "jwk" }) };
  },
  decrypt: ({ key, jwe }) => JSON.parse(opened(key, jwe)),
};

/** Written apart from what encrypts: whoever receives has a library of its own. */
function opened(key, jwe) {
  const [head, encryptedKey, iv, ciphertext, tag] = jwe.split(".");
  const { alg, enc, epk } = JSON.parse(Buffer.from(head, "base64url"));
  if (alg !== "ECDH-ES" || enc !== "A256GCM" || encryptedKey !== "") throw new Error("another kind of JWE");
  const shared = diffieHellman({
    privateKey: createPrivateKey({ key, format: "jwk" }),
    publicKey: createPublicKey({ key: epk, format: "jwk" }),
  });
  // One round of the Concat KDF (RFC 7518, section 4.6.2) without party information.
  const number = (value) => Buffer.from([0, 0, value >> 8, value & 255]);
  const round = [number(1), shared, number(enc.length), enc, number(0), number(0), number(256)];
  const contentKey = round.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
  const decipher = createDecipheriv("aes-256-gcm", contentKey, Buffer.from(iv, "base64url"));
  decipher.setAAD(Buffer.from(head)).setAuthTag(Buffer.from(tag, "base64url"));
  return Buffer.concat([decipher.update(Buffer.from(ciphertext, "base64url")), decipher.final()]).toString("utf8");
}

const [tool] = process.argv.slice(2);
const answer = await TOOLS[tool](JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(answer));
