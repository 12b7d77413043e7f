// What a scenario makes up and what it keeps, put where `{{…}}` stands.

import { Buffer } from "node:buffer";

import { cardNumber, unique } from "../vault.js";

const PLACE = /\{\{(.+?)\}\}/g;
const WHOLE = /^\{\{([^{}]+)\}\}$/;

/** Values by name. */
export class Values {
  readonly #values: { [name: string]: unknown };

  constructor(given: { readonly [name: string]: string }) {
    this.#values = Object.fromEntries(Object.entries(given).map(([name, kind]) => [name, made(kind)]));
  }

  keep(name: string, value: unknown): void {
    this.#values[name] = value;
  }

  /** The same with every place filled. A text that is one place and nothing else becomes what is kept, of any type. */
  filled(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((part) => this.filled(part));
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.filled(part)]));
    }
    if (typeof value !== "string") {
      return value;
    }
    const whole = WHOLE.exec(value)?.[1];
    return whole === undefined ? value.replace(PLACE, (_, path: string) => String(this.#at(path))) : this.#at(whole);
  }

  #at(path: string): unknown {
    if (path.startsWith("base64:")) {
      return Buffer.from(path.slice("base64:".length), "utf8").toString("base64");
    }
    if (path.startsWith("placeholder:")) {
      return `{{${path.slice("placeholder:".length)}}}`;
    }
    let found: unknown = this.#values;
    for (const part of path.split(".")) {
      found = (found as { readonly [name: string]: unknown } | undefined)?.[part];
    }
    if (found === undefined) {
      throw new Error(`there is no ${path}`);
    }
    return found;
  }
}

function made(kind: string): unknown {
  if (kind === "name") {
    return unique("scenario");
  }
  if (kind === "card_number") {
    const number = cardNumber();
    return { number, bin: number.slice(0, 6), last4: number.slice(-4) };
  }
  throw new Error(`nothing makes a ${kind}`);
}
