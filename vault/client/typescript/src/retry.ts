// When to try again, and after how long. The rules are those of the Rust client (`vault/client/src/retry.rs`).

import { AnswerError, TransportError, VaultError } from "./errors.js";
import type { Operation } from "./operations.js";

/** How patient a client is. */
export interface Policy {
  /** How often a call is tried at most; 4 unless said otherwise. */
  readonly attempts: number;
  /** How long one try may take; 10 seconds unless said otherwise. */
  readonly attemptTimeoutMs: number;
  /** How long a call may take with all its tries; 30 seconds unless said otherwise. */
  readonly deadlineMs: number;
  /** The longest first pause between tries; the bound doubles with each. 100 milliseconds unless said otherwise. */
  readonly firstPauseMs: number;
  /** The longest pause of all; 5 seconds unless said otherwise. */
  readonly longestPauseMs: number;
}

export const DEFAULT_POLICY: Policy = {
  attempts: 4,
  attemptTimeoutMs: 10_000,
  deadlineMs: 30_000,
  firstPauseMs: 100,
  longestPauseMs: 5_000,
};

/**
 * Calls that change nothing although they are POSTs. Revealing is not among them: a token for single use is used up by
 * the first time.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "encrypt",
  "decrypt",
  "reencrypt",
  "lookup",
  "create_data_key",
  "mac",
  "verify_mac",
  "sign",
  "verify",
  "encrypt_document",
  "decrypt_document",
  "reencrypt_document",
  "search_tokens",
  "import_part",
  "complete_job",
  "cancel_job",
]);

/** The policy with what was left out; refuses what makes no sense. */
export function completed(given: Partial<Policy>): Policy {
  const policy = { ...DEFAULT_POLICY, ...given };
  const positive = [policy.attempts, policy.attemptTimeoutMs, policy.deadlineMs].every((value) => value > 0);
  if (!positive || !(policy.firstPauseMs >= 0) || !(policy.longestPauseMs >= 0)) {
    throw new TypeError("attempts, attemptTimeoutMs and deadlineMs must be more than zero, pauses not less");
  }
  return policy;
}

/** The tries of one call. */
export class Tries {
  readonly #policy: Policy;
  readonly #deadline: number;
  readonly #repeatable: boolean;
  #done: number;

  constructor(policy: Policy, operation: Operation, done = 0) {
    this.#policy = policy;
    this.#deadline = performance.now() + policy.deadlineMs;
    this.#repeatable = isRepeatable(operation);
    this.#done = done;
  }

  /** How long the next try may take. */
  attemptTimeoutMs(): number {
    return Math.min(this.#deadline - performance.now(), this.#policy.attemptTimeoutMs);
  }

  /** Waits for the next try; false if there is to be none. */
  async pause(error: unknown): Promise<boolean> {
    this.#done += 1;
    const pause = this.nextPauseMs(error, Math.random());
    if (pause === undefined || performance.now() + pause >= this.#deadline) {
      return false;
    }
    await new Promise<void>((resolve) => void setTimeout(resolve, pause));
    return true;
  }

  /** How long to wait after the error, if to try again at all. What the vault asks for is the least. */
  nextPauseMs(error: unknown, chance: number): number | undefined {
    if (this.#done >= this.#policy.attempts || !this.#mayRepeat(error)) {
      return undefined;
    }
    const jitter = jitteredMs(this.#policy, this.#done, chance);
    const asked = error instanceof VaultError ? error.retryAfterMs : undefined;
    return asked === undefined ? jitter : asked + Math.min(jitter, asked);
  }

  #mayRepeat(error: unknown): boolean {
    if (error instanceof VaultError) {
      return error.retryable;
    }
    if (error instanceof TransportError) {
      const lost = error.failure === "timeout" || error.failure === "interrupted";
      return error.failure === "connect" || (lost && this.#repeatable);
    }
    if (error instanceof AnswerError) {
      return error.status >= 502 && error.status <= 504 && this.#repeatable;
    }
    return false;
  }
}

/** Whether a request that may have been carried out can be sent again without doing a thing twice. */
export function isRepeatable(operation: Operation): boolean {
  return operation.method === "GET" || operation.creates || WITHOUT_EFFECT.has(operation.name);
}

/** Anything from nothing to a bound that doubles with each try. */
export function jitteredMs(policy: Policy, done: number, chance: number): number {
  return chance * Math.min(policy.firstPauseMs * 2 ** (done - 1), policy.longestPauseMs);
}
