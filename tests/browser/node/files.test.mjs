// The files themselves: their hashes, their headers, their texts, and what may not be in them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { headers, integrity, readSource } from "./origins.mjs";

const folder = fileURLToPath(new URL("../../../vault/client/browser/", import.meta.url));
const served = readdirSync(folder).filter((name) => /\.(js|css|html)$/.test(name));
const { TEXTS, errorText, textsFor } = await import("../../../vault/client/browser/texts.js");
const { BRANDS } = await import("../../../vault/client/browser/card.js");

test("integrity.json and field.html have the hashes of the files as they are", () => {
  execFileSync(process.execPath, ["integrity.mjs", "--check"], { cwd: folder, stdio: "pipe" });
  assert.deepEqual(Object.keys(integrity).sort(), served.sort());
  for (const [, name, hash] of readSource("field.html").matchAll(/(?:href|src)="([^"]+)" integrity="([^"]+)"/g)) {
    assert.equal(hash, integrity[name]);
  }
});

test("every part of the field is named with its hash in field.html", () => {
  const page = readSource("field.html");
  const parts = served.filter((name) => !["field.html", "strongroom.js"].includes(name));
  for (const part of parts) assert.ok(page.includes(`"${part}" integrity="sha384-`), part);
  for (const part of served.filter((name) => name.endsWith(".js"))) {
    for (const [, imported] of readSource(part).matchAll(/from "\.\/([^"]+)"/g)) assert.ok(parts.includes(imported));
  }
});

test("every file has its headers, and no other has", () => {
  assert.deepEqual(Object.keys(headers.files).sort(), [...served, "keys.json"].sort());
  for (const [name, own] of Object.entries(headers.files)) {
    assert.ok(own["Content-Type"] && own["Cache-Control"] && own["Cross-Origin-Resource-Policy"], name);
  }
  assert.equal(headers.every["X-Content-Type-Options"], "nosniff");
  assert.equal(headers.every["Referrer-Policy"], "no-referrer");
  const policy = headers.files["field.html"]["Content-Security-Policy"].split("; ");
  assert.deepEqual(policy, [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors {merchants}",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
});

test("what could run text as code, keep a value, print it or send it is not there", () => {
  const banned = [
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser/,
    /\beval\b|new Function|setTimeout\(["'`]/,
    /localStorage|sessionStorage|indexedDB|\.cookie|caches\b/,
    /\bconsole\b/,
    /XMLHttpRequest|sendBeacon|WebSocket|EventSource|RTCPeer|importScripts|\bimport\(/,
    /postMessage\([^)]*["'`]\*["'`]/,
  ];
  for (const name of served) {
    const text = readSource(name);
    for (const pattern of banned) assert.doesNotMatch(text, pattern, name);
    const addresses = [...text.matchAll(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]/gi)];
    assert.deepEqual(addresses.map(String), [], `${name} names an address`);
    const fetches = text.split("fetch(").length - 1;
    assert.equal(fetches, name === "keys.js" ? 1 : 0, name);
  }
  assert.doesNotMatch(readSource("field.html"), /<style|style=|\son[a-z]+=|<script(?![^>]*src=)/);
});

test("what the shop's page loads imports nothing", () => {
  assert.doesNotMatch(readSource("strongroom.js"), /^\s*import\b/m);
});

test("each language has every text", () => {
  const names = Object.keys(TEXTS.en);
  for (const [language, texts] of Object.entries(TEXTS)) {
    assert.deepEqual(Object.keys(texts), names, language);
    for (const [name, text] of Object.entries(texts)) assert.ok(typeof text === "string" && text !== "", name);
    const codes = { number: ["required", "length", "check_digit"], expiry: ["required", "format", "past"] };
    Object.assign(codes, { security_code: ["required", "length"], holder: ["required", "invalid"] });
    for (const brand of Object.keys(BRANDS)) {
      assert.equal(brand === "unknown" || texts[`brand_${brand}`] !== undefined, true);
      for (const [part, all] of Object.entries(codes)) {
        for (const code of all) assert.ok(errorText(texts, part, code, brand), `${part} ${code}`);
      }
    }
  }
});

test("a language that there is no table for is English", () => {
  assert.equal(textsFor("auto", ["fr", "zh-TW", "en"]), TEXTS.zh);
  assert.equal(textsFor("auto", []), TEXTS.en);
  assert.equal(textsFor("ZH-hans-CN"), TEXTS.zh);
  assert.equal(textsFor("constructor"), TEXTS.en);
});
