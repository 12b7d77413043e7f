// All that a shop's page does: it mounts the field, asks it for the encrypted card, and hands that to the shop's server.

const FIELD = document.getElementById("checkout-script").dataset.field;
const { mountCardField } = await import(`${FIELD}/strongroom.js`);

const TEXTS = {
  en: {
    order: "Your order",
    kettle: "Kettle, 1 l",
    cups: "Two cups",
    total: "Total",
    card: "Pay by card",
    pay: "Pay € 42.00",
    paying: "Paying…",
    thanks: "Thank you",
    kept: "This is what the shop keeps in place of your card:",
    paid: (brand, last4) => `Paid with ${brand} ending in ${last4}.`,
    failed: "The payment did not go through. Nothing was charged. Please try again.",
    unavailable: "Card payment is not available at the moment. Please reload the page.",
  },
  zh: {
    order: "您的订单",
    kettle: "水壶，1 升",
    cups: "茶杯两只",
    total: "合计",
    card: "银行卡支付",
    pay: "支付 € 42.00",
    paying: "正在支付…",
    thanks: "谢谢",
    kept: "商家保存的不是您的卡号，而是：",
    paid: (brand, last4) => `已使用尾号 ${last4} 的 ${brand} 卡支付。`,
    failed: "支付未成功，没有扣款。请重试。",
    unavailable: "暂时无法使用银行卡支付，请刷新页面。",
  },
};

const BRANDS = { amex: "Amex", diners: "Diners Club", discover: "Discover", jcb: "JCB", maestro: "Maestro",
  mastercard: "Mastercard", mir: "Mir", unionpay: "UnionPay", visa: "Visa" };

const asked = new URLSearchParams(location.search).get("lang") ?? navigator.language;
const language = asked.toLowerCase().startsWith("zh") ? "zh" : "en";
const texts = TEXTS[language];
const element = (id) => document.getElementById(id);
document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
for (const part of document.querySelectorAll("[data-text]")) part.textContent = texts[part.dataset.text];

// A dark page wants a dark field. The colours are checked by the field: what could not be read is refused.
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const style = dark
  ? {
      "--text": "#e9edf3",
      "--muted": "#a3adbb",
      "--background": "#1a2029",
      "--input": "#12171e",
      "--border": "#7a8696",
      "--accent": "#7db2ff",
      "--error": "#ff9b92",
    }
  : {};

const field = mountCardField(element("card"), {
  fieldUrl: `${FIELD}/field.html`,
  locale: language,
  style,
  onEnter: () => void pay(),
});
field.ready.then(
  () => {
    element("pay").disabled = false;
  },
  () => {
    element("problem").textContent = texts.unavailable;
  },
);
element("pay").addEventListener("click", () => void pay());

let isPaying = false;
async function pay() {
  if (isPaying) return;
  isPaying = true;
  element("problem").textContent = "";
  element("pay").textContent = texts.paying;
  try {
    const { jwe } = await field.submit();
    const response = await fetch("/orders", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jwe }),
    });
    if (!response.ok) throw new Error("the order was refused");
    show(await response.json());
  } catch (error) {
    // What the buyer can mend, the field has shown and said already.
    if (error.code !== "invalid") element("problem").textContent = texts.failed;
  } finally {
    element("pay").textContent = texts.pay;
    isPaying = false;
  }
}

function show({ token, brand, last4 }) {
  element("paid").textContent = texts.paid(BRANDS[brand] ?? brand, last4);
  element("token").textContent = token;
  element("checkout").hidden = true;
  element("done").hidden = false;
  element("done").focus();
}
