// What a card is: number, brand, expiry, code, holder. As vault/domain/src/pan.rs and card.rs have it; no page, no state.

/** Groups and lengths by brand. Every length is one that the vault takes. */
export const BRANDS = {
  amex: { lengths: [15], groups: [4, 6, 5], code: 4 },
  diners: { lengths: [14, 15, 16, 17, 18, 19], groups: [4, 6, 4, 5], code: 3 },
  discover: { lengths: [16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  jcb: { lengths: [16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  maestro: { lengths: [12, 13, 14, 15, 16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  mastercard: { lengths: [16], groups: [4, 4, 4, 4], code: 3 },
  mir: { lengths: [16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  unionpay: { lengths: [16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  visa: { lengths: [13, 16, 19], groups: [4, 4, 4, 4, 3], code: 3 },
  unknown: { lengths: [12, 13, 14, 15, 16, 17, 18, 19], groups: [4, 4, 4, 4, 3], code: null },
};

/** The brand that every number with these first digits has, or "unknown". */
export function brandOf(digits) {
  const first = digits.slice(0, 6);
  if (first === "") return "unknown";
  const [lowest, highest] = [Number(first.padEnd(6, "0")), Number(first.padEnd(6, "9"))];
  const range = RANGES.find(([from, to]) => from <= lowest && highest <= to);
  return range === undefined ? "unknown" : range[2];
}

/** The digits of what somebody typed or pasted. Input methods for Chinese write them full-width. */
export function digitsOf(text) {
  return text
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[^0-9]/g, "");
}

/** In the groups that are printed on the card. */
export function formatNumber(digits) {
  const groups = [];
  let rest = digits;
  for (const length of BRANDS[brandOf(digits)].groups) {
    groups.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  groups.push(rest);
  return groups.filter((group) => group !== "").join(" ");
}

/** The most digits that a number of this brand has. */
export function longest(brand) {
  return Math.max(...BRANDS[brand].lengths);
}

/** What is wrong with a number, or null. */
export function checkNumber(digits) {
  if (digits === "") return "required";
  if (!BRANDS[brandOf(digits)].lengths.includes(digits.length)) return "length";
  return luhnIsRight(digits) ? null : "check_digit";
}

/** ISO/IEC 7812-1, annex B. */
export function luhnIsRight(digits) {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const value = place % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** Month, separator, year, as far as it was typed. `deleting`: the separator must not come back while it is deleted. */
export function formatExpiry(text, deleting = false) {
  const iso = /^\s*(20\d\d)-(\d{1,2})\s*$/.exec(text);
  if (iso !== null) return formatExpiry(`${iso[2].padStart(2, "0")}${iso[1]}`);
  let digits = digitsOf(text);
  const oneDigitMonth = /^[2-9]/.test(digits) || /^\s*[1-9]\s*[/／-]/.test(text);
  if (oneDigitMonth && !deleting) digits = `0${digits}`;
  const [month, year] = [digits.slice(0, 2), digits.slice(2, 6)];
  if (year !== "") return `${month} / ${year}`;
  return month.length === 2 && !deleting ? `${month} / ` : month;
}

/** Month and year, or null while it is none. Two digits of a year are of this century. */
export function parseExpiry(text) {
  const digits = digitsOf(text);
  if (digits.length !== 4 && digits.length !== 6) return null;
  const month = Number(digits.slice(0, 2));
  const year = digits.length === 4 ? 2000 + Number(digits.slice(2)) : Number(digits.slice(2));
  return month >= 1 && month <= 12 && year >= 2000 && year <= 2099 ? { month, year } : null;
}

/** What is wrong with an expiry, or null. A card is good to the end of its month. */
export function checkExpiry(text, now = new Date()) {
  if (digitsOf(text) === "") return "required";
  const expiry = parseExpiry(text);
  if (expiry === null) return "format";
  const months = ({ year, month }) => year * 12 + month;
  return months(expiry) < months({ year: now.getFullYear(), month: now.getMonth() + 1 }) ? "past" : null;
}

/** What is wrong with a security code, or null. */
export function checkSecurityCode(digits, brand) {
  if (digits === "") return "required";
  const { code } = BRANDS[brand];
  const right = code === null ? digits.length === 3 || digits.length === 4 : digits.length === code;
  return right ? null : "length";
}

/** What is wrong with a holder, or null. */
export function checkHolder(text, required) {
  const length = [...text.trim()].length;
  if (length === 0) return required ? "required" : null;
  return length > 128 || /\p{Cc}/u.test(text.trim()) ? "invalid" : null;
}

// The ranges of `Brand::of`, taken apart so that none overlaps another.
const RANGES = [
  [220_000, 220_499, "mir"],
  [222_100, 272_099, "mastercard"],
  [300_000, 305_999, "diners"],
  [340_000, 349_999, "amex"],
  [352_800, 358_999, "jcb"],
  [360_000, 369_999, "diners"],
  [370_000, 379_999, "amex"],
  [380_000, 399_999, "diners"],
  [400_000, 499_999, "visa"],
  [500_000, 509_999, "maestro"],
  [510_000, 559_999, "mastercard"],
  [560_000, 589_999, "maestro"],
  [600_000, 601_099, "maestro"],
  [601_100, 601_199, "discover"],
  [601_200, 619_999, "maestro"],
  [620_000, 629_999, "unionpay"],
  [630_000, 643_999, "maestro"],
  [644_000, 659_999, "discover"],
  [660_000, 699_999, "maestro"],
];
