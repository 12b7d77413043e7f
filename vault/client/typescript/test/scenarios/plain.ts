// Between JSON and the SDK's types.

import { Buffer } from "node:buffer";

import { SecretBytes, SecretText } from "../../src/index.js";

/** An answer as JSON. What is absent is left out. */
export function plain(value: unknown): unknown {
  if (value instanceof SecretText) {
    return value.expose();
  }
  if (value instanceof SecretBytes) {
    return plain(value.expose());
  }
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString("base64");
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
  }
  return value;
}

const BYTES = ["plaintext", "ciphertext", "data", "mac", "message", "signature"];
const OF_THE_CALLER = ["document", "context", "metadata"];

/** A request, as the SDK takes it: what is base64 on the wire is bytes. */
export function typed(value: unknown): any {
  if (Array.isArray(value)) {
    return value.map(typed);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const member = ([name, part]: [string, unknown]) => {
    if (typeof part === "string" && BYTES.includes(name)) {
      return [name, new Uint8Array(Buffer.from(part, "base64"))];
    }
    return [name, OF_THE_CALLER.includes(name) ? part : typed(part)];
  };
  return Object.fromEntries(Object.entries(value).map(member));
}
