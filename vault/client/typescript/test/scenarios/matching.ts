// What must come back, held against what came.

import { Buffer } from "node:buffer";

type Rule = (expected: any, actual: any, place: string) => string[];

/**
 * An object may have more members than are expected; a list has as many items; null is as good as absent; `$` begins a
 * rule.
 */
export function mismatches(expected: unknown, given: unknown, place: string): string[] {
  const actual = given ?? undefined;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return [`${place} is no list of ${expected.length} but ${shown(actual)}`];
    }
    return expected.flatMap((part, at) => mismatches(part, actual[at], `${place}.${at}`));
  }
  if (!isObject(expected)) {
    return (expected ?? undefined) === actual ? [] : [`${place} is ${shown(actual)} and not ${shown(expected)}`];
  }
  const entries = Object.entries(expected);
  if (!entries.some(([name]) => name.startsWith("$")) && !isObject(actual)) {
    return [`${place} is no object but ${shown(actual)}`];
  }
  return entries.flatMap(([name, part]) => {
    if (!name.startsWith("$")) {
      return mismatches(part, isObject(actual) ? actual[name] : undefined, `${place}.${name}`);
    }
    const check = RULES[name];
    return check === undefined ? [`there is no rule ${name}`] : check(part, actual, place);
  });
}

export function fits(expected: unknown, actual: unknown): boolean {
  return mismatches(expected, actual, "").length === 0;
}

function rule(says: string, holds: (expected: any, actual: any) => boolean): Rule {
  return (expected, actual, place) =>
    holds(expected, actual) ? [] : [`${place} ${says} ${shown(expected)}: ${shown(actual)}`];
}

const RULES: { readonly [name: string]: Rule } = {
  $absent: rule("must be absent", (_, actual) => actual === undefined),
  $any: rule("must be there", (_, actual) => actual !== undefined),
  $not: rule("must be there and not", (other, actual) => actual !== undefined && !fits(other, actual)),
  $prefix: rule("must begin with", (start, actual) => typeof actual === "string" && actual.startsWith(start)),
  $shape: rule("must have the shape", hasShape),
  $length: rule("must have the length", (length, actual) => actual?.length === length),
  $one_of: rule("must be one of", (choices: unknown[], actual) => choices.some((one) => fits(one, actual))),
  $base64: (expected, actual, place) =>
    mismatches(expected, Buffer.from(actual, "base64").toString("latin1"), `${place} in clear`),
  $contains: rule("must contain", contains),
  $lacks: rule("must not contain", (one, actual) => actual !== undefined && !contains(one, actual)),
  $distinct: rule("must all have and differ in", areDistinct),
};

function hasShape(shape: string, text: unknown): boolean {
  if (typeof text !== "string" || text.length !== shape.length) {
    return false;
  }
  return [...shape].every((wanted, at) => text[at] === wanted || (wanted === "#" && /\d/.test(text[at] ?? "")));
}

function contains(one: unknown, actual: unknown): boolean {
  if (typeof actual === "string") {
    return typeof one === "string" && actual.includes(one);
  }
  return Array.isArray(actual) && actual.some((item) => fits(one, item));
}

function areDistinct(name: string, items: readonly { readonly [name: string]: unknown }[]): boolean {
  return items.every((one) => name in one) && new Set(items.map((one) => one[name])).size === items.length;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, 300);
}
