// The SDK against the API's document: nothing is missing.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Client } from "../src/index.js";
import { OPERATIONS } from "../src/operations.js";
import { fact } from "./vault.js";

interface Call {
  readonly operationId: string;
  readonly requestBody?: unknown;
  readonly parameters?: readonly { readonly name: string }[];
}

const text = Buffer.from(readFileSync(fact("STRONGROOM_TEST_OPENAPI"))).toString("utf8");
const { paths } = JSON.parse(text) as { paths: { [path: string]: { [method: string]: Call } } };
const CALLS = Object.values(paths).flatMap((calls) => Object.values(calls));

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

test("the table has the document's calls", () => {
  const known = Object.values(OPERATIONS).map((operation) => operation.name);
  assert.deepEqual(known.sort(), CALLS.map((call) => call.operationId).sort());
});

test("every call has its methods", () => {
  for (const { operationId, requestBody, parameters } of CALLS) {
    const wanted = [operationId];
    if (JSON.stringify(requestBody ?? {}).includes('OrMany"')) {
      wanted.push(`${operationId}_many`);
    }
    if (parameters?.some((parameter) => parameter.name === "cursor")) {
      wanted.push(operationId.slice(operationId.indexOf("_") + 1));
    }
    for (const name of wanted.map(camel)) {
      assert.ok(name in Client.prototype, `Client has no ${name}`);
    }
  }
});
