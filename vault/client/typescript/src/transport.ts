// Sending calls and reading answers.

import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { Agent } from "node:https";
import { createSecureContext } from "node:tls";

import { type Answer, Attempt, type Outgoing } from "./attempt.js";
import { AnswerError, RequestError, VaultError } from "./errors.js";
import type { Operation } from "./operations.js";
import type { ClientOptions, Pem } from "./options.js";
import { completed, type Policy, Tries } from "./retry.js";
import { readProblem } from "./types.js";
import { VERSION } from "./version.js";
import { written } from "./wire.js";

/** One call, as its method says it. */
export interface Call {
  readonly operation: Operation;
  readonly parameters?: readonly string[];
  readonly query?: { readonly [name: string]: string | number | undefined };
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
}

/** A body that is no JSON: lines of a file. */
export class Lines {
  constructor(
    readonly contentType: string,
    readonly lines: Uint8Array,
  ) {}
}

/** Shorter than the vault keeps an idle connection, so that the last word on it is ours. */
const IDLE_MS = 45_000;

/** As many idle connections are kept at most. */
const KEPT = 16;

/**
 * The connections to a vault.
 *
 * @internal
 */
export class Transport {
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #policy: Policy;

  constructor(options: ClientOptions) {
    this.#url = addressOf(options.url);
    this.#policy = completed(options.policy ?? {});
    this.#agent = agentOf(options);
  }

  /** How long to wait for the next part of a stream. */
  get patienceMs(): number {
    return this.#policy.attemptTimeoutMs;
  }

  /** Sends a call and reads its whole answer. */
  async send<T>(call: Call, read: (value: unknown) => T): Promise<T> {
    return this.#tried(call, async (answer) => parsed(answer.status, await answer.whole(), read));
  }

  /** Sends a call and leaves its answer to be read as it comes. */
  async open(call: Call): Promise<Answer> {
    return this.#tried(call, async (answer) => {
      answer.rest();
      return answer;
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** All tries have the same body, and the same `Idempotency-Key`. */
  async #tried<T>(call: Call, use: (answer: Answer) => Promise<T>): Promise<T> {
    const outgoing = this.#outgoing(call);
    const tries = new Tries(this.#policy, call.operation);
    for (;;) {
      try {
        return await use(await this.#answer(outgoing, tries.attemptTimeoutMs()));
      } catch (error) {
        if (!(await tries.pause(error))) {
          throw error;
        }
      }
    }
  }

  /** One try, up to the head of the answer; of a refusal, also the body. */
  async #answer(outgoing: Outgoing, timeoutMs: number): Promise<Answer> {
    const answer = await new Attempt(this.#agent, outgoing, timeoutMs).answer();
    if (answer.status >= 200 && answer.status < 300) {
      return answer;
    }
    const body = await answer.whole();
    const type = answer.header("content-type").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/problem+json") {
      throw new AnswerError(answer.status);
    }
    throw new VaultError(parsed(answer.status, body, readProblem), retryAfterMs(answer.header("retry-after")));
  }

  #outgoing({ operation, parameters, query, body, idempotencyKey }: Call): Outgoing {
    const headers: { [name: string]: string | number } = {
      accept: "application/json, application/problem+json, application/x-ndjson",
      "user-agent": `strongroom-typescript/${VERSION}`,
    };
    if (operation.creates) {
      headers["idempotency-key"] = idempotencyKey ?? randomUUID();
    }
    const sent = body === undefined ? undefined : body instanceof Lines ? body.lines : jsonOf(body);
    if (sent !== undefined) {
      if (sent.length > operation.bodyCap) {
        throw new RequestError("the request is larger than this call allows; send it in parts");
      }
      headers["content-type"] = body instanceof Lines ? body.contentType : "application/json";
    }
    if (operation.method === "POST") {
      headers["content-length"] = sent?.length ?? 0;
    }
    return {
      // An IPv6 address stands in brackets in an address only.
      hostname: this.#url.hostname.replace(/^\[|\]$/g, ""),
      port: this.#url.port === "" ? 443 : Number(this.#url.port),
      method: operation.method,
      path: this.#url.pathname.replace(/\/+$/, "") + pathOf(operation, parameters ?? []) + queryOf(query ?? {}),
      headers,
      body: sent,
    };
  }
}

/** TLS 1.3 only. The system's authorities are not trusted; the vault must be named in its certificate. */
function agentOf({ ca, certificate, privateKey }: ClientOptions): Agent {
  // An empty list would mean the system's.
  if (!isPem(ca, "CERTIFICATE") || !isPem(certificate, "CERTIFICATE") || !isPem(privateKey, "PRIVATE KEY")) {
    throw new TypeError("ca and certificate must hold certificates and privateKey a private key, in PEM");
  }
  const minVersion = "TLSv1.3" as const;
  return new Agent({
    keepAlive: true,
    maxFreeSockets: KEPT,
    timeout: IDLE_MS,
    scheduling: "lifo",
    secureContext: createSecureContext({ ca, cert: certificate, key: privateKey, minVersion }),
    minVersion,
    // Said here, so that nothing in the environment says otherwise.
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
  });
}

function isPem(pem: Pem, what: string): boolean {
  const text = typeof pem === "string" ? pem : Buffer.from(pem).toString("latin1");
  return /-----BEGIN ([A-Z ]+)-----/.exec(text)?.[1]?.endsWith(what) === true;
}

function addressOf(url: string): URL {
  let parsedUrl: URL | undefined;
  try {
    parsedUrl = new URL(url);
  } catch {
    // Said below.
  }
  const extra = parsedUrl && parsedUrl.search + parsedUrl.hash + parsedUrl.username + parsedUrl.password;
  if (parsedUrl?.protocol !== "https:" || extra !== "") {
    throw new TypeError("url must be an https address without query");
  }
  return parsedUrl;
}

function pathOf(operation: Operation, parameters: readonly string[]): string {
  const given = parameters[Symbol.iterator]();
  const parts = operation.path.split("/").map((part) => {
    if (!part.startsWith("{")) {
      return part;
    }
    const parameter: string = given.next().value ?? "";
    // These would be read as "here" and "one up", not as names.
    if (["", ".", ".."].includes(parameter)) {
      throw new RequestError("a part of the address is empty or dots");
    }
    return encoded(parameter);
  });
  return parts.join("/");
}

function encoded(parameter: string): string {
  try {
    return encodeURIComponent(parameter);
  } catch {
    throw new RequestError("a part of the address is no text");
  }
}

function queryOf(query: { readonly [name: string]: string | number | undefined }): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      pairs.append(name, String(value));
    }
  }
  const text = pairs.toString();
  return text === "" ? "" : `?${text}`;
}

function jsonOf(body: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(written(body)), "utf8");
  } catch {
    throw new RequestError("the request cannot be written as JSON");
  }
}

/** The seconds of `Retry-After`. Its other form, a date, is not used by the vault. */
function retryAfterMs(header: string): number | undefined {
  return /^\s*[0-9]{1,9}\s*$/.test(header) ? Number(header) * 1000 : undefined;
}

/** A body as what it should be. The parser's errors quote the body, so none of them gets out. */
function parsed<T>(status: number, body: readonly Uint8Array[], read: (value: unknown) => T): T {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(body));
    return read(text === "" ? undefined : JSON.parse(text));
  } catch {
    throw new AnswerError(status);
  }
}
