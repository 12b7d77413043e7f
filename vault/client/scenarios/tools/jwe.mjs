// The client's side of client-side encryption for the scenarios, by the module that browsers use. Reads a line of JSON,
// writes one: encrypt takes {"key": JWK, "value": any JSON} and gives {"jwe": …}.

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
const { encrypt } = await import("../../browser/jwe.js");

const TOOLS = {
  encrypt: async ({ key, value }) => ({ jwe: await encrypt(key, JSON.stringify(value)) }),
};

const [tool] = process.argv.slice(2);
const answer = await TOOLS[tool](JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(answer));
