// Where the key comes from, and what happens when none comes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, pair, withShop } from "./checkout.mjs";

let browser;
let [first, second] = [];
before(async () => ([browser, first, second] = await Promise.all([launch(), pair("first"), pair("second")])));
after(() => browser.close());

const shopTest = (name, run, allowed) =>
  test(name, (context) => withShop(() => browser, { keys: [first.publicKey] }, run, allowed)(context));

const CARD = { number: "4111111111111111", expiry: "1231" };

shopTest("the newest key is taken, and a rotation is noticed", async (shop) => {
  await shop.mount();
  await shop.typeCard(CARD);
  assert.equal((await open((await shop.submit()).jwe, first)).header.kid, "first");
  shop.field.state.keys = [second.publicKey, first.publicKey];
  await shop.typeCard(CARD);
  assert.equal((await open((await shop.submit()).jwe, second)).header.kid, "second");
});

const answer = (status, text, headers = {}) => (response) => response.writeHead(status, headers).end(text);
const KEYS_UNAVAILABLE = {
  "no answer": (response) => response.destroy(),
  "an error": answer(503, ""),
  "no JSON": answer(200, "<html>"),
  "no list": answer(200, "{}"),
  "another site's": answer(302, "", { Location: "http://localhost/keys.json" }),
  "too much": answer(200, JSON.stringify({ keys: [], more: "x".repeat(70_000) })),
};
for (const [name, keys] of Object.entries(KEYS_UNAVAILABLE)) {
  shopTest(
    `keys that cannot be had: ${name}`,
    async (shop) => {
      await shop.mount({ locale: "en" });
      await shop.typeCard(CARD);
      shop.field.state.answers["keys.json"] = keys;
      assert.equal((await shop.submit()).refused, "keys_unavailable");
      const text = "We could not reach the vault. Your card was not sent. Please try again in a moment.";
      assert.equal(await shop.part("status").innerText(), text);
      assert.equal(await shop.part("status").isVisible(), true);
      assert.equal(await shop.part("number").inputValue(), "4111 1111 1111 1111");
      assert.equal(await shop.part("expiry").inputValue(), "12 / 31");

      delete shop.field.state.answers["keys.json"];
      assert.equal((await open((await shop.submit()).jwe, first)).card.number, CARD.number, "the next try goes through");
    },
    /Failed to load resource|net::ERR|Refused to connect|policy: connect-src|violates|Fetch API/,
  );
}

const WRONG_KEYS = {
  "none": [],
  "a private one": [{ d: "AAAA" }],
  "an unknown member": [{ key_ops: ["deriveBits"] }],
  "another curve": [{ crv: "P-384" }],
  "no point of the curve": [{ x: "A".repeat(43) }],
  "without a name": [{ kid: undefined }],
  "for signatures": [{ use: "sig" }],
};
for (const [name, members] of Object.entries(WRONG_KEYS)) {
  shopTest(`a key that is not the vault's form: ${name}`, async (shop) => {
    await shop.mount({ locale: "zh" });
    await shop.typeCard(CARD);
    shop.field.state.keys = members.map((wrong) => ({ ...first.publicKey, ...wrong }));
    assert.equal((await shop.submit()).refused, "encryption_failed");
    assert.equal(await shop.part("status").innerText(), "卡信息加密失败，没有发送。请重试。");
    assert.equal(await shop.part("number").inputValue(), "4111 1111 1111 1111");
  });
}

shopTest("while a card is under way a second is refused and nothing can be typed", async (shop) => {
  await shop.mount();
  await shop.typeCard(CARD);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  shop.field.state.answers["keys.json"] = async (response) => {
    await held;
    response.end(JSON.stringify({ keys: [first.publicKey] }));
  };
  const pending = shop.submit();
  await shop.frame().waitForFunction(() => document.getElementById("number").readOnly);
  assert.equal((await shop.submit()).refused, "busy");
  await shop.part("number").focus();
  await shop.page.keyboard.type("9");
  release();
  assert.equal((await open((await pending).jwe, first)).card.number, CARD.number);
});

shopTest("the field asks without cookies, referrer or cache", async (shop) => {
  await shop.context.addCookies([{ name: "session", value: "1", url: shop.field.origin }]);
  let asked;
  shop.field.state.answers["keys.json"] = (response) => {
    asked = response.req.headers;
    response.end(JSON.stringify({ keys: [first.publicKey] }));
  };
  await shop.mount();
  await shop.typeCard(CARD);
  await shop.submit();
  assert.equal(asked.cookie, undefined);
  assert.equal(asked.referer, undefined);
  assert.equal(asked["cache-control"], "no-cache");
});
