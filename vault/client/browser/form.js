// The inputs: what they show, what is wrong in them, and what is read from them.

import {
  brandOf,
  checkExpiry,
  checkHolder,
  checkNumber,
  checkSecurityCode,
  digitsOf,
  formatExpiry,
  formatNumber,
  longest,
  parseExpiry,
} from "./card.js";
import { errorText } from "./texts.js";

/** The form of one card. It tells of changes by `onChange(state)`, and of the Enter key by `onEnter()`. */
export class CardForm {
  #texts;
  #options;
  #parts;
  /** Parts whose errors are shown: those that were left, and all once the card was asked for. */
  #visited = new Set();
  #onChange;
  #told = "";

  constructor(texts, options, { onChange, onEnter }) {
    this.#texts = texts;
    this.#options = options;
    this.#onChange = onChange;
    this.#parts = PARTS.filter((part) => this.#isAsked(part));
    for (const part of this.#parts) this.#prepare(part, onEnter);
    element("note").textContent = texts.note;
    this.#update();
    element("card").hidden = false;
  }

  /** What the page outside may know while somebody types. */
  get state() {
    const errors = this.#errors();
    const shown = errors.filter(({ part }) => this.#visited.has(part));
    return { complete: errors.length === 0, brand: this.#brand, errors: shown.map(named) };
  }

  /** The card, or what is wrong with it; then that is also shown and announced, and the first wrong input has focus. */
  read() {
    for (const part of this.#parts) this.#visited.add(part);
    const errors = this.#errors();
    this.#update();
    if (errors.length === 0) return { card: this.#card() };
    const names = errors.map(({ part }) => this.#label(part));
    this.say("heard", this.#texts.attention + names.join(this.#texts.between));
    element(errors[0].part).focus();
    return { errors: errors.map(named) };
  }

  /** Nothing can be typed while the card is under way, or what was typed would be wiped unsent. */
  lock(locked) {
    for (const part of this.#parts) element(part).readOnly = locked;
    setAttribute(element("card"), "aria-busy", locked ? "true" : null);
  }

  /** Empties every input and forgets every error. */
  wipe() {
    for (const part of this.#parts) element(part).value = "";
    this.#visited.clear();
    this.#update();
  }

  /** `how`: "heard" for what can be seen elsewhere, "seen", "failed", or "" for silence. */
  say(how, text) {
    const status = element("status");
    status.className = `status ${how}`;
    status.textContent = text;
  }

  focus() {
    element(this.#parts[0]).focus();
  }

  get #brand() {
    return brandOf(this.#digits("number"));
  }

  #digits(part) {
    return digitsOf(element(part).value);
  }

  #isAsked(part) {
    if (part === "security_code") return this.#options.securityCode;
    return part !== "holder" || this.#options.holder !== "none";
  }

  #card() {
    const card = { number: this.#digits("number"), ...expiryMembers(parseExpiry(element("expiry").value)) };
    if (this.#parts.includes("holder")) {
      const holder = element("holder").value.trim();
      if (holder !== "") card.holder = holder;
    }
    if (this.#parts.includes("security_code")) card.security_code = this.#digits("security_code");
    return card;
  }

  #errors() {
    const checks = {
      number: () => checkNumber(this.#digits("number")),
      expiry: () => checkExpiry(element("expiry").value),
      security_code: () => checkSecurityCode(this.#digits("security_code"), this.#brand),
      holder: () => checkHolder(element("holder").value, this.#options.holder === "required"),
    };
    return this.#parts.map((part) => ({ part, code: checks[part]() })).filter(({ code }) => code !== null);
  }

  #label(part) {
    return this.#options.labels[OPTION_NAMES[part]] ?? this.#texts[part];
  }

  #prepare(part, onEnter) {
    const input = element(part);
    input.closest(".part").hidden = false;
    this.#prepareLabel(part);
    input.placeholder = this.#options.placeholders[OPTION_NAMES[part]] ?? this.#texts[`${part}_placeholder`] ?? "";

    let before = "";
    const typed = (event) => {
      // An input method is still choosing among spellings; what it chose comes with the end of the composition.
      if (event.isComposing) return;
      FORMATS[part]?.(input, event.inputType ?? "", before);
      before = input.value;
      this.say("", "");
      this.#update();
    };
    input.addEventListener("input", typed);
    input.addEventListener("compositionend", typed);
    input.addEventListener("blur", () => {
      if (input.value !== "") this.#visited.add(part);
      this.#update();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      // The frame may not send forms; what Enter does is for the page outside to say.
      event.preventDefault();
      onEnter();
    });
  }

  #prepareLabel(part) {
    const label = element(`${part}-label`);
    label.textContent = this.#label(part);
    if (part !== "holder") return;
    if (this.#options.holder === "required") {
      setAttribute(element(part), "aria-required", "true");
      return;
    }
    const optional = document.createElement("span");
    optional.className = "optional";
    optional.textContent = this.#texts.optional;
    label.append(" ", optional);
  }

  #update() {
    const brand = this.#brand;
    element("brand").textContent = this.#texts[`brand_${brand}`] ?? "";
    element("brand").dataset.brand = brand;
    element("security_code-hint").textContent =
      this.#texts[`security_code_hint_${brand}`] ?? this.#texts.security_code_hint;
    const errors = new Map(this.#errors().map(({ part, code }) => [part, code]));
    for (const part of this.#parts) {
      const code = this.#visited.has(part) ? errors.get(part) : undefined;
      this.#showError(part, code === undefined ? "" : errorText(this.#texts, part, code, brand));
    }
    this.#tell();
  }

  #showError(part, text) {
    const [input, error] = [element(part), element(`${part}-error`)];
    if (error.textContent !== text) error.textContent = text;
    error.hidden = text === "";
    setAttribute(input, "aria-invalid", text === "" ? null : "true");
    const described = [DESCRIBED_BY[part], text === "" ? undefined : error.id].filter((id) => id !== undefined);
    setAttribute(input, "aria-describedby", described.length === 0 ? null : described.join(" "));
  }

  /** Only when something else is to be told: the page outside need not know of every key. */
  #tell() {
    const state = this.state;
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    this.#onChange(state);
  }
}

const PARTS = ["number", "expiry", "security_code", "holder"];
const OPTION_NAMES = { number: "number", expiry: "expiry", security_code: "securityCode", holder: "holder" };
const DESCRIBED_BY = { number: "brand", security_code: "security_code-hint" };

const FORMATS = {
  number(input, inputType, before) {
    let digits = digitsOf(input.value);
    let place = digitsOf(input.value.slice(0, input.selectionStart)).length;
    // What was deleted was only the space between two groups: then the digit beside it is what was meant.
    if (digits === digitsOf(before) && input.value.length < before.length) {
      if (inputType === "deleteContentBackward" && place > 0) {
        digits = digits.slice(0, place - 1) + digits.slice(place);
        place -= 1;
      } else if (inputType === "deleteContentForward") {
        digits = digits.slice(0, place) + digits.slice(place + 1);
      }
    }
    // One key too many is not taken. What was pasted is shown whole, so that its error can be seen.
    const isOneKey = inputType !== "insertFromPaste" && digits.length === digitsOf(before).length + 1;
    if (isOneKey && digits.length > longest(brandOf(digits))) {
      digits = digitsOf(before);
      place = Math.max(0, place - 1);
    }
    show(input, formatNumber(digits.slice(0, MOST_DIGITS_SHOWN)), place);
  },

  expiry(input, inputType) {
    const atEnd = input.selectionStart === input.value.length;
    const place = digitsOf(input.value.slice(0, input.selectionStart)).length;
    const text = formatExpiry(input.value, inputType.startsWith("delete"));
    show(input, text, atEnd ? Infinity : place);
  },

  security_code(input) {
    const digits = digitsOf(input.value).slice(0, 4);
    if (digits !== input.value) show(input, digits, Infinity);
  },
};

/** Writes the text and puts the caret behind the digit that it was behind. */
function show(input, text, digitsBeforeCaret) {
  let place = digitsBeforeCaret === Infinity ? text.length : 0;
  for (let seen = 0; seen < digitsBeforeCaret && place < text.length; place += 1) {
    if (/[0-9]/.test(text[place])) seen += 1;
  }
  input.value = text;
  if (document.activeElement === input) input.setSelectionRange(place, place);
}

function setAttribute(of, name, value) {
  if (value === null) of.removeAttribute(name);
  else of.setAttribute(name, value);
}

const expiryMembers = ({ month, year }) => ({ exp_month: month, exp_year: year });
const named = ({ part, code }) => ({ field: OPTION_NAMES[part], code });
const element = (id) => document.getElementById(id);

const MOST_DIGITS_SHOWN = 30;
