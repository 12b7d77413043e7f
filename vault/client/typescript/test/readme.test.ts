// What the README shows works as it stands there.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import ts from "typescript";

import { fact, URL_OF_VAULT } from "./vault.js";

test("the first token", async (t) => {
  const readme = Buffer.from(readFileSync("README.md")).toString("utf8");
  const example = /```typescript\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const folder = fact("STRONGROOM_TEST_CLIENTS").replace(/\/clients$/, "");
  const here = example.replaceAll("https://127.0.0.1:8443", URL_OF_VAULT).replaceAll(".strongroom-dev", folder);
  // Inside this package, so that its own name leads to it.
  const place = mkdtempSync("dist/readme-");
  t.after(() => rmSync(place, { recursive: true }));
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(`${place}/example.js`, ts.transpileModule(here, { compilerOptions: options }).outputText);

  const said: string[] = [];
  const { log } = console;
  console.log = (...parts) => void said.push(parts.map(String).join(" "));
  try {
    await import(`../../${place}/example.js`);
  } finally {
    console.log = log;
  }
  assert.match(said.join("\n"), /the card ending in 1111\n16 digits came back/);
  assert.ok(!said.join("\n").includes("4111111111111111"));
});
