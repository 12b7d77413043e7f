// The record on its way.

import type { Answer } from "./attempt.js";

/**
 * An export on its way: lines of JSON, in parts as the network brings them. One that breaks off ends in an error, never
 * silently. Close it if it is not read to its end; leaving a `for await` does so.
 */
export class AuditExport {
  readonly #answer: Answer;
  readonly #patienceMs: number;

  /** @internal */
  constructor(answer: Answer, patienceMs: number) {
    this.#answer = answer;
    this.#patienceMs = patienceMs;
  }

  /** The parts. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    return this.#answer.parts(this.#patienceMs);
  }

  /** Ends it early. */
  close(): void {
    this.#answer.close();
  }
}
