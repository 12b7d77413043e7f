// One try: a request on a connection, and its answer as it comes.

import type { ClientRequest, IncomingMessage } from "node:http";
import { type Agent, request } from "node:https";

import { AnswerError, type Failure, TransportError } from "./errors.js";

/** More than any answer but an export has. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** What goes out. */
export interface Outgoing {
  readonly hostname: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: { [name: string]: string | number };
  readonly body: Uint8Array | undefined;
}

/** An answer on its way. */
export class Answer {
  readonly status: number;
  readonly #attempt: Attempt;
  readonly #response: IncomingMessage;

  constructor(attempt: Attempt, response: IncomingMessage) {
    this.status = response.statusCode ?? 0;
    this.#attempt = attempt;
    this.#response = response;
  }

  header(name: string): string {
    return this.#response.headers[name] ?? "";
  }

  /**
   * The parts. One that breaks off is an error, never an end. With a patience, each part has that long; without, all of
   * them have what is left for the try.
   */
  async *parts(patienceMs?: number): AsyncGenerator<Uint8Array, void, void> {
    if (this.status !== 204 && this.header("content-length") === "" && this.header("transfer-encoding") === "") {
      // Where it ends could not be told from where it was cut.
      this.close();
      throw new AnswerError(this.status);
    }
    let isWhole = false;
    try {
      this.#attempt.wait(patienceMs);
      for await (const part of this.#response) {
        if (patienceMs !== undefined) {
          this.rest();
        }
        yield part;
        this.#attempt.wait(patienceMs);
      }
      isWhole = true;
    } catch {
      throw new TransportError(this.#attempt.failure());
    } finally {
      this.rest();
      if (!isWhole) {
        this.close();
      }
    }
  }

  async whole(): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of this.parts()) {
      length += part.length;
      if (length > MAX_ANSWER) {
        throw new AnswerError(this.status);
      }
      parts.push(part);
    }
    return parts;
  }

  /** Nothing is waited for. */
  rest(): void {
    this.#attempt.rest();
  }

  /** Ends it early. */
  close(): void {
    this.#attempt.end();
  }
}

/** A request under way. */
export class Attempt {
  readonly #request: ClientRequest;
  #timer: unknown;
  #isLate = false;
  #isConnected = false;
  #code = "";

  constructor(agent: Agent, outgoing: Outgoing, timeoutMs: number) {
    const { body, ...head } = outgoing;
    this.#request = request({ agent, ...head });
    this.#request.once("socket", (socket) => {
      this.#isConnected = this.#request.reusedSocket;
      if (!this.#isConnected) {
        socket.once("secureConnect", () => {
          this.#isConnected = true;
        });
      }
    });
    this.wait(timeoutMs);
    this.#request.end(body);
  }

  /** Up to the head of the answer. */
  async answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#request.once("response", (response) => resolve(new Answer(this, response)));
      this.#request.on("error", (error) => {
        this.#code ||= error.code ?? "";
        this.rest();
        reject(new TransportError(this.failure()));
      });
    });
  }

  /** Begins to wait for so long; for as long as before if nothing is said. */
  wait(timeoutMs?: number): void {
    if (timeoutMs === undefined) {
      return;
    }
    this.rest();
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#request.destroy();
    }, timeoutMs);
  }

  /** Nothing is waited for. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /** Gives the connection up. */
  end(): void {
    this.rest();
    this.#request.destroy();
  }

  /** Where it got lost. */
  failure(): Failure {
    if (isOfTls(this.#code)) {
      return "tls";
    }
    if (!this.#isConnected) {
      return "connect";
    }
    return this.#isLate ? "timeout" : "interrupted";
  }
}

/**
 * Whether TLS is what failed, by Node's name for it. With TLS 1.3 the vault's refusal of a certificate comes after the
 * handshake, so this may turn up on a connection that seemed to stand.
 */
function isOfTls(code: string): boolean {
  return /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|INVALID_|EPROTO)/.test(code);
}
