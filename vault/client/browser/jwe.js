// Encrypts to a key of the vault: JWE, compact, ECDH-ES on P-256, A256GCM. The format: vault/crypto/src/jwe/SPEC.md.
// Usable by itself, in browsers and in Node.js; version 18 needs `globalThis.crypto` set to `webcrypto` of node:crypto first.

/** A public key or a plaintext that the vault's format has no place for. Its message never repeats a value. */
export class JweError extends Error {
  name = "JweError";
}

/**
 * Encrypts to `key`, a JWK as the vault publishes it, with its `kid`.
 * @param {{kty: string, crv: string, x: string, y: string, kid: string, use?: string, alg?: string}} key
 * @param {Uint8Array | string} plaintext at most 65536 bytes; a string goes in as UTF-8
 * @returns {Promise<string>} the five parts
 */
export async function encrypt(key, plaintext) {
  requirePublicKey(key);
  const bytes = typeof plaintext === "string" ? encoder.encode(plaintext) : plaintext;
  try {
    if (bytes.length > LONGEST_PLAINTEXT) throw new JweError("the plaintext is too long");
    return await seal(key, bytes);
  } finally {
    // The caller's own array is the caller's to wipe.
    if (bytes !== plaintext) bytes.fill(0);
  }
}

async function seal(key, bytes) {
  const recipient = await importRecipient(key);
  // A fresh pair for each message, so that a content key serves one message and no other.
  const ephemeral = await subtle.generateKey(P256, false, ["deriveBits"]);
  const { x, y } = await subtle.exportKey("jwk", ephemeral.publicKey);
  const header = { alg: "ECDH-ES", enc: "A256GCM", kid: key.kid, epk: { kty: "EC", crv: "P-256", x, y } };
  const part = base64url(encoder.encode(JSON.stringify(header)));

  const shared = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: recipient }, ephemeral.privateKey, 256));
  const contentKey = await deriveContentKey(shared);
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
  // The header goes in as it stands in the message: nobody can exchange the key's name or the ephemeral key.
  const parameters = { name: "AES-GCM", iv, additionalData: encoder.encode(part), tagLength: 128 };
  const sealed = new Uint8Array(await subtle.encrypt(parameters, contentKey, bytes));
  const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
  return [part, "", base64url(iv), base64url(ciphertext), base64url(tag)].join(".");
}

/** One round of the Concat KDF (NIST SP 800-56A): 256 bits are what one SHA-256 gives. */
async function deriveContentKey(shared) {
  const algorithm = encoder.encode("A256GCM");
  const [round, noParty, bits] = [u32(1), u32(0), u32(256)];
  const input = concatenate(round, shared, u32(algorithm.length), algorithm, noParty, noParty, bits);
  shared.fill(0);
  const derived = await subtle.digest("SHA-256", input);
  input.fill(0);
  const key = await subtle.importKey("raw", derived, "AES-GCM", false, ["encrypt"]);
  new Uint8Array(derived).fill(0);
  return key;
}

function requirePublicKey(key) {
  if (typeof key !== "object" || key === null) throw new JweError("the key is no JWK");
  if ("d" in key) throw new JweError("the key is a private one");
  const wrong = Object.keys(key).find((name) => !Object.hasOwn(MEMBERS, name) || !MEMBERS[name].test(key[name]));
  const missing = ["kty", "crv", "x", "y", "kid"].find((name) => typeof key[name] !== "string");
  if (wrong !== undefined || missing !== undefined) throw new JweError("the key is not of the vault's form");
}

/** A point that is not on the curve is refused here, by the platform. */
async function importRecipient({ kty, crv, x, y }) {
  try {
    return await subtle.importKey("jwk", { kty, crv, x, y }, P256, false, []);
  } catch {
    throw new JweError("the key is no point of P-256");
  }
}

function base64url(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function u32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function concatenate(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

const { subtle } = globalThis.crypto;
const encoder = new TextEncoder();
const P256 = { name: "ECDH", namedCurve: "P-256" };
const LONGEST_PLAINTEXT = 65536;

// 32 bytes in their one spelling: the last of 43 characters carries four bits.
const COORDINATE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MEMBERS = {
  kty: /^EC$/,
  crv: /^P-256$/,
  x: COORDINATE,
  y: COORDINATE,
  use: /^enc$/,
  alg: /^ECDH-ES$/,
  kid: /^[\x21-\x7e]{1,256}$/,
};
