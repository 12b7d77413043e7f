// What the merchant's page loads. One file without imports, so that one hash holds all of it.
//
// The page gets a frame of the vault's own origin and one port to it. What comes over the port is a card that is already
// encrypted, and what may be shown of it.

/** Why there is no card. `code` is one of `CODES`; `errors` lists parts of the card, where those are the reason. */
export class CardFieldError extends Error {
  name = "CardFieldError";

  constructor(code, detail, errors = []) {
    super(detail === undefined ? CODES[code] : `${CODES[code]}: ${detail}`);
    this.code = code;
    this.errors = errors;
  }
}

/** Puts a card field into `container`. The options and what comes back are in `strongroom.d.ts`. */
export function mountCardField(container, options) {
  if (!(container instanceof Element)) throw new TypeError("container is no element");
  const { fieldUrl, title, onChange, onEnter, ...others } = readOptions(options);
  // What cannot be sent is refused here, and what is changed later has no effect.
  const rest = structuredClone(others);
  const nonce = unguessable();
  const frame = createFrame(fieldUrl, nonce, title ?? titleFor(rest.locale));
  const { port1: port, port2: portOfField } = new MessageChannel();
  const ready = settleable();
  const waiting = new Map();
  let last = 0;
  let ended;

  function end(error) {
    if (ended !== undefined) return;
    ended = error;
    clearTimeout(patience);
    port.close();
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function send(type, members = {}) {
    port.postMessage({ nonce, type, ...members });
  }

  const answers = {
    ready: () => {
      clearTimeout(patience);
      ready.resolve();
    },
    refused: ({ reason }) => end(new CardFieldError("refused", reason)),
    height: ({ height }) => {
      frame.style.height = `${height}px`;
    },
    change: ({ complete, brand, errors }) => onChange?.({ complete, brand, errors }),
    enter: () => onEnter?.(),
    sealed: ({ id, jwe, card }) => settle(id, ({ resolve }) => resolve({ jwe, card })),
    failed: ({ id, code, errors }) => settle(id, ({ reject }) => reject(new CardFieldError(code, undefined, errors))),
  };

  function settle(id, how) {
    const one = waiting.get(id);
    if (!waiting.delete(id)) return;
    clearTimeout(one.patience);
    how(one);
  }

  port.onmessage = ({ data }) => {
    if (isAnswer(data) && data.nonce === nonce) answers[data.type](data);
  };
  const patience = setTimeout(() => end(new CardFieldError("unavailable")), READY_MILLISECONDS);
  // The port is given away once, to this origin and no other. A frame that loads again is no longer the one we trusted.
  let isConnected = false;
  frame.addEventListener("load", () => {
    if (ended !== undefined) return;
    if (isConnected) return end(new CardFieldError("unavailable"));
    isConnected = true;
    const message = { strongroom: 1, type: "connect", nonce, options: rest };
    frame.contentWindow.postMessage(message, fieldUrl.origin, [portOfField]);
  });
  container.append(frame);

  return Object.freeze({
    /** Settles when the field can be typed into, or never will be. */
    ready: ready.promise,

    /** Encrypts what was typed; on success the inputs are empty. */
    async submit() {
      await ready.promise;
      if (ended !== undefined) throw ended;
      const one = settleable();
      const id = (last += 1);
      one.patience = setTimeout(() => settle(id, ({ reject }) => reject(new CardFieldError("timeout"))), SUBMIT_MILLISECONDS);
      waiting.set(id, one);
      send("submit", { id });
      return one.promise;
    },

    clear() {
      if (ended === undefined) send("clear");
    },

    focus() {
      if (ended !== undefined) return;
      frame.focus();
      send("focus");
    },

    unmount() {
      end(new CardFieldError("unmounted"));
      for (const one of waiting.values()) clearTimeout(one.patience);
      frame.remove();
    },
  });
}

/** Every `code` of a `CardFieldError`. */
export const CODES = Object.freeze({
  invalid: "the card is not complete or has an error",
  keys_unavailable: "the vault's keys could not be had",
  encryption_failed: "the card could not be encrypted",
  busy: "the card is being encrypted already",
  timeout: "the field gave no answer",
  unavailable: "the field could not be loaded",
  refused: "the field refused its options",
  unmounted: "the field was unmounted",
});

function readOptions(options) {
  if (typeof options !== "object" || options === null) throw new TypeError("options are no object");
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new TypeError(`there is no option ${unknown}`);
  for (const name of ["onChange", "onEnter"]) {
    const handler = options[name];
    if (handler !== undefined && typeof handler !== "function") throw new TypeError(`${name} is no function`);
  }
  if (options.title !== undefined && typeof options.title !== "string") throw new TypeError("title is no text");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), fieldUrl: readFieldUrl(options.fieldUrl) };
}

function readFieldUrl(text) {
  const url = new URL(text);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) throw new TypeError("fieldUrl is not https");
  if (url.username || url.password || url.search || url.hash) throw new TypeError("fieldUrl is more than an address");
  // In a frame of the page's own origin the page could read what is typed, and lift the sandbox.
  if (url.origin === window.location.origin) throw new TypeError("fieldUrl must be of another origin than the page");
  return url;
}

function createFrame(fieldUrl, nonce, title) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
  frame.referrerPolicy = "no-referrer";
  frame.title = title;
  Object.assign(frame.style, { display: "block", width: "100%", height: "0", border: "0" });
  const address = new URL(fieldUrl);
  address.hash = nonce;
  frame.src = address.href;
  return frame;
}

/** Spoken by screen readers when they enter the frame. */
function titleFor(locale = "auto") {
  const [first] = locale === "auto" ? navigator.languages : [locale];
  return /^zh\b/i.test(first ?? "") ? "银行卡信息" : "Card details";
}

function unguessable() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function settleable() {
  const one = {};
  one.promise = new Promise((resolve, reject) => Object.assign(one, { resolve, reject }));
  // Somebody who does not ask is not told twice: `submit` rejects with the same reason.
  one.promise.catch(() => {});
  return one;
}

/** Whether a message from the field has exactly the members of its kind, each of its form. */
function isAnswer(data) {
  if (typeof data !== "object" || data === null || !Object.hasOwn(ANSWERS, data.type)) return false;
  const forms = { nonce: isString, type: isString, ...ANSWERS[data.type] };
  return isOf(data, forms);
}

function isOf(value, forms) {
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(forms);
  const isExact = Object.keys(value).length === names.length;
  return isExact && names.every((name) => Object.hasOwn(value, name) && forms[name](value[name]));
}

const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const within = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;
const isString = matches(/^[\s\S]{0,256}$/);
const isId = within(1, Number.MAX_SAFE_INTEGER);
const isBrand = matches(/^(amex|diners|discover|jcb|maestro|mastercard|mir|unionpay|visa|unknown)$/);
const isError = (value) =>
  isOf(value, { field: matches(/^(number|expiry|securityCode|holder)$/), code: matches(/^[a-z_]{1,32}$/) });
const areErrors = (value) => Array.isArray(value) && value.length <= 4 && value.every(isError);
const isJwe = matches(/^[A-Za-z0-9_-]{1,1366}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{22}$/);
const isCard = (value) =>
  isOf(value, { brand: isBrand, last4: matches(/^\d{4}$/), expMonth: within(1, 12), expYear: within(2000, 2099) });

const ANSWERS = {
  ready: {},
  refused: { reason: isString },
  height: { height: within(0, 4000) },
  change: { complete: (value) => typeof value === "boolean", brand: isBrand, errors: areErrors },
  enter: {},
  sealed: { id: isId, jwe: isJwe, card: isCard },
  failed: { id: isId, code: matches(/^(invalid|keys_unavailable|encryption_failed|busy)$/), errors: areErrors },
};

const OPTIONS = [
  "fieldUrl",
  "title",
  "locale",
  "securityCode",
  "holder",
  "labels",
  "placeholders",
  "style",
  "onChange",
  "onEnter",
];
const READY_MILLISECONDS = 20_000;
const SUBMIT_MILLISECONDS = 30_000;
