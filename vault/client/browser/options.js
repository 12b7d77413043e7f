// What the embedding page may ask of the field, checked where it counts: on the field's side. Whatever is not listed is
// refused. Colours are opaque and must keep their contrast, so no page can make the field unreadable or invisible.

/** The options with their defaults filled in; throws `OptionError` with what is wrong. */
export function readOptions(given) {
  requireMembers("options", given, ["locale", "securityCode", "holder", "labels", "placeholders", "style"]);
  const { locale = "auto", securityCode = false, holder = "none", labels = {}, placeholders = {}, style = {} } = given;
  must(typeof locale === "string" && LANGUAGE_TAG.test(locale), "locale is no language tag");
  must(typeof securityCode === "boolean", "securityCode is neither true nor false");
  must(["none", "optional", "required"].includes(holder), "holder is none of none, optional, required");
  requireTexts("labels", labels);
  requireTexts("placeholders", placeholders);
  return { locale, securityCode, holder, labels, placeholders, style: readStyle(style) };
}

/** Every property of the style, as the page will have it. */
function readStyle(given) {
  requireMembers("style", given, Object.keys(STYLE));
  const style = {};
  for (const [name, { form, range, standard }] of Object.entries(STYLE)) {
    const value = given[name] ?? standard;
    must(typeof value === "string" && form.test(value), `style ${name} is not of its form`);
    const size = Number.parseFloat(value);
    must(range === undefined || (size >= range[0] && size <= range[1]), `style ${name} is out of its range`);
    style[name] = value;
  }
  for (const [ink, paper, least] of CONTRASTS) {
    const found = contrast(style[ink], style[paper]);
    must(found >= least, `style ${ink} on ${paper} has a contrast of ${found.toFixed(1)}, at least ${least} is needed`);
  }
  return style;
}

/** WCAG 2.2: the ratio of the relative luminances. */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const value = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function requireTexts(name, texts) {
  requireMembers(name, texts, ["number", "expiry", "securityCode", "holder"]);
  for (const text of Object.values(texts)) {
    const right = typeof text === "string" && text.trim() !== "" && text.length <= 64 && !/\p{Cc}/u.test(text);
    must(right, `${name} has a text that is empty, too long or not of one line`);
  }
}

function requireMembers(name, value, members) {
  must(typeof value === "object" && value !== null && !Array.isArray(value), `${name} is no object`);
  const unknown = Object.keys(value).find((member) => !members.includes(member));
  must(unknown === undefined, `${name} has a member that is not known`);
}

function must(condition, message) {
  if (!condition) throw new OptionError(message);
}

/** Said to the page's developer; never repeats a value. */
export class OptionError extends Error {
  name = "OptionError";
}

const LANGUAGE_TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/;
const COLOUR = /^#[0-9a-f]{6}$/i;
const PIXELS = /^\d{1,2}(\.\d{1,2})?px$/;

/** The custom properties of `field.css` that a page may set. */
export const STYLE = {
  "--font-size": { form: PIXELS, range: [14, 24], standard: "16px" },
  "--radius": { form: PIXELS, range: [0, 24], standard: "8px" },
  "--gap": { form: PIXELS, range: [4, 32], standard: "16px" },
  "--text": { form: COLOUR, standard: "#16202e" },
  "--muted": { form: COLOUR, standard: "#5a6675" },
  "--background": { form: COLOUR, standard: "#ffffff" },
  "--input": { form: COLOUR, standard: "#ffffff" },
  "--border": { form: COLOUR, standard: "#8490a0" },
  "--accent": { form: COLOUR, standard: "#1f5fbf" },
  "--error": { form: COLOUR, standard: "#b3261e" },
};

/** What must be told apart from what, and by how much: 4.5 for text, 3 for the parts of a control (WCAG 1.4.3, 1.4.11). */
const CONTRASTS = [
  ["--text", "--background", 4.5],
  ["--text", "--input", 4.5],
  ["--muted", "--background", 4.5],
  ["--muted", "--input", 4.5],
  ["--error", "--background", 4.5],
  ["--border", "--background", 3],
  ["--accent", "--background", 3],
];
