// A shop of today with a real vault behind it: the field comes from strongroomd's own listener, the JWE goes to its API, and
// a token comes back. Asked by the Rust side: `{ field, vault, dev, port, shots }`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { launch, piecesOf } from "./checkout.mjs";
import { axeSource } from "./packages.mjs";
import { answer } from "./questions.mjs";

const NUMBER = "4929571382640175";

await answer(async ({ field, vault, dev, port, shots }) => {
const shop = spawn(new URL("../../../deploy/shop/serve", import.meta.url).pathname, [
  ...["--port", String(port), "--field", field, "--vault", vault, "--dev", dev],
]);
shop.stderr.pipe(process.stderr);
const [url] = await new Promise((resolve) => createInterface(shop.stdout).once("line", (line) => resolve([line])));
const browser = await launch();
const tokens = [];

/** Opens the shop, lets `act` pay, and looks for the number wherever the shop could have seen it. */
async function visit(options, lang, act) {
  // The authority of development vaults is none that a browser knows.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, ...options });
  const seen = [];
  context.on("request", (request) => seen.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`));
  context.on("console", (message) => seen.push(message.text()));
  context.on("weberror", (error) => seen.push(`thrown: ${error.error()}`));
  await context.addInitScript(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(JSON.stringify(data)));
  });
  const page = await context.newPage();
  await page.goto(`${url}?lang=${lang}`);
  await page.locator("#pay:enabled").waitFor();
  const frame = page.frameLocator("#card iframe");
  const shot = (name) => (shots ? page.screenshot({ path: `${shots}/${name}.png` }) : undefined);
  await act({ page, frame, shot, seen });
  assert.ok(!seen.some((text) => text.startsWith("thrown")), seen.join("\n"));
  const visible = [...seen, await page.content(), ...(await page.evaluate(() => window.heard))].join("\n");
  for (const piece of piecesOf(NUMBER)) assert.ok(!visible.includes(piece), "a piece of the number was seen");
  await context.close();
}

/** axe, in the shop's page and in the field. */
const clean = async (page) => {
  for (const frame of page.frames().filter((frame) => frame.url().startsWith("http"))) {
    await frame.evaluate(axeSource);
    const found = await frame.evaluate(async () => {
      // A rule for whole pages; the field is a part of one.
      const rules = { "page-has-heading-one": { enabled: window.parent === window } };
      const { violations, passes } = await window.axe.run(document, { iframes: false, rules });
      return { violations: violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), passed: passes.length };
    });
    assert.deepEqual(found.violations, [], frame.url());
    assert.ok(found.passed > 10, "axe looked at it");
  }
};

/** By keyboard alone: from the top of the page through the field to Enter. */
async function payByKeyboard({ page, frame }, number, expiry) {
  const inField = (id) => frame.locator(`#${id}`).evaluate((input) => document.hasFocus() && document.activeElement === input);
  for (let presses = 0; presses < 6 && !(await inField("number")); presses += 1) await page.keyboard.press("Tab");
  assert.ok(await inField("number"), "Tab leads into the field");
  await page.keyboard.type(number);
  await page.keyboard.press("Tab");
  while (!(await inField("expiry")));
  await page.keyboard.type(expiry);
}

try {
  for (const lang of ["en", "zh"]) {
    await visit({}, lang, async (visit) => {
      const { page, frame, shot } = visit;
      await clean(page);
      await shot(`${lang}-empty`);
      await payByKeyboard(visit, NUMBER, "1230");
      await shot(`${lang}-filled`);
      await clean(page);
      await page.keyboard.press("Enter");
      await page.locator("#done").waitFor();
      assert.match(await page.locator("#paid").innerText(), /Visa/);
      assert.match(await page.locator("#paid").innerText(), /0175/);
      tokens.push(await page.locator("#token").innerText());
      assert.equal(await frame.locator("#number").count(), 1);
      await shot(`${lang}-paid`);
      await clean(page);
    });
  }

  // What is wrong is said where it is wrong, heard, and mended without typing all anew.
  await visit({}, "en", async (visit) => {
    const { page, frame, shot, seen } = visit;
    await payByKeyboard(visit, "4929571382640176", "0120");
    await page.keyboard.press("Enter");
    await frame.locator("#number[aria-invalid=true]").waitFor();
    const described = await frame.locator("#number").getAttribute("aria-describedby");
    assert.ok(described.includes("number-error"));
    assert.equal(await frame.locator("#number-error").innerText(), "This card number has a typing mistake.");
    assert.equal(await frame.locator("#expiry-error").innerText(), "This card has expired.");
    assert.match(await frame.locator("#status").innerText(), /Card number.*Expiry date/);
    assert.ok(await frame.locator("#number").evaluate((input) => document.activeElement === input), "focus is where it is wrong");
    await clean(page);
    await shot("en-errors");
    assert.ok(!seen.some((text) => text.includes("/orders")), "nothing was sent");
    await page.keyboard.press("End");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("5");
    await frame.locator("#number:not([aria-invalid])").waitFor();
  });

  const narrow = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  await visit(narrow, "zh", async ({ page, frame, shot }) => {
    await frame.locator("#number").tap();
    await frame.locator("#number").pressSequentially("6205500000000000004");
    await clean(page);
    await shot("zh-narrow");
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    assert.ok(fits, "nothing sticks out");
  });
  await visit({ colorScheme: "dark" }, "en", async ({ page, frame, shot }) => {
    await frame.locator("#number").fill("5555555555554444");
    await frame.locator("#expiry").focus();
    await clean(page);
    await shot("en-dark");
  });

  // A page that the vault's operator did not name gets no field.
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await stranger.newPage();
  await page.goto(url.replace("localhost", "127.0.0.1"));
  await page.locator("#problem:not(:empty)").waitFor({ timeout: 30_000 });
  assert.equal(await page.locator("#pay").isEnabled(), false);
  await stranger.close();
} finally {
  await browser.close();
  shop.kill();
}
return { tokens };
});
