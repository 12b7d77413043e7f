// When a call is tried again, how often, and that nothing happens twice.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Test, test } from "node:test";
import { inspect } from "node:util";

import { AnswerError, type Client, RequestError, TransportError, VaultError } from "../src/index.js";
import { OPERATIONS } from "../src/operations.js";
import { DEFAULT_POLICY, isRepeatable, jitteredMs, Tries } from "../src/retry.js";
import { type Asked, problem, type Reply, reply, StandIn } from "./stand-in.js";
import { card, client, collected, CuttingProxy, unique } from "./vault.js";

const KEY = {
  id: "key_0123456789abcdef",
  name: "notes",
  purpose: "field-encryption",
  protection: "envelope",
  rotation_days: 365,
  created_at: "2026-11-22T15:00:00Z",
  current_version: 1,
  versions: [],
  of_a_newer_vault: { a: [1] },
};
const CREATE = { name: "notes", purpose: "field-encryption" } as const;
const REVEALED = { token: `tok_${"0".repeat(32)}`, type: "card", card: { number: "4111111111111111" } };

const soon = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.ok(false, "nothing went wrong"),
    (error: unknown) => error,
  );
}

// Against the vault: the answer is lost between it and the client, after it has done what was asked.

async function through(t: Test, identity: string): Promise<{ proxy: CuttingProxy; caller: Client }> {
  const proxy = await CuttingProxy.start();
  t.after(() => proxy.close());
  const caller = client(identity, { url: proxy.url });
  // The connection stands from here on.
  await caller.getOpenapi();
  proxy.cutNextAnswer();
  return { proxy, caller };
}

async function tokensOf(order: string): Promise<string[]> {
  const all = await collected(client("acme-tokenizer").tokens({ limit: 1000 }));
  return all.filter((one) => one.metadata?.["order"] === order).map((one) => one.token);
}

test("one token is made although its answer was lost", async (t) => {
  const order = unique("order");
  const { proxy, caller } = await through(t, "acme-tokenizer");
  const made = await caller.createToken(card(undefined, { order }));
  assert.equal(proxy.cuts, 1);
  assert.deepEqual(await tokensOf(order), [made.token]);
});

test("a batch is made once", async (t) => {
  const order = unique("order");
  const { proxy, caller } = await through(t, "acme-tokenizer");
  const made = await caller.createTokens(Array.from({ length: 20 }, () => card(undefined, { order })));
  assert.equal(proxy.cuts, 1);
  const tokens = made.items.map((item) => item.token?.token);
  assert.deepEqual((await tokensOf(order)).sort(), tokens.sort());
});

test("a key is rotated once", async (t) => {
  const key = (await client("acme-key-admin").createKey({ name: unique("cut"), purpose: "mac" })).name;
  const { proxy, caller } = await through(t, "acme-key-admin");
  assert.equal((await caller.rotateKey(key)).current_version, 2);
  assert.equal(proxy.cuts, 1);
  assert.equal((await client("acme-key-admin").getKey(key)).current_version, 2);
});

test("a reveal whose answer was lost is not asked for again", async (t) => {
  const { token } = await client("acme-tokenizer").createToken(card());
  const { caller } = await through(t, "acme-detokenizer");
  const error = await thrown(caller.detokenizeToken(token, "refund", "full"));
  assert.ok(error instanceof TransportError && error.failure === "interrupted", inspect(error));
  const events = await client("acme-auditor").searchAuditEvents({ action: "token.detokenize", object: token });
  assert.equal(events.items.length, 1);
});

// Against a stand-in: what a vault in good health cannot be asked for.

test("a creating call is repeated under one key", async (t) => {
  const later = problem(503, "hsm_unavailable", true, "retry-after: 0");
  for (const hindrance of [later, "hang up", reply(502, "", "text/html")]) {
    const vault = await StandIn.start(t, hindrance, reply(201, KEY));
    await vault.client().createKey(CREATE);
    const [first, second] = vault.asked as [Asked, Asked];
    assert.equal(first.body, '{"name":"notes","purpose":"field-encryption"}');
    assert.equal(first.body, second.body);
    assert.match(first.headers["idempotency-key"] ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(first.headers["idempotency-key"], second.headers["idempotency-key"]);
  }
});

test("only creating calls carry a key and each its own", async (t) => {
  const vault = await StandIn.start(t, reply(200, KEY));
  const caller = vault.client();
  await caller.createKey(CREATE);
  await caller.rotateKey("notes");
  await caller.getKey("notes");
  const keys = vault.asked.map((asked) => asked.headers["idempotency-key"]);
  assert.equal(keys[2], undefined);
  assert.equal(new Set(keys).size, 3);
  assert.equal(vault.asked[1]?.headers["content-length"], "0");
  assert.equal(vault.connections, 1);
});

test("a lost reveal is not asked for again", async (t) => {
  for (const loss of ["hang up", reply(502, "", "text/html"), reply(200, '{"token"')]) {
    const vault = await StandIn.start(t, loss, reply(200, REVEALED));
    await thrown(vault.client().detokenizeToken("tok_1", "refund", "full"));
    assert.equal(vault.asked.length, 1);
  }
});

test("a refusal that says later is tried four times and then told", async (t) => {
  const vault = await StandIn.start(t, problem(503, "overloaded", true));
  const error = await thrown(vault.client().detokenizeToken("tok_1", "refund", "full"));
  assert.ok(error instanceof VaultError && error.retryable);
  assert.equal(vault.asked.length, 4);
});

test("a refusal for good is told at once", async (t) => {
  const vault = await StandIn.start(t, problem(409, "already_exists", false));
  assert.ok((await thrown(vault.client().createKey(CREATE))) instanceof VaultError);
  assert.equal(vault.asked.length, 1);
});

test("what the vault asks to wait is waited for", async (t) => {
  const vault = await StandIn.start(t, problem(429, "velocity_exceeded", true, "retry-after: 1"), reply(200, KEY));
  await vault.client().getKey("notes");
  const [first, second] = vault.asked as [Asked, Asked];
  // A timer may go off within the millisecond before.
  assert.ok(second.at - first.at >= 998, `${second.at - first.at}`);
});

test("all tries together have a deadline", async (t) => {
  const refusing = await StandIn.start(t, problem(503, "overloaded", true, "retry-after: 60"));
  let began = performance.now();
  const error = await thrown(refusing.client().getKey("notes"));
  assert.ok(error instanceof VaultError && error.retryAfterMs === 60_000);
  assert.ok(performance.now() - began < 5_000);

  const silent = await StandIn.start(t, "silence");
  began = performance.now();
  const impatient = silent.client({ attemptTimeoutMs: 1_000, deadlineMs: 1_800, firstPauseMs: 1 });
  const late = await thrown(impatient.getKey("notes"));
  assert.ok(late instanceof TransportError && late.failure === "timeout", inspect(late));
  assert.ok(performance.now() - began < 10_000);
  assert.equal(silent.asked.length, 2);
});

test("an answer that drips is late all the same", async (t) => {
  const vault = await StandIn.start(t, (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    const drip = (): void => {
      if (socket.write(" ")) {
        setTimeout(drip, 100);
      }
    };
    drip();
  });
  const began = performance.now();
  const late = await thrown(vault.client({ attempts: 1, attemptTimeoutMs: 1_500 }).getKey("notes"));
  assert.ok(late instanceof TransportError && late.failure === "timeout", inspect(late));
  assert.ok(performance.now() - began < 10_000);
});

test("what is not of this API is called so", async (t) => {
  const answers: [number, Reply][] = [
    [200, reply(200, "<html>4111111111111111</html>", "text/html")],
    [200, reply(200, { name: 7 })],
    [200, reply(200, [])],
    [200, reply(200, "")],
    [200, (socket) => void socket.write(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n\xff", "utf8"))],
    [302, reply(302, "", "text/html", "location: https://127.0.0.1:1/")],
    [400, reply(400, "bad", "text/plain")],
    [403, reply(403, { code: 7 }, "application/problem+json")],
  ];
  for (const [status, said] of answers) {
    const vault = await StandIn.start(t, said);
    const error = await thrown(vault.client().getKey("notes"));
    assert.ok(error instanceof AnswerError, inspect(error));
    assert.equal(error.status, status);
    assert.ok(!inspect(error).includes("41111"));
    assert.equal(vault.asked.length, 1);
  }
});

test("an answer cut short is an error", async (t) => {
  const whole = reply(200, KEY, "application/json", "connection: close");
  const cut = await StandIn.start(t, whole.slice(0, -5));
  assert.ok((await thrown(cut.client().getKey("notes"))) instanceof TransportError);
  assert.equal(cut.asked.length, 4);

  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nabcde\r\n";
  const exported = async (said: string): Promise<string> => {
    const vault = await StandIn.start(t, said);
    return Buffer.concat(await collected(await vault.client().exportAudit())).toString("utf8");
  };
  assert.ok((await thrown(exported(chunked))) instanceof TransportError);
  assert.equal(await exported(`${chunked}0\r\n\r\n`), "abcde");
  const endless = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcde";
  assert.ok((await thrown(exported(endless))) instanceof AnswerError);
});

test("a connection that was closed is not used again", async (t) => {
  const leaving = await StandIn.start(t, reply(200, REVEALED, "application/json", "connection: close"));
  const silently = await StandIn.start(t, (socket) => void socket.end(reply(200, REVEALED)));
  for (const vault of [leaving, silently]) {
    const caller = vault.client();
    for (let call = 0; call < 3; call += 1) {
      // This one may not be repeated, so it must not meet a connection that is known to be gone.
      await caller.detokenizeToken("tok_1", "refund", "full");
      await soon(500);
    }
    assert.equal(vault.connections, 3);
  }
});

// The rules themselves.

test("a lost answer is asked for again only where nothing happens twice", () => {
  // A new call stands here or among those without effect, unless it is a GET or creates.
  const operations = Object.values(OPERATIONS);
  const acts = operations.filter((operation) => !isRepeatable(operation)).map((operation) => operation.name as string);
  const expected = [
    "delete_token", "detokenize_token", "detokenize_tokens", "disable_identity", "put_security_code", "report_authorisation",
    "revoke_encryption_key", "revoke_grant", "update_token",
  ];
  assert.deepEqual(acts.sort(), expected);
  for (const operation of operations) {
    const again = (error: unknown): boolean =>
      new Tries(DEFAULT_POLICY, operation, 1).nextPauseMs(error, 0.5) !== undefined;
    const isHarmless = !acts.includes(operation.name);
    assert.ok(again(new TransportError("connect")));
    assert.ok(!again(new TransportError("tls")));
    assert.equal(again(new TransportError("interrupted")), isHarmless);
    assert.equal(again(new TransportError("timeout")), isHarmless);
    assert.equal(again(new AnswerError(503)), isHarmless);
    assert.ok(!again(new AnswerError(500)));
    assert.ok(!again(new RequestError("no")));
  }
});

test("pauses double up to a bound and are random below it", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8].map((done) => jitteredMs(DEFAULT_POLICY, done, 1));
  assert.deepEqual(bounds, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assert.equal(jitteredMs(DEFAULT_POLICY, 100_000, 1), DEFAULT_POLICY.longestPauseMs);
  assert.equal(jitteredMs(DEFAULT_POLICY, 1, 0), 0);
});

test("what the vault asks for is the least", () => {
  const asked = new VaultError({ status: 503, code: "overloaded", retryable: true }, 7_000);
  const pause = (chance: number): unknown => new Tries(DEFAULT_POLICY, OPERATIONS.getKey, 1).nextPauseMs(asked, chance);
  assert.deepEqual([pause(0), pause(1)], [7_000, 7_100]);
});
