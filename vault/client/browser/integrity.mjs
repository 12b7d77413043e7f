// Writes the hash of every file that a browser loads: into `integrity.json`, and those of the field's own parts into
// `field.html`, so that the browser refuses a part that was changed.
//
//   node integrity.mjs            write
//   node integrity.mjs --check    say what is out of date, and fail

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const at = (name) => new URL(name, import.meta.url);
const hash = (content) => `sha384-${createHash("sha384").update(content).digest("base64")}`;

const parts = ["card.js", "field.css", "field.js", "form.js", "jwe.js", "keys.js", "options.js", "texts.js"];
const hashes = Object.fromEntries([...parts, "strongroom.js"].map((name) => [name, hash(readFileSync(at(name)))]));

const page = readFileSync(at("field.html"), "utf8").replace(
  /((?:href|src)="([a-z]+\.(?:js|css))")(?: integrity="[^"]*")?/g,
  (_, reference, name) => `${reference} integrity="${hashes[name]}"`,
);
hashes["field.html"] = hash(page);
const sorted = Object.fromEntries(Object.entries(hashes).sort(([one], [other]) => (one < other ? -1 : 1)));

const written = { "field.html": page, "integrity.json": `${JSON.stringify(sorted, undefined, 2)}\n` };
const isCheck = process.argv.includes("--check");
for (const [name, content] of Object.entries(written)) {
  if (!isCheck) writeFileSync(at(name), content);
  else if (readFileSync(at(name), "utf8") !== content) {
    process.stderr.write(`${name} is out of date: node integrity.mjs\n`);
    process.exitCode = 1;
  }
}
