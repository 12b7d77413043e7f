// Secrets that do not show themselves.

import { inspect } from "node:util";

/** Text that comes out by `expose` only: not in a log line, an inspection or JSON. */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Keep it out of logs. */
  expose(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  /** @internal */
  [inspect.custom](): string {
    return "SecretText([secret])";
  }
}

/** Bytes that come out by `expose` only: not in a log line, an inspection or JSON. */
export class SecretBytes {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves. Keep them out of logs. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  /** @internal */
  [inspect.custom](): string {
    return "SecretBytes([secret])";
  }
}
