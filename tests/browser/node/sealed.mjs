// Encrypts so many plaintexts, each one digit longer than the one before.

import "./packages.mjs";
import { answer } from "./questions.mjs";

const { encrypt } = await import("../../../vault/client/browser/jwe.js");

await answer(async ({ key, count }) => {
  const sealed = [];
  for (let length = 0; length < count; length += 1) sealed.push(await encrypt(key, "7".repeat(length)));
  return sealed;
});
