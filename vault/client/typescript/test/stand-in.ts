// A server that answers as it is told, for what a real vault does not do when asked: fail, be late, hang up.

import { Buffer } from "node:buffer";
import type { Server, Socket } from "node:net";
import type { Test } from "node:test";
import { createServer } from "node:tls";

import { type Client, type Policy } from "../src/index.js";
import { client, SERVER_CERTIFICATE, SERVER_KEY } from "./vault.js";

export const SWIFT: Partial<Policy> = {
  attemptTimeoutMs: 10_000,
  deadlineMs: 30_000,
  firstPauseMs: 1,
  longestPauseMs: 10,
};

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly at: number;
}

/** What to answer: bytes as they are, nothing and the end, nothing at all, or something of one's own. */
export type Reply = string | "hang up" | "silence" | ((socket: Socket) => void);

/** What is not as it should be. */
interface Peculiarities {
  readonly host?: string;
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
}

export function reply(status: number, body: unknown, type = "application/json", ...headers: string[]): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = Buffer.from(text, "utf8").length;
  const head = [`HTTP/1.1 ${status} As Told`, `content-length: ${length}`, `content-type: ${type}`, ...headers];
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}

export function problem(status: number, code: string, retryable: boolean, ...headers: string[]): string {
  const body = { status, code, detail: "as told", request_id: "req_1", retryable };
  return reply(status, body, "application/problem+json; charset=utf-8", ...headers);
}

/** Gives its replies one after the other, the last one for ever. */
export class StandIn {
  readonly asked: Asked[] = [];
  connections = 0;
  readonly #replies: Reply[];
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  readonly #host: string;

  private constructor(replies: Reply[], { host = "127.0.0.1", maxVersion = "TLSv1.3" }: Peculiarities) {
    this.#replies = replies;
    this.#host = host;
    this.#server = createServer({ cert: SERVER_CERTIFICATE, key: SERVER_KEY, maxVersion }, (socket) => {
      this.connections += 1;
      this.#sockets.push(socket);
      let read = "";
      socket.on("error", () => undefined);
      socket.on("data", (part) => {
        read += Buffer.from(part).toString("utf8");
        const asked = request(read);
        if (asked !== undefined) {
          read = "";
          this.asked.push(asked);
          this.#answer(socket);
        }
      });
    });
  }

  static async start(test: Test, ...replies: Reply[]): Promise<StandIn> {
    return StandIn.startPeculiar(test, {}, ...replies);
  }

  static async startPeculiar(test: Test, peculiar: Peculiarities, ...replies: Reply[]): Promise<StandIn> {
    const vault = new StandIn(replies, peculiar);
    await new Promise<void>((resolve) => vault.#server.listen(0, vault.#host, resolve));
    test.after(() => vault.close());
    return vault;
  }

  client(policy: Partial<Policy> = SWIFT): Client {
    return client("acme-tokenizer", { url: `https://${this.#host}:${this.#server.address().port}`, policy });
  }

  close(): void {
    this.#sockets.forEach((socket) => socket.destroy());
    this.#server.close();
  }

  #answer(socket: Socket): void {
    const said = (this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0]) ?? "hang up";
    if (said === "silence") {
      return;
    }
    if (typeof said !== "string") {
      said(socket);
    } else if (said === "hang up") {
      socket.destroy();
    } else if (said.includes("\r\nconnection: close\r\n")) {
      socket.end(said);
    } else {
      socket.write(said);
    }
  }
}

function request(read: string): Asked | undefined {
  const [head, body] = read.split("\r\n\r\n", 2);
  if (head === undefined || body === undefined) {
    return undefined;
  }
  const [first, ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  if (body.length < Number(headers["content-length"] ?? 0)) {
    return undefined;
  }
  const [method, target] = (first ?? "").split(" ");
  return { method: method ?? "", target: target ?? "", headers, body, at: performance.now() };
}
