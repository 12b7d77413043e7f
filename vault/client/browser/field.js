// The page in the frame. It gets one port from the page that embeds it, and over this port leaves what was encrypted:
// never a card number, and never to anybody else.

import { brandOf } from "./card.js";
import { CardForm } from "./form.js";
import { encrypt } from "./jwe.js";
import { fetchNewestKey } from "./keys.js";
import { OptionError, readOptions } from "./options.js";
import { textsFor } from "./texts.js";

/** Only the first message that is right counts, and only from the page that embeds this one. */
function connect(event) {
  if (event.source !== window.parent || !isOriginOfParent(event.origin)) return;
  if (!isConnect(event.data) || event.ports.length !== 1) return;
  window.removeEventListener("message", connect);
  open(event.ports[0], event.data.options);
}

function open(port, given) {
  const send = (type, members = {}) => port.postMessage({ nonce: NONCE, type, ...members });
  let options;
  try {
    options = readOptions(given);
  } catch (error) {
    send("refused", { reason: error instanceof OptionError ? error.message : "the options cannot be read" });
    return;
  }
  const texts = textsFor(options.locale);
  dress(texts, options.style);
  const onEnter = () => send("enter");
  const form = new CardForm(texts, options, { onChange: (state) => send("change", state), onEnter });
  const submit = submitter(form, texts, send);

  port.onmessage = ({ data }) => {
    if (!isCommand(data)) return;
    if (data.type === "submit") void submit(data.id);
    if (data.type === "clear") clear(form);
    if (data.type === "focus") form.focus();
  };
  // A page that the browser keeps for the way back must not keep a card.
  window.addEventListener("pagehide", () => clear(form));
  new ResizeObserver(() => send("height", { height: heightOfPage() })).observe(document.body);
  send("ready");
}

function submitter(form, texts, send) {
  let isBusy = false;
  return async (id) => {
    const fail = (code, errors = []) => send("failed", { id, code, errors });
    if (isBusy) return fail("busy");
    const { card, errors } = form.read();
    if (errors !== undefined) return fail("invalid", errors);

    isBusy = true;
    form.lock(true);
    form.say("heard", texts.busy);
    try {
      const { code, jwe } = await sealCard(card);
      if (code !== undefined) {
        form.say("failed", texts[code]);
        return fail(code);
      }
      form.wipe();
      form.say("heard", texts.done);
      send("sealed", { id, jwe, card: shown(card) });
    } finally {
      form.lock(false);
      isBusy = false;
    }
  };
}

async function sealCard(card) {
  let key;
  try {
    key = await fetchNewestKey();
  } catch {
    return { code: "keys_unavailable" };
  }
  try {
    return { jwe: await encrypt(key, JSON.stringify(card)) };
  } catch {
    return { code: "encryption_failed" };
  }
}

/** What of a card may be shown (PCI DSS 3.4.1), and no more than a receipt needs. */
function shown({ number, exp_month, exp_year }) {
  return { brand: brandOf(number), last4: number.slice(-4), expMonth: exp_month, expYear: exp_year };
}

function clear(form) {
  form.wipe();
  form.say("", "");
}

function dress(texts, style) {
  document.documentElement.lang = texts.language;
  document.title = texts.title;
  for (const [name, value] of Object.entries(style)) document.documentElement.style.setProperty(name, value);
}

function heightOfPage() {
  return Math.ceil(document.body.getBoundingClientRect().height);
}

/** Where the browser tells whose page this one is in, it must be who the message is from. */
function isOriginOfParent(origin) {
  return origin !== "null" && (window.location.ancestorOrigins?.[0] ?? origin) === origin;
}

function isConnect(data) {
  if (!hasExactly(data, ["strongroom", "type", "nonce", "options"])) return false;
  return data.strongroom === 1 && data.type === "connect" && NONCE_FORM.test(NONCE) && data.nonce === NONCE;
}

function isCommand(data) {
  if (hasExactly(data, ["nonce", "type", "id"])) {
    return data.nonce === NONCE && data.type === "submit" && Number.isSafeInteger(data.id);
  }
  if (!hasExactly(data, ["nonce", "type"])) return false;
  return data.nonce === NONCE && (data.type === "clear" || data.type === "focus");
}

function hasExactly(data, members) {
  if (typeof data !== "object" || data === null) return false;
  const found = Object.keys(data);
  return found.length === members.length && members.every((member) => Object.hasOwn(data, member));
}

const NONCE_FORM = /^[0-9a-f]{32}$/;
/** Chosen by whoever made the frame; all that the address says, and all that it is used for. */
const NONCE = window.location.hash.slice(1);

if (window.parent === window) {
  const texts = textsFor("auto");
  dress(texts, {});
  document.getElementById("status").textContent = texts.standalone;
} else {
  window.addEventListener("message", connect);
}
