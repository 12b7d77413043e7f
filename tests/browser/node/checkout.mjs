// A browser, a shop's page with a card field in it, and a record of all that the shop's page and the browser got to see.

import { serveField, serveMerchant } from "./origins.mjs";
import { chromium, jose } from "./packages.mjs";

/** A browser for one file of tests, with a profile of its own that is thrown away. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.STRONGROOM_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A pair of the vault's form, made by jose. */
export async function pair(kid) {
  const { privateKey, publicKey } = await jose.generateKeyPair("ECDH-ES", { crv: "P-256" });
  const { kty, crv, x, y } = await jose.exportJWK(publicKey);
  return { privateKey, publicKey: { kty, crv, x, y, use: "enc", alg: "ECDH-ES", kid } };
}

/** The header and the content of a JWE, opened by jose. */
export async function open(jwe, { privateKey }) {
  const only = { keyManagementAlgorithms: ["ECDH-ES"], contentEncryptionAlgorithms: ["A256GCM"] };
  const { plaintext, protectedHeader } = await jose.compactDecrypt(jwe, privateKey, only);
  return { header: protectedHeader, card: JSON.parse(new TextDecoder().decode(plaintext)) };
}

/** A shop that is open. `context`: options of the browser's context. */
export async function openShop(browser, { context = {}, keys = [] } = {}) {
  const field = await serveField();
  const merchant = await serveMerchant(field);
  Object.assign(field.state, { keys, merchants: merchant.origin });
  const browserContext = await browser.newContext(context);
  const seen = { requests: [], complaints: [] };
  // Of every page and frame, popups too.
  browserContext.on("request", (request) => seen.requests.push(`${request.url()} ${request.postData() ?? ""}`));
  browserContext.on("console", (message) => {
    seen.complaints.push(`${message.type()}: ${message.text()}`);
  });
  browserContext.on("weberror", (error) => seen.complaints.push(`thrown: ${error.error()}`));
  await browserContext.addInitScript(spy);
  const page = await browserContext.newPage();
  await page.goto(merchant.origin);
  await page.waitForFunction(() => window.shop !== undefined);

  const shop = {
    page,
    field,
    merchant,
    seen,
    context: browserContext,
    mount: (options = {}) => page.evaluate((given) => window.shop.mount(given), options),
    submit: () => page.evaluate(() => window.shop.submit()),
    /** What the shop's page got to see over any channel. */
    messages: () => page.evaluate(() => window.spied),
    states: () => page.evaluate(() => window.shop.states),
    part: (id) => page.frameLocator("#card iframe").locator(`#${id}`),
    frame: () => page.frames().find((frame) => frame.url().startsWith(field.origin)),
    /** Focus goes from one process to another; a key that comes before it would be lost. */
    focused: (id) =>
      shop.frame().waitForFunction((part) => document.hasFocus() && document.activeElement.id === part, id),
    async type(id, text) {
      await this.part(id).click();
      await this.focused(id);
      await page.keyboard.type(text);
    },
    async typeCard({ number, expiry, code, holder }) {
      await this.type("number", number);
      await this.type("expiry", expiry);
      if (code !== undefined) await this.type("security_code", code);
      if (holder !== undefined) await this.type("holder", holder);
    },
    async close() {
      await browserContext.close();
      await Promise.all([field.close(), merchant.close()]);
    },
  };
  return shop;
}

/** Runs a test with a shop and closes it; nothing may have been complained of meanwhile but what `allowed` matches. */
export function withShop(browser, options, test, allowed) {
  return async () => {
    const shop = await openShop(await browser(), options);
    try {
      await test(shop);
      const complaints = shop.seen.complaints.filter((text) => !allowed?.test(text));
      if (complaints.length > 0) throw new Error(`complaints:\n${complaints.join("\n")}`);
      const origins = [shop.field.origin, shop.merchant.origin, "about:", "chrome-error:"];
      const elsewhere = shop.seen.requests.filter((url) => !origins.some((origin) => url.startsWith(origin)));
      if (elsewhere.length > 0) throw new Error(`requests elsewhere:\n${elsewhere.join("\n")}`);
    } finally {
      await shop.close();
    }
  };
}

/** Runs of digits of this number, too long to be there by chance; the last four may be shown. */
export function piecesOf(number, length = 5) {
  const digits = number.replace(/\D/g, "");
  return Array.from({ length: digits.length - length + 1 }, (_, place) => digits.slice(place, place + length));
}

/** In every page and frame: what is read from messages and what is sent, and what a policy forbade. */
function spy() {
  window.spied = [];
  const record = (what) => {
    window.spied.push(JSON.stringify(what) ?? String(what));
  };
  const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
  Object.defineProperty(MessageEvent.prototype, "data", {
    get() {
      const data = get.call(this);
      record(data);
      return data;
    },
  });
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (data, ...rest) {
    record(data);
    return post.call(this, data, ...rest);
  };
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`policy: ${violatedDirective} ${blockedURI}`);
  });
}
