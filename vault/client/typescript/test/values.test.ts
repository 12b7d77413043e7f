// What is JavaScript's own about values: secrets, bytes, null. What the calls do is shown by the scenarios.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { RequestError } from "../src/index.js";
import { written } from "../src/wire.js";
import { card, cardNumber, client, unique } from "./vault.js";

test("a revealed card does not show itself", async () => {
  const number = cardNumber();
  const { token } = await client("acme-tokenizer").createToken(card(number));
  const full = await client("acme-detokenizer").detokenizeToken(token, "authorisation", "full");
  assert.deepEqual([full.card?.number.expose(), full.card?.holder?.expose()], [number, "A N Other"]);
  for (const said of [inspect(full, { depth: 9 }), JSON.stringify(full), `${full.card?.number}`, String(full)]) {
    assert.ok(!said.includes(number) && !said.includes("Other"), said);
  }
});

test("what was revealed can be sent again", async () => {
  const [encryptor, decryptor] = [client("acme-encryptor"), client("acme-decryptor")];
  const wanted = { name: unique("fields"), purpose: "field-encryption" } as const;
  const key = (await client("acme-key-admin").createKey(wanted)).name;
  const secret = Uint8Array.from({ length: 256 }, (_, at) => at);
  const opened = await decryptor.decrypt(key, await encryptor.encrypt(key, { plaintext: secret }));
  assert.ok(inspect(opened).includes("SecretBytes([secret])"));
  const again = await decryptor.decrypt(key, await encryptor.encrypt(key, { plaintext: opened.plaintext }));
  assert.deepEqual(again.plaintext.expose(), secret);

  const tokenizer = client("acme-tokenizer");
  const { token } = await tokenizer.createToken(card());
  const full = await client("acme-detokenizer").detokenizeToken(token, "authorisation", "full");
  assert.ok(full.card);
  assert.ok((await tokenizer.createToken({ type: "card", card: { number: full.card.number } })).token);
});

test("null is something other than nothing", () => {
  assert.deepEqual(written({ metadata: undefined, expires_at: null }), { expires_at: null });
});

test("an idempotency key has a form", () => {
  for (const wrong of ["short", "with a space", "ä".repeat(10), "x".repeat(129)]) {
    assert.throws(() => client("acme-tokenizer").withIdempotencyKey(wrong), RequestError);
  }
});

test("an export may be left early", async () => {
  const platform = client("platform-auditor");
  for await (const part of await platform.exportAudit()) {
    assert.ok(part.length > 0);
    break;
  }
  (await platform.exportAudit()).close();
});

test("calls may overlap", async () => {
  const tokenizer = client("acme-tokenizer");
  const made = await Promise.all(Array.from({ length: 32 }, () => tokenizer.createToken(card())));
  assert.equal(new Set(made.map((one) => one.token)).size, 32);
});
