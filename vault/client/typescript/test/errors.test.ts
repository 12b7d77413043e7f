// What goes wrong and how it is told.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { inspect } from "node:util";

import { RequestError, StrongroomError, TransportError, VaultError } from "../src/index.js";
import { StandIn, SWIFT } from "./stand-in.js";
import { card, cardNumber, client, closedUrl, unique } from "./vault.js";

async function failed<T extends StrongroomError>(
  kind: abstract new (...parts: never[]) => T,
  promise: Promise<unknown>,
): Promise<T> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof kind, inspect(error));
    assert.equal((error as { cause?: unknown }).cause, undefined);
    return error as T;
  }
  throw new Error("nothing went wrong");
}

test("a bad card", async () => {
  for (const number of ["4111111111111112", "4111", "not a number"]) {
    const error = await failed(VaultError, client("acme-tokenizer").createToken(card(number)));
    assert.deepEqual([error.status, error.code, error.pointer], [422, "card_number_invalid", "/card/number"]);
    assert.deepEqual([error.retryable, error.retryAfterMs], [false, undefined]);
    assert.match(error.requestId, /^req_/);
    assert.ok(error.detail && !inspect(error).includes(number));
  }
});

test("an unknown token", async () => {
  for (const token of ["999999999999999999", `tok_${"0".repeat(32)}`]) {
    const error = await failed(VaultError, client("acme-detokenizer").detokenizeToken(token, "display", "masked"));
    assert.deepEqual([error.status, error.code], [404, "not_found"]);
    assert.ok(!inspect(error).includes(token));
  }
});

test("the wrong role", async () => {
  const error = await failed(VaultError, client("acme-detokenizer").createToken(card()));
  assert.deepEqual([error.status, error.code], [403, "permission_denied"]);
});

test("a key that is there already", async () => {
  const request = { name: unique("twice"), purpose: "mac" } as const;
  await client("acme-key-admin").createKey(request);
  const error = await failed(VaultError, client("acme-key-admin").createKey(request));
  assert.deepEqual([error.status, error.code], [409, "already_exists"]);
});

test("what cannot be sent", async () => {
  const tokenizer = client("acme-tokenizer");
  for (const token of ["", ".", "..", "\ud800"]) {
    await failed(RequestError, tokenizer.getToken(token));
  }
  const error = await failed(RequestError, tokenizer.createToken(card("4".repeat(20_000))));
  assert.ok(!inspect(error).includes("4444"));
  assert.ok([400, 404].includes((await failed(VaultError, tokenizer.getToken("a/../b?c#d e"))).status));
});

test("nobody there", async () => {
  const number = cardNumber();
  const away = client("acme-tokenizer", { url: await closedUrl(), policy: SWIFT });
  const error = await failed(TransportError, away.createToken(card(number)));
  assert.equal(error.failure, "connect");
  assert.ok(!inspect(error).includes(number));
});

test("another name, and an older protocol", async (t) => {
  const elsewhere = await StandIn.startPeculiar(t, { host: "127.0.0.2" }, "hang up");
  assert.equal((await failed(TransportError, elsewhere.client().createToken(card()))).failure, "tls");
  assert.deepEqual(elsewhere.asked, []);
  const older = await StandIn.startPeculiar(t, { maxVersion: "TLSv1.2" }, "hang up");
  assert.equal((await failed(TransportError, older.client().createToken(card()))).failure, "tls");
});

test("another authority, and an identity of another authority", async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/strongroom-sdk-`);
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, certificate] = [`${folder}/stranger.key`, `${folder}/stranger.pem`];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const files = ["-subj", "/CN=stranger", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...kind, ...files], { stdio: "ignore" });
  const stranger = readFileSync(certificate);
  const misled = client("acme-tokenizer", { ca: stranger, policy: SWIFT });
  assert.equal((await failed(TransportError, misled.createToken(card()))).failure, "tls");
  // The vault refuses this one, after the handshake as the client sees it.
  const uninvited = { certificate: stranger, privateKey: readFileSync(key), policy: SWIFT };
  const { failure } = await failed(TransportError, client("acme-tokenizer", uninvited).createToken(card()));
  assert.ok(["tls", "interrupted"].includes(failure), failure);
});

test("what makes no client", () => {
  for (const url of ["http://127.0.0.1", "127.0.0.1:8443", "https://", "https://vault/?a=b", "https://a b"]) {
    assert.throws(() => client("acme-tokenizer", { url }), TypeError);
  }
  for (const other of [{ ca: "" }, { certificate: "" }, { privateKey: "nothing" }, { ca: new Uint8Array(0) }]) {
    assert.throws(() => client("acme-tokenizer", other), TypeError);
  }
  for (const policy of [{ attempts: 0 }, { attemptTimeoutMs: 0 }, { deadlineMs: -1 }, { firstPauseMs: NaN }]) {
    assert.throws(() => client("acme-tokenizer", { policy }), TypeError);
  }
});

test("a client shows nothing of what it was made from", () => {
  assert.equal(inspect(client("acme-tokenizer"), { depth: 9 }), "Client {}");
});
