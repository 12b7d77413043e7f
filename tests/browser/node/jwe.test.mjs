// `jwe.js` by itself, in Node.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, pair } from "./checkout.mjs";
import { jose } from "./packages.mjs";

const { JweError, encrypt } = await import("../../../vault/client/browser/jwe.js");

test("jose opens a thousand, and no two share what must be fresh", async () => {
  const key = await pair("a\"\\~!");
  const fresh = new Set();
  for (let count = 0; count < 1000; count += 1) {
    const card = { number: String(4e15 + count), holder: "名".repeat(count % 90), exp_month: 1, exp_year: 2031 };
    const jwe = await encrypt(key.publicKey, JSON.stringify(card));
    const opened = await open(jwe, key);
    assert.deepEqual(opened.card, card);
    const [header, encryptedKey, iv, , tag] = jwe.split(".");
    assert.equal(encryptedKey, "");
    for (const part of [header, iv, tag]) fresh.add(part);
  }
  assert.equal(fresh.size, 3000);
});

test("every length around the cipher's blocks, and the longest", async () => {
  const key = await pair("vault");
  for (const length of [...Array(50).keys(), 65536]) {
    const plaintext = new Uint8Array(length).fill(7);
    const { plaintext: opened } = await jose.compactDecrypt(await encrypt(key.publicKey, plaintext), key.privateKey);
    assert.deepEqual(new Uint8Array(opened), plaintext);
    assert.ok(plaintext.every((byte) => byte === 7), "the caller's array is the caller's");
  }
  await assert.rejects(encrypt(key.publicKey, new Uint8Array(65537)), JweError);
});

test("keys of another form are refused", async () => {
  const { publicKey } = await pair("vault");
  for (const wrong of [
    { d: "AAAA" },
    { kty: "RSA" },
    { crv: "P-384" },
    { use: "sig" },
    { alg: "ECDH-ES+A256KW" },
    { kid: "" },
    { kid: "with space" },
    { kid: "x".repeat(257) },
    { kid: undefined },
    { x: undefined },
    { x: publicKey.y },
    { x: `${publicKey.x}=` },
    { x: publicKey.x.slice(1) },
    { key_ops: [] },
    { toString: "x" },
  ]) {
    await assert.rejects(encrypt({ ...publicKey, ...wrong }, "{}"), JweError, JSON.stringify(wrong));
  }
  for (const key of [undefined, null, "key", 1, []]) await assert.rejects(encrypt(key, "{}"), JweError);
});
