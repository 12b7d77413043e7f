// The vault that the tests run against, and a proxy before it that loses answers.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { env } from "node:process";

import { Client, type ClientOptions, type CreateToken } from "../src/index.js";

export const URL_OF_VAULT = fact("STRONGROOM_TEST_URL");
export const CA = readFileSync(fact("STRONGROOM_TEST_CA"));
export const SERVER_CERTIFICATE = readFileSync(fact("STRONGROOM_TEST_SERVER_CERTIFICATE"));
export const SERVER_KEY = readFileSync(fact("STRONGROOM_TEST_SERVER_KEY"));

const CLIENTS = fact("STRONGROOM_TEST_CLIENTS");

/** A client with one of the development certificates, such as `acme-tokenizer`. */
export function client(identity: string, other: Partial<ClientOptions> = {}): Client {
  return new Client({
    url: URL_OF_VAULT,
    ca: CA,
    certificate: readFileSync(`${CLIENTS}/${identity}.pem`),
    privateKey: readFileSync(`${CLIENTS}/${identity}.key`),
    policy: { attemptTimeoutMs: 30_000, deadlineMs: 60_000 },
    ...other,
  });
}

/** A name that no other run has. */
export function unique(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}${randomUUID().slice(0, 4)}`;
}

/** A card number nobody has. */
export function cardNumber(): string {
  const digits = [4, 0, 0, 0, 0, 0, ...Array.from({ length: 9 }, () => Math.floor(Math.random() * 10))];
  const sum = digits
    .map((digit, at) => (at % 2 === 0 ? digit * 2 : digit))
    .reduce((total, digit) => total + (digit > 9 ? digit - 9 : digit), 0);
  return `${digits.join("")}${(10 - (sum % 10)) % 10}`;
}

export function card(number = cardNumber(), metadata: { [name: string]: string } = {}): CreateToken {
  return { type: "card", card: { number, exp_month: 12, exp_year: 2031, holder: "A N Other" }, metadata };
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

/**
 * Passes bytes on between clients and the vault. When told to, it drops the next answer and cuts the connection: the
 * vault has done what was asked, and the client does not get to know.
 */
export class CuttingProxy {
  cuts = 0;
  #isArmed = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((near) => {
      const far = connect(Number(URL_OF_VAULT.split(":")[2]), "127.0.0.1");
      near.on("data", (part) => void far.write(part));
      far.on("data", (part) => {
        if (this.#isArmed) {
          this.#isArmed = false;
          this.cuts += 1;
          near.destroy();
          far.destroy();
        } else {
          near.write(part);
        }
      });
      for (const [one, other] of [[near, far], [far, near]] as const) {
        one.on("error", () => void other.destroy());
        one.on("close", () => void other.destroy());
      }
    });
  }

  static async start(): Promise<CuttingProxy> {
    const proxy = new CuttingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#server.address().port}`;
  }

  /** For a connection that has answered before: its next bytes are the answer and no part of the handshake. */
  cutNextAnswer(): void {
    this.#isArmed = true;
  }

  close(): void {
    this.#server.close();
  }
}

/** An address where nothing listens. */
export async function closedUrl(): Promise<string> {
  const proxy = await CuttingProxy.start();
  const { url } = proxy;
  proxy.close();
  return url;
}

/** What whoever started the tests says. */
export function fact(name: string): string {
  const value = env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: these tests are started by cargo test -p strongroom-sdk-tests`);
  }
  return value;
}
