// What a call can end with when it does not end well. Nothing here holds what was sent, nor an address.

import type { Problem } from "./types.js";

/** Any error of a call. */
export class StrongroomError extends Error {
  override name = "StrongroomError";
}

/** The vault refused, or failed, and says why. Its text repeats nothing of what was sent. */
export class VaultError extends StrongroomError {
  override name = "VaultError";
  readonly status: number;
  /** What went wrong, for programs. Stable; more may be added. */
  readonly code: string;
  readonly detail: string;
  /** Names the request in the vault's log and audit record. */
  readonly requestId: string;
  /** Whether the same request may go through later. By then it was tried as often as the client's policy says. */
  readonly retryable: boolean;
  /** What the vault asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** JSON pointer to the offending field of the request, if it was one. */
  readonly pointer: string | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.code}: ${problem.detail ?? ""} (${problem.request_id ?? ""})`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail ?? "";
    this.requestId = problem.request_id ?? "";
    this.retryable = problem.retryable ?? false;
    this.retryAfterMs = retryAfterMs;
    this.pointer = problem.pointer;
  }
}

/** Where on the way something was lost. */
export type Failure =
  /** No connection came about; nothing was sent. */
  | "connect"
  /** The two sides do not accept each other's certificates or protocol. */
  | "tls"
  /** No answer within the time for it. The request may have been carried out. */
  | "timeout"
  /** The connection broke. The request may have been carried out. */
  | "interrupted";

const SAID: Readonly<Record<Failure, string>> = {
  connect: "the vault cannot be reached",
  tls: "the vault and this client do not accept each other in TLS",
  timeout: "the vault did not answer in time; the request may have been carried out",
  interrupted: "the connection broke; the request may have been carried out",
};

/** The request or its answer got lost on the way. */
export class TransportError extends StrongroomError {
  override name = "TransportError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(SAID[failure]);
    this.failure = failure;
  }
}

/** Something answered, but not as this API does: a proxy, or a vault of another time. */
export class AnswerError extends StrongroomError {
  override name = "AnswerError";
  readonly status: number;

  constructor(status: number) {
    super(`the answer with status ${status} is not one of this API`);
    this.status = status;
  }
}

/** The request cannot be sent as it is. */
export class RequestError extends StrongroomError {
  override name = "RequestError";
}
