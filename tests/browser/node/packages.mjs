// What others made and the tests use, from where the Rust side installed it: `import` does not look at NODE_PATH.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

const require = createRequire(import.meta.url);

export const jose = require("jose");
export const { chromium } = require("playwright-core");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Node.js 18 has it under this name only.
globalThis.crypto ??= webcrypto;
