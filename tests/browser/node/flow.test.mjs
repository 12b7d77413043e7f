// The way of a card from the keyboard to a JWE that the holder of the private key can open.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, pair, piecesOf, withShop } from "./checkout.mjs";

let browser;
let key;
before(async () => ([browser, key] = await Promise.all([launch(), pair("first")])));
after(() => browser.close());

const shopTest = (name, run, allowed) =>
  test(name, (context) => withShop(() => browser, { keys: [key.publicKey] }, run, allowed)(context));

const CARD = { number: withCheckDigit("492957138264017"), expiry: "1230", code: "951", holder: "A N Other" };

function withCheckDigit(digits) {
  const right = [..."0123456789"].find((last) => {
    const all = [...digits, last].reverse().map(Number);
    return all.reduce((sum, digit, place) => sum + (place % 2 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit), 0) % 10 === 0;
  });
  return digits + right;
}

shopTest("a card is typed, encrypted, opened by jose, and gone from the frame", async (shop) => {
  await shop.mount({ locale: "en", securityCode: true, holder: "required" });
  await shop.typeCard(CARD);
  const answer = await shop.submit();
  assert.deepEqual(Object.keys(answer).sort(), ["card", "jwe"]);
  assert.deepEqual(answer.card, { brand: "visa", last4: CARD.number.slice(-4), expMonth: 12, expYear: 2030 });

  const { header, card } = await open(answer.jwe, key);
  assert.deepEqual(Object.keys(header), ["alg", "enc", "kid", "epk"]);
  assert.deepEqual(Object.keys(header.epk), ["kty", "crv", "x", "y"]);
  assert.equal(header.kid, "first");
  const { number, code, holder } = CARD;
  assert.deepEqual(card, { number, exp_month: 12, exp_year: 2030, holder, security_code: code });

  const left = await shop.frame().evaluate(() => ({
    values: [...document.querySelectorAll("input")].map((input) => input.value + input.defaultValue + input.placeholder),
    text: document.documentElement.innerText + document.title,
    html: document.body.outerHTML,
  }));
  assert.doesNotMatch(left.values.join(""), /\d/);
  assert.doesNotMatch(left.text, /\d/);
  assert.doesNotMatch(left.html, /\d{4}/);
  assert.equal(await shop.part("status").innerText(), "Your card was encrypted.");

  // Nor does undoing bring it back.
  await shop.part("number").click();
  for (let times = 0; times < 3; times += 1) await shop.page.keyboard.press("Control+z");
  assert.equal(await shop.part("number").inputValue(), "");
  assert.deepEqual(await shop.context.storageState(), { cookies: [], origins: [] });
});

shopTest("nothing that the shop's page sees holds a part of the number", async (shop) => {
  await shop.mount({ securityCode: true, holder: "required" });
  await shop.typeCard(CARD);
  await shop.part("number").focus();
  await shop.submit();
  const messages = await shop.messages();
  assert.ok(messages.some((message) => message.includes('"sealed"')), "the log hears what is said");
  const visible = [
    ...messages,
    ...shop.seen.requests,
    ...shop.merchant.requests,
    ...shop.field.state.requests,
    ...shop.seen.complaints,
    await shop.page.content(),
    JSON.stringify(await shop.states()),
  ].join("\n");
  for (const piece of piecesOf(CARD.number)) assert.ok(!visible.includes(piece), "a piece of the number was seen");
  assert.ok(!visible.includes(CARD.holder));
  assert.ok(!/"951"/.test(visible));
});

shopTest("what is not asked for is neither shown nor sent", async (shop) => {
  await shop.mount();
  assert.equal(await shop.part("security_code").isVisible(), false);
  assert.equal(await shop.part("holder").isVisible(), false);
  await shop.typeCard({ number: CARD.number, expiry: "0131" });
  const { card } = await open((await shop.submit()).jwe, key);
  assert.deepEqual(card, { number: CARD.number, exp_month: 1, exp_year: 2031 });
});

shopTest("by keyboard alone, from the field before to the button after", async (shop) => {
  const { page } = shop;
  await shop.mount({ securityCode: true, holder: "optional" });
  await page.locator("#before").focus();
  const inOrder = { number: "378282246310005", expiry: "1/31", security_code: "1234", holder: "" };
  for (const [part, text] of Object.entries(inOrder)) {
    await page.keyboard.press("Tab");
    await shop.focused(part);
    await page.keyboard.type(text);
  }
  assert.equal(await shop.part("number").inputValue(), "3782 822463 10005");
  assert.equal(await shop.part("expiry").inputValue(), "01 / 31");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.shop.entered === 1);
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.hasFocus() && document.activeElement.id === "pay");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.shop.answers.length === 1);
  const [{ jwe, card: shown }] = await page.evaluate(() => window.shop.answers);
  assert.equal(shown.brand, "amex");
  const { card } = await open(jwe, key);
  assert.deepEqual(card, { number: "378282246310005", exp_month: 1, exp_year: 2031, security_code: "1234" });
});

shopTest("numbers are grouped as on the card, and edited in their middle", async (shop) => {
  const { page } = shop;
  await shop.mount();
  const number = shop.part("number");
  const typed = async (text) => {
    await number.fill("");
    await shop.type("number", text);
    return number.inputValue();
  };
  assert.equal(await typed("4111111111111111"), "4111 1111 1111 1111");
  assert.equal(await typed("30569309025904"), "3056 930902 5904");
  assert.equal(await typed("6200000000000000003"), "6200 0000 0000 0000 003");
  assert.equal(await typed("37828224631000512"), "3782 822463 10005", "one key too many is not taken");
  assert.equal(await typed("4111-1111 1111.1111"), "4111 1111 1111 1111");
  assert.equal(await typed("12345678"), "1234 5678");

  // Behind "1234 " a backspace means the 4; what is typed then goes there.
  await page.keyboard.press("Home");
  for (let times = 0; times < 5; times += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Backspace");
  assert.equal(await number.inputValue(), "1235 678");
  await page.keyboard.type("49");
  assert.equal(await number.inputValue(), "1234 9567 8");

  // As a Chinese input method writes it, and as it is pasted.
  await number.fill("４１１１　１１１１　１１１１　１１１１");
  assert.equal(await number.inputValue(), "4111 1111 1111 1111");
  await number.fill("4111 1111 1111 1111 1230");
  assert.equal((await number.inputValue()).replaceAll(" ", ""), "41111111111111111230", "shown whole");
});

shopTest("an expiry is read as people write it", async (shop) => {
  await shop.mount();
  const expiry = shop.part("expiry");
  const cases = [["1230", "12 / 30"], ["5", "05 / "], ["5/31", "05 / 31"], ["12/2030", "12 / 2030"], ["12 / 30", "12 / 30"]];
  for (const [typed, shown] of cases) {
    await expiry.fill("");
    await shop.type("expiry", typed);
    assert.equal(await expiry.inputValue(), shown, typed);
  }
  await expiry.fill("2031-07");
  assert.equal(await expiry.inputValue(), "07 / 2031");
  await expiry.fill("");
  await shop.type("expiry", "12");
  await shop.page.keyboard.press("Backspace");
  await shop.page.keyboard.press("Backspace");
  await shop.page.keyboard.press("Backspace");
  assert.match(await expiry.inputValue(), /^1?$/, "the separator can be deleted");
});

shopTest("the page is told of brand and completeness, and no more often than they change", async (shop) => {
  await shop.mount();
  await shop.typeCard({ number: "5555555555554444", expiry: "1231" });
  const states = await shop.states();
  assert.deepEqual(states.map(({ brand, complete }) => [brand, complete]), [
    ["unknown", false],
    ["mastercard", false],
    ["mastercard", true],
  ]);
});

shopTest("it is cleared, focused and unmounted", async (shop) => {
  const { page } = shop;
  await shop.mount();
  await shop.type("number", "4111");
  await page.evaluate(() => window.shop.field.clear());
  await page.waitForFunction(() => window.shop.states.at(-1).brand === "unknown");
  assert.equal(await shop.part("number").inputValue(), "");
  await page.locator("#before").focus();
  await page.evaluate(() => window.shop.field.focus());
  await shop.focused("number");

  const pending = shop.submit();
  await page.evaluate(() => window.shop.field.unmount());
  assert.ok(["unmounted", "invalid"].includes((await pending).refused));
  assert.equal(await page.locator("iframe").count(), 0);
  assert.equal((await shop.submit()).refused, "unmounted");
});

shopTest("two fields on one page do not hear each other", async (shop) => {
  await shop.mount();
  await shop.page.evaluate(async () => {
    const container = document.createElement("div");
    container.id = "second";
    document.querySelector("main").append(container);
    const fieldUrl = document.querySelector("iframe").src.split("#")[0];
    window.second = window.shop.mountCardField(container, { fieldUrl });
    await window.second.ready;
  });
  await shop.typeCard({ number: "4111111111111111", expiry: "1231" });
  const refused = await shop.page.evaluate(() => window.second.submit().catch((error) => error.code));
  assert.equal(refused, "invalid");
  assert.equal((await shop.submit()).card.last4, "1111");
});
