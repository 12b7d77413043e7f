// Every call against a real vault.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { inspect } from "node:util";

import { RequestError, SecretBytes, VaultError } from "../src/index.js";
import { OPERATIONS } from "../src/operations.js";
import { type Call, Transport } from "../src/transport.js";
import { card, cardNumber, client, collected, partner, unique } from "./vault.js";

const CALLED = new Set<string>();
const { send, open } = Transport.prototype;
Transport.prototype.send = function noted<T>(this: Transport, call: Call, read: (value: unknown) => T) {
  CALLED.add(call.operation.name);
  return send.call(this, call, read) as Promise<T>;
};
Transport.prototype.open = function noted(this: Transport, call: Call) {
  CALLED.add(call.operation.name);
  return open.call(this, call);
};

after(() => {
  const missing = Object.values(OPERATIONS).filter((operation) => !CALLED.has(operation.name));
  assert.deepEqual(missing.map((operation) => operation.name), [], "no test calls these");
});

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf8"));

test("a card becomes a token and comes back", async () => {
  const [tokenizer, detokenizer] = [client("acme-tokenizer"), client("acme-detokenizer")];
  const number = cardNumber();
  const made = await tokenizer.createToken(card(number, { order: "42" }));
  assert.match(made.token, /^tok_/);
  assert.deepEqual([made.card?.brand, made.card?.bin, made.card?.last4], ["visa", number.slice(0, 6), number.slice(-4)]);
  assert.deepEqual([made.card?.exp_month, made.state, made.single_use], [12, "active", false]);
  assert.equal(made.expires_at, undefined);
  const known = await tokenizer.getToken(made.token);
  assert.deepEqual([known.token, known.card, known.metadata], [made.token, made.card, { order: "42" }]);

  const masked = await detokenizer.detokenizeToken(made.token, "display", "masked");
  assert.equal(masked.card?.number.expose(), `${number.slice(0, 6)}******${number.slice(-4)}`);
  assert.equal(masked.card?.holder, undefined);
  const full = await detokenizer.detokenizeToken(made.token, "authorisation", "full");
  assert.equal(full.card?.number.expose(), number);
  assert.equal(full.card?.holder?.expose(), "A N Other");
  for (const said of [inspect(full, { depth: 9 }), JSON.stringify(full), `${full.card?.number}`, String(full)]) {
    assert.ok(!said.includes(number) && !said.includes("Other"), said);
  }

  const changed = await tokenizer.updateToken(made.token, { metadata: { order: "43" } });
  assert.deepEqual([changed.metadata, changed.card], [{ order: "43" }, made.card]);
  const kept = await tokenizer.putSecurityCode(made.token, { security_code: "123", ttl_seconds: 60 });
  assert.ok(kept.expires_at > made.created_at);
  await tokenizer.reportAuthorisation(made.token, "approved");
  const refused = tokenizer.putSecurityCode(made.token, { security_code: "1234" });
  await assert.rejects(refused, (error: VaultError) => error.code === "security_code_invalid");
  await tokenizer.deleteToken(made.token);
  await assert.rejects(detokenizer.detokenizeToken(made.token, "display", "masked"), VaultError);
});

test("other values than cards", async () => {
  const [tokenizer, detokenizer] = [client("acme-tokenizer"), client("acme-detokenizer")];
  const account = { iban: "DE89 3704 0044 0532 0130 00" };
  const made = await tokenizer.createToken({ type: "bank-account", bank_account: account, max_uses: 2 });
  assert.deepEqual([made.card, made.bank_account?.country, made.max_uses, made.uses], [undefined, "DE", 2, 0]);
  const full = await detokenizer.detokenizeToken(made.token, "authorisation", "full");
  assert.equal(full.bank_account?.iban.expose(), "DE89370400440532013000");
  const text = await tokenizer.createToken({ type: "text", text: "a secret" });
  const shown = await detokenizer.detokenizeToken(text.token, "authorisation", "full");
  assert.equal(shown.text?.expose(), "a secret");
});

test("signatures, documents and keys for clients", async () => {
  const [admin, encryptor, decryptor] = [client("acme-key-admin"), client("acme-encryptor"), client("acme-decryptor")];
  const letters = (await admin.createKey({ name: unique("letters"), purpose: "sign", protection: "hsm" })).name;
  const signed = await encryptor.sign(letters, { message: bytes("a letter") });
  const right = { message: bytes("a letter"), signature: signed.signature, key_version: signed.key_version };
  assert.equal((await encryptor.verify(letters, right)).valid, true);
  const checked = await encryptor.verifyMany(letters, [right, { ...right, message: bytes("another") }]);
  assert.deepEqual(checked.items.map((item) => item.valid), [true, false]);
  assert.equal((await encryptor.signMany(letters, [{ message: bytes("a letter") }])).items.length, 1);
  assert.match((await encryptor.listPublicKeys(letters)).items[0]?.pem ?? "", /BEGIN PUBLIC KEY/);

  const browsers = await admin.createKey({ name: unique("browsers"), purpose: "client-encryption" });
  const jwks = await client("acme-tokenizer").getJwks(browsers.name);
  assert.deepEqual(jwks.keys.map((key) => [key.kty, key.alg]), [["EC", "ECDH-ES"]]);

  const key = (await admin.createKey({ name: unique("customers"), purpose: "field-encryption" })).name;
  const document = { id: 42, name: "A N Other", born: 1980, tags: ["a", null] };
  const fields = ["/name", "/born", "/tags/*"];
  const sealed = await encryptor.encryptDocument({ key, fields, document });
  assert.equal(sealed.values, 4);
  assert.ok(!JSON.stringify(sealed.document).includes("Other"));
  await admin.rotateKey(key);
  const renewed = await decryptor.reencryptDocument({ key, fields, document: sealed.document });
  assert.equal(renewed.key_version, 2);
  const opened = await decryptor.decryptDocument({ key, fields, document: renewed.document });
  assert.deepEqual(opened.document, document);
});

test("a partner gets the card and the caller a token in its place", async () => {
  const { token } = await client("acme-tokenizer").createToken(card());
  const wanted = {
    destination: "partner",
    method: "POST",
    path: "/v1/payments",
    content_type: "application/json",
    body: '{"number":"{{card.number}}"}',
    tokens: { card: token },
    purpose: "authorisation",
  } as const;
  const { asked, close } = await partner();
  const gateway = client("acme-gateway").withIdempotencyKey(unique("payment"));
  const answer = await gateway.forward(wanted);
  assert.equal((await gateway.forward(wanted)).status, 201);
  close();
  assert.equal(asked.length, 1);
  assert.ok(!asked[0]?.includes(token));
  assert.deepEqual(JSON.parse(answer.body?.expose() ?? "null"), { number: token });
  assert.deepEqual(answer.retokenized, [token]);
  await assert.rejects(client("acme-gateway").forward({ ...wanted, destination: "nowhere" }), VaultError);
});

test("many cards go in one request and each has its own result", async () => {
  const [tokenizer, detokenizer] = [client("acme-tokenizer"), client("acme-detokenizer")];
  const numbers = [cardNumber(), cardNumber(), cardNumber()];
  const made = await tokenizer.createTokens([...numbers.map((number) => card(number)), card("4111111111111112")]);
  assert.deepEqual(made.items.map((item) => item.status), [201, 201, 201, 422]);
  assert.equal(made.items[3]?.error?.code, "card_number_invalid");
  const tokens = made.items.flatMap((item) => item.token?.token ?? []);
  const shown = await detokenizer.detokenizeTokens([...tokens, "999999999999999999"], "settlement", "full");
  assert.deepEqual(shown.items.map((item) => item.status), [200, 200, 200, 404]);
  assert.deepEqual(shown.items.flatMap((item) => item.card?.number.expose() ?? []), numbers);
});

test("tokens are found by value and listed page by page", async () => {
  const tokenizer = client("acme-tokenizer");
  const wanted = { name: unique("same"), reuse: "deterministic", ttl_seconds: 86_400 } as const;
  const profile = await client("acme-key-admin").createProfile(wanted);
  const number = cardNumber();
  const token = await tokenizer.createToken({ type: "card", card: { number }, profile: profile.name });
  assert.ok(token.expires_at);
  const found = await tokenizer.searchTokens({ type: "card", card: { number }, profile: profile.name });
  assert.deepEqual(found.items.map((one) => one.token), [token.token]);

  const others = (await tokenizer.createTokens([card(), card(), card()])).items.map((item) => item.token?.token);
  const page = await tokenizer.listTokens({ limit: 2 });
  assert.equal(page.items.length, 2);
  assert.ok(page.next_cursor);
  const listed = (await collected(tokenizer.tokens({ limit: 2 }))).map((one) => one.token);
  assert.equal(new Set(listed).size, listed.length);
  assert.ok([...others, token.token].every((one) => one !== undefined && listed.includes(one)));
});

test("aliases and tags name and group tokens", async () => {
  const [tokenizer, detokenizer] = [client("acme-tokenizer"), client("acme-detokenizer")];
  const [name, tag, number] = [`${unique("customer")}/card-1`, unique("cohort").slice(0, 32), cardNumber()];
  const request = { type: "card", card: { number }, aliases: [name], tags: [tag] } as const;
  const made = await tokenizer.createToken(request);
  assert.deepEqual([made.aliases, made.tags], [[name], [tag]]);
  assert.equal((await tokenizer.getToken(`alias:${name}`)).token, made.token);
  const full = await detokenizer.detokenizeToken(`alias:${name}`, "authorisation", "full");
  assert.equal(full.card?.number.expose(), number);
  const many = await detokenizer.detokenizeTokens([`alias:${name}`, "alias:nobody"], "display", "masked");
  assert.deepEqual(many.items.map((item) => item.status), [200, 404]);
  await assert.rejects(tokenizer.createToken(request), (error: unknown) => {
    assert.ok(error instanceof VaultError);
    assert.deepEqual([error.status, error.code], [409, "alias_taken"]);
    return true;
  });
  const found = await collected(tokenizer.tokens({ tag, bin: number.slice(0, 6), type: "card", state: "active" }));
  assert.deepEqual(found.map((one) => one.token), [made.token]);
  const change = { aliases: { remove: [name] }, tags: { add: ["other"], remove: [tag] } };
  const changed = await tokenizer.updateToken(`alias:${name}`, change);
  assert.deepEqual([changed.aliases, changed.tags], [undefined, ["other"]]);
});

test("profiles", async () => {
  const admin = client("acme-key-admin");
  const wanted = { name: unique("shaped"), format: "card", keep: "4/4", single_use: true } as const;
  const made = await admin.createProfile(wanted);
  assert.deepEqual([made.format, made.keep, made.single_use, made.ttl_seconds], ["card", "4/4", true, undefined]);
  assert.deepEqual(await admin.getProfile(made.name), made);
  assert.ok((await collected(admin.profiles({ limit: 1 }))).some((one) => one.name === made.name));
  assert.equal((await admin.listProfiles({ limit: 1 })).items.length, 1);
});

test("keys", async () => {
  const admin = client("acme-key-admin");
  const made = await admin.createKey({ name: unique("notes"), purpose: "field-encryption", rotation_days: 90 });
  assert.deepEqual([made.purpose, made.rotation_days, made.current_version], ["field-encryption", 90, 1]);
  assert.deepEqual(await admin.getKey(made.name), made);
  assert.deepEqual((await admin.rotateKey(made.name)).versions.map((version) => version.version), [1, 2]);
  assert.ok((await collected(admin.keys({ limit: 1 }))).some((one) => one.name === made.name));
  assert.equal((await admin.listKeys({ limit: 1 })).items.length, 1);
});

test("fields", async () => {
  const [encryptor, decryptor, admin] = [client("acme-encryptor"), client("acme-decryptor"), client("acme-key-admin")];
  const key = (await admin.createKey({ name: unique("fields"), purpose: "field-encryption" })).name;
  const context = { record: "42", field: "note" };
  const plaintext = Uint8Array.from({ length: 256 }, (_, at) => at);
  const { ciphertext, key_version } = await encryptor.encrypt(key, { plaintext, context });
  assert.equal(key_version, 1);
  const opened = await decryptor.decrypt(key, { ciphertext, context });
  assert.deepEqual(opened.plaintext.expose(), plaintext);
  assert.ok(inspect(opened).includes("SecretBytes([secret])"));

  await admin.rotateKey(key);
  assert.equal((await decryptor.reencrypt(key, { ciphertext, context })).key_version, 2);
  const moved = await decryptor.reencryptMany(key, [{ ciphertext, context }, { ciphertext }]);
  assert.deepEqual(moved.items.map((item) => item.error?.code), [undefined, "context_mismatch"]);

  const secret = new SecretBytes(plaintext);
  const many = await encryptor.encryptMany(key, [{ plaintext: new Uint8Array(0) }, { plaintext: secret }]);
  const items = many.items.map((item) => ({ ciphertext: item.ciphertext ?? new Uint8Array(0) }));
  const read = await decryptor.decryptMany(key, items);
  assert.deepEqual(read.items.map((item) => item.plaintext?.expose()), [new Uint8Array(0), plaintext]);
});

test("lookup", async () => {
  const [encryptor, decryptor, admin] = [client("acme-encryptor"), client("acme-decryptor"), client("acme-key-admin")];
  const key = (await admin.createKey({ name: unique("emails"), purpose: "deterministic-encryption" })).name;
  const item = { plaintext: bytes("a@example.com") };
  const sealed = await encryptor.encrypt(key, item);
  await admin.rotateKey(key);
  const found = await decryptor.lookup(key, item);
  assert.deepEqual(found.ciphertexts.map((one) => one.key_version), [2, 1]);
  assert.deepEqual(found.ciphertexts[1], sealed);
  const many = await decryptor.lookupMany(key, [item, { plaintext: bytes("b@example.com") }]);
  assert.deepEqual(many.items[0]?.ciphertexts, found.ciphertexts);
});

test("codes and data keys", async () => {
  const [encryptor, decryptor, admin] = [client("acme-encryptor"), client("acme-decryptor"), client("acme-key-admin")];
  const orders = (await admin.createKey({ name: unique("orders"), purpose: "mac" })).name;
  const data = bytes("an order");
  const { mac } = await encryptor.mac(orders, { data });
  assert.deepEqual(await decryptor.verifyMac(orders, { data, mac }), { valid: true, key_version: 1 });
  assert.equal((await decryptor.verifyMac(orders, { data: bytes("another"), mac })).valid, false);
  const codes = await encryptor.macMany(orders, [{ data }, { data: bytes("another") }]);
  assert.deepEqual(codes.items[0]?.mac, mac);
  const verified = await decryptor.verifyMacMany(orders, [{ data, mac }, { data: bytes("another"), mac }]);
  assert.deepEqual(verified.items.map((item) => item.valid), [true, false]);

  const files = (await admin.createKey({ name: unique("files"), purpose: "field-encryption" })).name;
  const context = { file: "a" };
  const made = await encryptor.createDataKey(files, { length: 16, context });
  assert.equal(made.plaintext.expose().length, 16);
  assert.equal((await encryptor.createDataKey(files)).plaintext.expose().length, 32);
  const again = await decryptor.decrypt(files, { ciphertext: made.ciphertext, context });
  assert.deepEqual(again.plaintext.expose(), made.plaintext.expose());
});

test("identities and grants", async () => {
  const admin = client("acme-identity-admin");
  const made = await admin.createIdentity({ service: unique("till"), reason: "a new till" });
  assert.ok(made.spiffe_id.endsWith(made.service));
  const wanted = { role: "tokenizer", reason: "it takes cards", expires_at: "2099-01-01T00:00:00Z" } as const;
  const grant = await admin.createGrant(made.service, wanted);
  assert.deepEqual([grant.role, grant.reason], ["tokenizer", "it takes cards"]);
  assert.deepEqual((await admin.getIdentity(made.service)).grants.map((one) => one.id), [grant.id]);
  assert.ok((await admin.revokeGrant(made.service, grant.id)).revoked_at);
  assert.ok((await admin.disableIdentity(made.service)).disabled_at);
  assert.ok((await collected(admin.identities({ limit: 5 }))).some((one) => one.service === made.service));
  assert.equal((await admin.listIdentities({ limit: 1 })).items.length, 1);
});

test("values encrypted to the caller", async () => {
  const [admin, detokenizer] = [client("acme-identity-admin"), client("acme-detokenizer")];
  // RFC 7517, appendix A.1.
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  };
  const made = await admin.createEncryptionKey("detokenizer", { jwk, reason: "it opens cards" });
  assert.equal(made.jwk.x, jwk.x);
  const { token } = await client("acme-tokenizer").createToken(card());
  const one = await detokenizer.detokenizeToken(token, "refund", "full", made.kid);
  assert.equal(one.card, undefined);
  assert.equal(one.encrypted_value?.split(".").length, 5);
  const many = await detokenizer.detokenizeTokens([token], "refund", "full", "newest");
  assert.ok(many.items[0]?.encrypted_value);
  assert.ok((await admin.listEncryptionKeys("detokenizer")).items.some((key) => key.kid === made.kid));
  assert.ok((await admin.revokeEncryptionKey("detokenizer", made.kid)).revoked_at);
  await assert.rejects(detokenizer.detokenizeToken(token, "refund", "full", made.kid), { code: "encryption_key_unusable" });
});

test("limits and honeytokens", async () => {
  const admin = client("acme-identity-admin");
  const made = await admin.createIdentity({ service: unique("till"), reason: "a new till" });
  assert.deepEqual((await admin.getVelocityLimits(made.service)).limits, []);
  const limit = { kind: "reveal", purpose: "refund", items: 5, window_seconds: 60 } as const;
  const limits = await admin.setVelocityLimits(made.service, { limits: [limit] });
  assert.deepEqual(limits.limits, [limit]);
  assert.equal(limits.defaults.length, 4);
  const { token } = await client("acme-tokenizer").createToken(card());
  const marked = await admin.createHoneytoken({ token, reason: "nobody has business with it" });
  assert.ok((await collected(admin.honeytokens({ limit: 5 }))).some((one) => one.id === marked.id));
  assert.equal((await admin.listHoneytokens({ limit: 1 })).items.length, 1);
  await client("acme-detokenizer").detokenizeToken(token, "refund", "masked");
  const alarms = await client("acme-auditor").searchAuditEvents({ action: "alarm.raised", object: token });
  assert.deepEqual(alarms.items.map((one) => one.outcome), ["honeytoken_used"]);
  assert.ok((await admin.withdrawHoneytoken(marked.id)).withdrawn_at);
});

test("the record", async () => {
  const { token } = await client("acme-tokenizer").createToken(card());
  await client("acme-detokenizer").detokenizeToken(token, "refund", "masked");
  const auditor = client("acme-auditor");
  const query = { action: "token.detokenize", object: token, from: "2020-01-01T00:00:00Z", limit: 1 };
  const page = await auditor.searchAuditEvents(query);
  assert.deepEqual(page.items.map((one) => [one.outcome, one.purpose]), [["success", "refund"]]);
  assert.deepEqual((await collected(auditor.auditEvents(query))).map((one) => one.object), [token]);
  assert.deepEqual(await collected(auditor.auditEvents({ object: unique("nothing") })), []);

  const platform = client("platform-auditor");
  const parts = await collected(await platform.exportAudit());
  const lines = Buffer.concat(parts).toString("utf8").trim().split("\n");
  assert.ok(lines.map((line) => JSON.parse(line) as unknown).length > 2);
  for await (const part of await platform.exportAudit()) {
    assert.ok(part.length > 0);
    break;
  }
  (await platform.exportAudit()).close();
  assert.ok((await platform.getCheckpoints()).checkpoints.length > 0);
});

test("the node", async () => {
  const status = await client("acme-operator").getStatus();
  assert.deepEqual([status.hsm.health, status.store.ready, status.audit.ready], ["ready", true, true]);
  assert.equal((await client("acme-tokenizer").getOpenapi())["openapi"], "3.1.0");
});

test("a key of the caller's own gives the first answer again", async () => {
  const tokenizer = client("acme-tokenizer");
  const mine = tokenizer.withIdempotencyKey(unique("order"));
  const request = card();
  assert.deepEqual(await mine.createToken(request), await mine.createToken(request));
  await mine.createToken(card()).then(
    () => assert.ok(false),
    (error) => assert.deepEqual([error.status, error.code], [422, "idempotency_conflict"]),
  );
  assert.notEqual((await tokenizer.createToken(request)).token, (await tokenizer.createToken(request)).token);
  for (const wrong of ["short", "with a space", "ä".repeat(10), "x".repeat(129)]) {
    assert.throws(() => tokenizer.withIdempotencyKey(wrong), RequestError);
  }
});

test("calls may overlap", async () => {
  const tokenizer = client("acme-tokenizer");
  const made = await Promise.all(Array.from({ length: 32 }, () => tokenizer.createToken(card())));
  assert.equal(new Set(made.map((one) => one.token)).size, 32);
});
