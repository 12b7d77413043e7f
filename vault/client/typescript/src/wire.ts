// Values as they go over the wire: JSON, with bytes in base64.
//
// What is read must have the shape that is asked for, or it is a `ShapeError`; members nobody asks for are skipped,
// since a newer vault may answer with more. The errors repeat no value.

import { Buffer } from "node:buffer";

import { SecretBytes, SecretText } from "./secret.js";

/** An answer does not have the shape that this API gives it. */
export class ShapeError extends Error {}

/** A value of a request as JSON. Members that are undefined are left out; null is something of its own. */
export function written(value: unknown): unknown {
  if (value instanceof SecretText) {
    return value.expose();
  }
  if (value instanceof SecretBytes) {
    return base64(value.expose());
  }
  if (value instanceof Uint8Array) {
    return base64(value);
  }
  if (Array.isArray(value)) {
    return value.map(written);
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, written(member)]));
  }
  return value;
}

/** A member that must be there. */
export function required<T>(value: unknown, name: string, read: (member: unknown) => T): T {
  const found = optional(value, name, read);
  if (found === undefined) {
    throw new ShapeError("a member is missing");
  }
  return found;
}

/** A member that may be absent or null. */
export function optional<T>(value: unknown, name: string, read: (member: unknown) => T): T | undefined {
  const member = object(value)[name];
  return member === undefined || member === null ? undefined : read(member);
}

/** Reads a list. */
export function each<T>(read: (item: unknown) => T): (value: unknown) => readonly T[] {
  return (value) => {
    if (!Array.isArray(value)) {
      throw new ShapeError("not a list");
    }
    return value.map((item: unknown) => read(item));
  };
}

export function object(value: unknown): { readonly [name: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError("not an object");
  }
  return value as { readonly [name: string]: unknown };
}

export function text(value: unknown): string {
  if (typeof value !== "string") {
    throw new ShapeError("not text");
  }
  return value;
}

export function integer(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new ShapeError("not a whole number");
  }
  return value;
}

export function number(value: unknown): number {
  if (typeof value !== "number") {
    throw new ShapeError("not a number");
  }
  return value;
}

export function anything(value: unknown): unknown {
  return value;
}

export function boolean(value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new ShapeError("not true or false");
  }
  return value;
}

export function texts(value: unknown): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(object(value)).map(([name, member]) => [name, text(member)]));
}

export function bytes(value: unknown): Uint8Array {
  const encoded = text(value);
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    throw new ShapeError("not base64");
  }
  // Copied: small buffers share their memory with others.
  return new Uint8Array(Buffer.from(encoded, "base64"));
}

export function secretText(value: unknown): SecretText {
  return new SecretText(text(value));
}

export function secretBytes(value: unknown): SecretBytes {
  return new SecretBytes(bytes(value));
}

function base64(data: Uint8Array): string {
  return Buffer.from(data).toString("base64");
}
