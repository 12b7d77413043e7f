// What a page does that wants the number, another key, or another's channel.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, openShop, pair, withShop } from "./checkout.mjs";
import { readSource, serveMerchant } from "./origins.mjs";

let browser;
let [key, foreign] = [];
before(async () => ([browser, key, foreign] = await Promise.all([launch(), pair("vault"), pair("foreign")])));
after(() => browser.close());

const shopTest = (name, run, allowed) =>
  test(name, (context) => withShop(() => browser, { keys: [key.publicKey] }, run, allowed)(context));

const CARD = { number: "4111111111111111", expiry: "1231" };
const NONCE = "0123456789abcdef0123456789abcdef";

/** What a page can do without `strongroom.js`: its own frame and its own port, with a message of its own making. */
function embed(page, { url, message, times = 1 }) {
  return page.evaluate(
    async ({ url, message, times }) => {
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: url, width: 400, height: 400 });
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      document.getElementById("card").append(frame);
      await loaded;
      window.ports = [];
      window.heard = [];
      for (let time = 0; time < times; time += 1) {
        const channel = new MessageChannel();
        channel.port1.onmessage = ({ data }) => window.heard.push({ time, ...data });
        window.ports.push(channel.port1);
        frame.contentWindow.postMessage(message, new URL(url).origin, [channel.port2]);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
    { url, message, times },
  );
}

const connect = (more = {}, options = {}) => ({ strongroom: 1, type: "connect", nonce: NONCE, options, ...more });
const heard = (shop) => shop.page.evaluate(() => window.heard);

async function submitByPort(shop) {
  await shop.page.evaluate((nonce) => window.ports[0].postMessage({ nonce, type: "submit", id: 1 }), NONCE);
  await shop.page.waitForFunction(() => window.heard.some(({ id }) => id === 1));
  return (await heard(shop)).find(({ id }) => id === 1);
}

shopTest("the page cannot reach into the frame", async (shop) => {
  await shop.mount();
  await shop.type("number", CARD.number);
  const reached = await shop.page.evaluate(() => {
    const frame = document.querySelector("iframe");
    const attempt = (read) => {
      try {
        return String(read());
      } catch (error) {
        return error.name;
      }
    };
    return [
      attempt(() => frame.contentDocument),
      attempt(() => frame.contentWindow.document),
      attempt(() => frame.contentWindow.location.href),
      attempt(() => frame.contentWindow.number),
      frame.getAttribute("sandbox"),
      frame.referrerPolicy,
    ];
  });
  const refused = "SecurityError";
  assert.deepEqual(reached, ["null", refused, refused, refused, "allow-scripts allow-same-origin", "no-referrer"]);
});

for (const [name, message] of [
  ["beside the options", (keys) => connect({ keys })],
  ["among the options", (keys) => connect({}, { keys })],
  ["as an address", () => connect({}, { keysUrl: "http://localhost/keys.json" })],
]) {
  shopTest(`keys that a page sends ${name} get no field`, async (shop) => {
    const url = `${shop.field.origin}/field.html#${NONCE}`;
    await embed(shop.page, { url, message: message([foreign.publicKey]) });
    assert.ok((await heard(shop)).every(({ type }) => type === "refused"));
    assert.equal(await shop.part("number").isVisible(), false);
    assert.ok(!shop.field.state.requests.some((request) => request.includes("keys.json")));
  });
}

shopTest("keys in the address change nothing", async (shop) => {
  const keys = encodeURIComponent(JSON.stringify({ keys: [foreign.publicKey] }));
  const query = `?keys=${keys}&keysUrl=${encodeURIComponent(`${shop.merchant.origin}/keys.json`)}&base=//localhost/`;
  await embed(shop.page, { url: `${shop.field.origin}/field.html${query}#${NONCE}`, message: connect() });
  await shop.typeCard(CARD);
  const { jwe } = await submitByPort(shop);
  assert.equal((await open(jwe, key)).header.kid, "vault");
  assert.ok(!shop.merchant.requests.some((request) => request.includes("keys.json")));
});

shopTest("keys in the address's fragment get no channel", async (shop) => {
  const fragment = encodeURIComponent(JSON.stringify({ keys: [foreign.publicKey] }));
  const url = `${shop.field.origin}/field.html#${fragment}`;
  await embed(shop.page, { url, message: connect({ nonce: fragment }) });
  assert.deepEqual(await heard(shop), []);
});

shopTest("keys sent over the port later change nothing", async (shop) => {
  await embed(shop.page, { url: `${shop.field.origin}/field.html#${NONCE}`, message: connect() });
  await shop.typeCard(CARD);
  await shop.page.evaluate(
    ([nonce, keys]) => {
      const [port] = window.ports;
      port.postMessage({ nonce, type: "keys", keys });
      port.postMessage({ nonce, type: "submit", id: 7, keys });
      port.postMessage({ nonce, type: "read" });
      port.postMessage({ nonce: "f".repeat(32), type: "submit", id: 8 });
      port.postMessage(null);
    },
    [NONCE, [foreign.publicKey]],
  );
  const { jwe } = await submitByPort(shop);
  assert.equal((await open(jwe, key)).card.number, CARD.number);
  assert.ok(!(await heard(shop)).some(({ id }) => id === 7 || id === 8));
});

shopTest("a nonce that is not the frame's, and messages of another shape, get no channel", async (shop) => {
  const url = `${shop.field.origin}/field.html#${NONCE}`;
  for (const message of [
    connect({ nonce: "f".repeat(32) }),
    connect({ strongroom: 2 }),
    connect({ type: "hello" }),
    { type: "connect" },
    "connect",
    null,
  ]) {
    await embed(shop.page, { url, message });
    assert.deepEqual(await heard(shop), []);
    await shop.page.evaluate(() => document.querySelector("iframe").remove());
  }
});

shopTest("only the first channel is taken", async (shop) => {
  await embed(shop.page, { url: `${shop.field.origin}/field.html#${NONCE}`, message: connect(), times: 2 });
  const times = new Set((await heard(shop)).map(({ time }) => time));
  assert.deepEqual([...times], [0]);
});

shopTest("a second window that speaks first is not heard", async (shop) => {
  const { page, field } = shop;
  await page.evaluate(async (url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    document.getElementById("card").append(frame);
    await loaded;
  }, `${field.origin}/field.html#${NONCE}`);
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/empty"))]);
  await popup.waitForLoadState();
  const said = await popup.evaluate(
    async ([message, origin]) => {
      const channel = new MessageChannel();
      const heard = [];
      channel.port1.onmessage = ({ data }) => heard.push(data);
      opener.frames[0].postMessage(message, origin, [channel.port2]);
      await new Promise((resolve) => setTimeout(resolve, 400));
      return heard;
    },
    [connect(), field.origin],
  );
  assert.deepEqual(said, []);
  assert.equal(await shop.part("number").isVisible(), false);
});

shopTest("what windows say to the shop's page is not taken for the field's", async (shop) => {
  await shop.mount();
  const card = { brand: "visa", last4: "6666", expMonth: 1, expYear: 2031 };
  const nonce = await shop.page.evaluate(() => document.querySelector("iframe").src.split("#")[1]);
  await shop.typeCard(CARD);
  const pending = shop.submit();
  const jwe = "a..aaaaaaaaaaaaaaaa.a.aaaaaaaaaaaaaaaaaaaaaa";
  for (const message of [
    { nonce, type: "sealed", id: 1, jwe, card },
    { nonce, type: "change", complete: true, brand: "mir", errors: [] },
  ]) {
    await shop.page.evaluate((forged) => window.postMessage(forged, "*"), message);
  }
  assert.equal((await pending).card.last4, "1111");
  assert.ok((await shop.states()).every(({ brand }) => brand !== "mir"));
});

shopTest("what comes over the port without its form is not taken", async (shop) => {
  // A field that was replaced: it says all sorts of things to the page.
  shop.field.state.answers["field.html"] = (response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(`<script>onmessage = ({ ports: [port], data: { nonce } }) => {
      const card = { brand: "visa", last4: "1111", expMonth: 1, expYear: 2031 };
      const jwe = "a..aaaaaaaaaaaaaaaa.a.aaaaaaaaaaaaaaaaaaaaaa";
      port.postMessage({ nonce: "f".repeat(32), type: "ready" });
      port.postMessage({ nonce, type: "height", height: 1e9 });
      port.postMessage({ nonce, type: "height", height: "10px;background:url(//x)" });
      port.postMessage({ nonce, type: "change", complete: true, brand: "<img>", errors: [] });
      port.postMessage({ nonce, type: "toString" });
      port.postMessage({ nonce, type: "ready" });
      port.onmessage = ({ data: { id } }) => {
        port.postMessage({ nonce, type: "sealed", id, jwe, card: { ...card, number: "4111111111111111" } });
        port.postMessage({ nonce, type: "sealed", id, jwe: "<b>", card });
        port.postMessage({ nonce, type: "sealed", id, jwe, card: { ...card, last4: "41111" } });
        port.postMessage({ nonce, type: "failed", id, code: "busy", errors: [] });
      };
    }</script>`);
  };
  await shop.mount();
  assert.equal(await shop.page.evaluate(() => document.querySelector("iframe").style.height), "0px");
  assert.equal((await shop.submit()).refused, "busy");
  assert.deepEqual(await shop.states(), []);
});

test("a page that is no merchant's cannot embed it", async () => {
  const shop = await openShop(browser);
  const other = await serveMerchant(shop.field);
  try {
    await shop.page.goto(other.origin);
    await shop.page.waitForFunction(() => window.shop !== undefined);
    const shown = await shop.page.evaluate(() => {
      window.mounting = window.shop.mount();
      window.mounting.catch(() => {});
      return new Promise((resolve) => setTimeout(() => resolve(window.spied.length), 1500));
    });
    assert.equal(shown, 0);
    assert.ok(shop.seen.complaints.some((text) => /frame-ancestors/.test(text)));
    assert.ok(!shop.field.state.requests.some((request) => request.includes("field.js")));
  } finally {
    await shop.close();
    await other.close();
  }
});

shopTest("alone in a window it takes no messages and asks for no card", async (shop) => {
  const [popup] = await Promise.all([
    shop.page.waitForEvent("popup"),
    shop.page.evaluate((url) => void (window.popup = window.open(url)), `${shop.field.origin}/field.html#${NONCE}`),
  ]);
  await popup.waitForFunction(() => document.getElementById("status").textContent !== "");
  assert.equal(await popup.locator("#number").isVisible(), false);
  assert.equal(await shop.page.evaluate(() => window.popup.closed), true, "its window was let go of");
});

shopTest(
  "a part that was changed is refused by the browser",
  async (shop) => {
    shop.field.state.answers["jwe.js"] = (response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(`${readSource("jwe.js")}\n// changed`);
    };
    await shop.page.evaluate(() => void window.shop.mount().catch(() => {}));
    await shop.page.waitForTimeout(1000);
    assert.equal(await shop.part("number").isVisible(), false);
    assert.ok(shop.seen.complaints.some((text) => /integrity/.test(text)));
  },
  /integrity/,
);

shopTest(
  "what the shop's page loads is refused when it was changed",
  async (shop) => {
    shop.field.state.answers["strongroom.js"] = (response) => {
      const headers = { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" };
      response.writeHead(200, headers).end(`${readSource("strongroom.js")}\n// changed`);
    };
    await shop.page.reload();
    await shop.page.waitForTimeout(500);
    assert.equal(await shop.page.evaluate(() => typeof window.shop), "undefined");
    assert.ok(shop.seen.complaints.some((text) => /integrity/.test(text)));
  },
  /integrity/,
);

shopTest("a frame that loads again is given up", async (shop) => {
  await shop.mount();
  await shop.frame().evaluate(() => window.location.reload()).catch(() => {});
  await shop.page.waitForTimeout(500);
  assert.equal((await shop.submit()).refused, "unavailable");
});

shopTest("the page is told of options that cannot be", async (shop) => {
  const thrown = (options) =>
    shop.page.evaluate((given) => {
      try {
        window.shop.mountCardField(document.getElementById("card"), given).unmount();
        return "mounted";
      } catch (error) {
        return error.name;
      }
    }, options);
  const fieldUrl = `${shop.field.origin}/field.html`;
  assert.equal(await thrown({ fieldUrl }), "mounted");
  for (const options of [
    {},
    { fieldUrl: "/field.html" },
    { fieldUrl: "http://vault.example/field.html" },
    { fieldUrl: "javascript:alert(1)" },
    { fieldUrl: `${shop.merchant.origin}/field.html` },
    { fieldUrl: `${fieldUrl}?keys=1` },
    { fieldUrl: `${fieldUrl}#keys` },
    { fieldUrl: fieldUrl.replace("//", "//user:secret@") },
    { fieldUrl, keys: [] },
    { fieldUrl, onChange: 1 },
  ]) {
    assert.equal(await thrown(options), "TypeError", JSON.stringify(options));
  }
  for (const options of [
    { style: { "--text": "url(//x)" } },
    { style: { "--text": "#00000000" } },
    { style: { "--text": "#ffffff" } },
    { style: { "--error": "#ffdddd" } },
    { style: { "--font-size": "2px" } },
    { style: { position: "fixed" } },
    { labels: { number: "" } },
    { labels: { number: "x".repeat(65) } },
    { placeholders: { number: "a\nb" } },
    { holder: "maybe" },
    { securityCode: "yes" },
    { locale: "<b>" },
  ]) {
    const refusal = shop.page.evaluate((given) => window.shop.mount(given).catch((error) => error.code), options);
    assert.equal(await refusal, "refused", JSON.stringify(options));
    await shop.page.evaluate(() => window.shop.field.unmount());
  }
});
