// What is refused, told at the right input, in the right language, and to ears as well as eyes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, pair, withShop } from "./checkout.mjs";

let browser;
let key;
before(async () => ([browser, key] = await Promise.all([launch(), pair("vault")])));
after(() => browser.close());

const shopTest = (name, run, options = {}) =>
  test(name, (context) => withShop(() => browser, { keys: [key.publicKey], ...options }, run)(context));

const GOOD = { number: "4111111111111111", expiry: "1231", code: "123", holder: "A N Other" };
const now = new Date();
const lastMonth = new Date(now.getFullYear(), now.getMonth() - 1, 15);
const typedMonth = (date) => `${String(date.getMonth() + 1).padStart(2, "0")}${String(date.getFullYear()).slice(2)}`;

// What is typed, in which part it is wrong and why, and the texts for that.
const CASES = [
  [{ number: "4111111111111112" }, "number", "check_digit", "This card number has a typing mistake.", "卡号有误，请核对。"],
  [{ number: "411111111111" }, "number", "length", "The card number is incomplete or too long.", "卡号位数不正确。"],
  [{ number: "" }, "number", "required", "Enter the card number.", "请输入卡号。"],
  [{ expiry: typedMonth(lastMonth) }, "expiry", "past", "This card has expired.", "此卡已过期。"],
  [
    { expiry: "1331" },
    "expiry",
    "format",
    "Enter the expiry date as month and year, like on the card.",
    "请按卡面输入有效期的月份和年份。",
  ],
  [{ expiry: "" }, "expiry", "required", "Enter the expiry date.", "请输入有效期。"],
  [{ code: "1234" }, "security_code", "length", "Enter the three digits of the code.", "请输入三位安全码。"],
  [
    { number: "378282246310005", code: "123" },
    "security_code",
    "length",
    "Enter the four digits of the code.",
    "请输入四位安全码。",
  ],
  [{ code: "" }, "security_code", "required", "Enter the security code.", "请输入安全码。"],
  [{ holder: "" }, "holder", "required", "Enter the name on the card.", "请输入持卡人姓名。"],
];

for (const [index, locale] of ["en", "zh"].entries()) {
  for (const [typed, part, code, ...texts] of CASES) {
    shopTest(`${locale}: ${part} ${JSON.stringify(typed)}`, async (shop) => {
      await shop.mount({ locale, securityCode: true, holder: "required" });
      await shop.typeCard({ ...GOOD, ...typed });
      await shop.page.locator("#before").focus();
      const answer = await shop.submit();
      const field = part === "security_code" ? "securityCode" : part;
      assert.deepEqual(answer, { name: "CardFieldError", refused: "invalid", errors: [{ field, code }] });

      const [input, error] = [shop.part(part), shop.part(`${part}-error`)];
      assert.equal(await error.innerText(), texts[index]);
      assert.equal(await input.getAttribute("aria-invalid"), "true");
      assert.ok((await input.getAttribute("aria-describedby")).split(" ").includes(`${part}-error`));
      const status = shop.part("status");
      assert.equal(await status.getAttribute("role"), "status");
      const label = await shop.part(`${part}-label`).innerText();
      assert.equal(await status.innerText(), { en: "Please check: ", zh: "请检查：" }[locale] + label);
      await shop.frame().waitForFunction((id) => document.activeElement.id === id, part);
      const expected = { ...GOOD, ...typed }[{ security_code: "code" }[part] ?? part];
      assert.equal((await input.inputValue()).replace(/[ /]/g, ""), expected, "what was typed is kept");
      assert.ok(!shop.field.state.requests.some((request) => request.includes("keys.json")));
      assert.equal((await shop.frame().evaluate(() => document.documentElement.lang)).slice(0, 2), locale);
    });
  }
}

shopTest("a card is good to the end of its month", async (shop) => {
  await shop.mount();
  await shop.typeCard({ number: GOOD.number, expiry: typedMonth(now) });
  assert.equal((await shop.submit()).card.expMonth, now.getMonth() + 1);
});

shopTest("errors come when an input is left, go when it is right, and an empty one is not scolded", async (shop) => {
  await shop.mount({ locale: "en" });
  await shop.type("number", "41111111");
  assert.equal(await shop.part("number-error").isVisible(), false);
  await shop.page.keyboard.press("Tab");
  assert.equal(await shop.part("number-error").isVisible(), true);
  assert.deepEqual((await shop.states()).at(-1).errors, [{ field: "number", code: "length" }]);
  await shop.page.keyboard.press("Tab");
  assert.equal(await shop.part("expiry-error").isVisible(), false);
  await shop.part("number").focus();
  await shop.page.keyboard.press("End");
  await shop.page.keyboard.type("11111111");
  assert.equal(await shop.part("number-error").isVisible(), false);
  assert.equal(await shop.part("number").getAttribute("aria-invalid"), null);
});

shopTest("all that is wrong is named at once", async (shop) => {
  await shop.mount({ locale: "en", securityCode: true, holder: "required" });
  const { errors } = await shop.submit();
  assert.deepEqual(errors.map(({ field }) => field), ["number", "expiry", "securityCode", "holder"]);
  const spoken = "Please check: Card number, Expiry date, Security code, Name on card";
  assert.equal(await shop.part("status").innerText(), spoken);
});

shopTest("a holder may have 128 characters of any script", async (shop) => {
  await shop.mount({ holder: "required" });
  await shop.typeCard({ number: GOOD.number, expiry: GOOD.expiry });
  await shop.part("holder").fill("é".repeat(129));
  assert.deepEqual((await shop.submit()).errors, [{ field: "holder", code: "invalid" }]);
  await shop.part("holder").fill(`  ${"𠮷".repeat(128)} `);
  assert.equal((await open((await shop.submit()).jwe, key)).card.holder, "𠮷".repeat(128));
});

for (const [locale, language, title] of [
  ["zh-CN", "zh-Hans", "银行卡信息"],
  ["en-GB", "en", "Card details"],
  ["fr-FR", "en", "Card details"],
]) {
  shopTest(
    `the browser's language ${locale} is taken by itself`,
    async (shop) => {
      await shop.mount();
      assert.equal(await shop.frame().evaluate(() => document.documentElement.lang), language);
      assert.equal(await shop.frame().title(), title);
      assert.equal(await shop.page.locator("iframe").getAttribute("title"), title);
    },
    { context: { locale } },
  );
}
