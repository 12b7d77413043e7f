// For people who do not see it, do not use a mouse, need it larger, or want it to keep still.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, pair, withShop } from "./checkout.mjs";
import { axeSource } from "./packages.mjs";

let browser;
let key;
before(async () => ([browser, key] = await Promise.all([launch(), pair("vault")])));
after(() => browser.close());

const shopTest = (name, run, context = {}) =>
  test(name, (test) => withShop(() => browser, { keys: [key.publicKey], context }, run)(test));

const ALL = { securityCode: true, holder: "optional" };
const PARTS = ["number", "expiry", "security_code", "holder"];

async function violations(shop) {
  await shop.frame().evaluate(axeSource);
  const found = await shop.frame().evaluate(async () => {
    // A rule for whole pages; the frame is a part of one, and a first heading of its own would be in the way of the page's.
    const rules = { "page-has-heading-one": { enabled: false } };
    const { violations, passes } = await window.axe.run(document, { resultTypes: ["violations"], rules });
    const nodes = ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`;
    return { violations: violations.map(nodes), passed: passes.length };
  });
  assert.ok(found.passed > 15, "axe looked at the field");
  return found.violations;
}

for (const locale of ["en", "zh"]) {
  shopTest(`axe finds nothing: ${locale}, empty`, async (shop) => {
    await shop.mount({ ...ALL, locale });
    assert.deepEqual(await violations(shop), []);
  });

  shopTest(`axe finds nothing: ${locale}, with errors`, async (shop) => {
    await shop.mount({ ...ALL, locale, holder: "required" });
    await shop.type("number", "378282246310006");
    await shop.submit();
    assert.deepEqual(await violations(shop), []);
  });

  shopTest(`axe finds nothing: ${locale}, dark, without the vault`, async (shop) => {
    const style = {
      "--text": "#e8edf4",
      "--muted": "#a3b0c2",
      "--background": "#111827",
      "--input": "#1b2536",
      "--border": "#6b7c93",
      "--accent": "#7fb0ff",
      "--error": "#ff9b94",
    };
    await shop.mount({ ...ALL, locale, style });
    await shop.typeCard({ number: "4111111111111111", expiry: "1231", code: "123" });
    shop.field.state.keys = [];
    assert.equal((await shop.submit()).refused, "encryption_failed");
    assert.deepEqual(await violations(shop), []);
    const colour = await shop.frame().evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(colour, "rgb(17, 24, 39)");
  });

  shopTest(`every input has its name, its purpose and its keyboard: ${locale}`, async (shop) => {
    await shop.mount({ ...ALL, locale });
    const inputs = shop.page.frameLocator("#card iframe").getByRole("textbox");
    const names = {
      en: ["Card number", "Expiry date", "Security code", "Name on card optional"],
      zh: ["卡号", "有效期", "安全码", "持卡人姓名 选填"],
    };
    for (const [place, name] of names[locale].entries()) {
      await shop.page.frameLocator("#card iframe").getByRole("textbox", { name }).waitFor();
      const input = inputs.nth(place);
      assert.equal(await input.getAttribute("id"), PARTS[place]);
      assert.equal(await input.getAttribute("autocomplete"), ["cc-number", "cc-exp", "cc-csc", "cc-name"][place]);
      assert.equal(await input.getAttribute("inputmode"), place < 3 ? "numeric" : null);
      assert.equal(await input.getAttribute("spellcheck"), "false");
      assert.equal(await input.getAttribute("aria-required"), place < 3 ? "true" : null);
      for (const id of ((await input.getAttribute("aria-describedby")) ?? "").split(" ").filter(Boolean)) {
        assert.equal(await shop.part(id).count(), 1);
      }
    }
    assert.equal(await inputs.count(), 4);
  });
}

shopTest("the texts of the shop take the place of the field's", async (shop) => {
  const labels = { number: "Your card", securityCode: "CVC" };
  const placeholders = { expiry: "month / year" };
  await shop.mount({ ...ALL, labels, placeholders, title: "Pay by card" });
  assert.equal(await shop.part("number-label").innerText(), "Your card");
  assert.equal(await shop.part("security_code-label").innerText(), "CVC");
  assert.equal(await shop.part("expiry").getAttribute("placeholder"), "month / year");
  assert.equal(await shop.page.locator("iframe").getAttribute("title"), "Pay by card");
  assert.deepEqual(await violations(shop), []);
});

shopTest("focus can be seen on every input", async (shop) => {
  await shop.mount(ALL);
  for (const part of PARTS) {
    const ring = () =>
      shop.frame().evaluate((id) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.getElementById(id).closest(".box"));
        return `${outlineStyle} ${outlineWidth}`;
      }, part);
    assert.match(await ring(), /^none/);
    await shop.part(part).focus();
    assert.equal(await ring(), "solid 2px");
  }
});

// 400 % zoom of a page 1280 wide is one 320 wide; the text at twice its size is the other way to enlarge.
for (const [name, width, style] of [
  ["a page zoomed to 200 %", 320, {}],
  ["a page zoomed to 400 %", 200, {}],
  ["the largest text on a narrow page", 320, { "--font-size": "24px" }],
]) {
  shopTest(
    `nothing is cut off: ${name}`,
    async (shop) => {
      await shop.mount({ ...ALL, locale: "en", style });
      await shop.submit();
      await shop.page.waitForFunction(() => {
        const height = Number.parseFloat(document.querySelector("iframe").style.height);
        return height > 300;
      });
      await shop.page.waitForTimeout(200);
      const sizes = await shop.frame().evaluate(() => ({
        wide: document.documentElement.scrollWidth - window.innerWidth,
        high: document.documentElement.scrollHeight - window.innerHeight,
        least: Math.min(...[...document.querySelectorAll(".box")].map((box) => box.getBoundingClientRect().height)),
      }));
      assert.ok(sizes.wide <= 0 && sizes.high <= 0, JSON.stringify(sizes));
      assert.ok(sizes.least >= 44);
    },
    { viewport: { width, height: 900 } },
  );
}

shopTest(
  "it keeps still for those who want that",
  async (shop) => {
    await shop.mount();
    const moves = await shop.frame().evaluate(() => getComputedStyle(document.querySelector(".box")).transitionDuration);
    assert.equal(moves, "0s");
  },
  { reducedMotion: "reduce" },
);

shopTest(
  "with forced colours nothing is lost",
  async (shop) => {
    await shop.mount(ALL);
    await shop.submit();
    assert.deepEqual(await violations(shop), []);
  },
  { forcedColors: "active" },
);
