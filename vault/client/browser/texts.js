// Every text that the field shows, in every language it speaks. The tables have the same members; a test holds them to it.

const en = {
  language: "en",
  title: "Card details",
  number: "Card number",
  expiry: "Expiry date",
  expiry_placeholder: "MM / YY",
  security_code: "Security code",
  security_code_hint: "On the back of the card",
  security_code_hint_amex: "On the front of the card",
  holder: "Name on card",
  optional: "optional",
  note: "Encrypted here. The shop never sees your card number.",
  done: "Your card was encrypted.",
  busy: "Encrypting…",
  attention: "Please check: ",
  between: ", ",
  keys_unavailable: "We could not reach the vault. Your card was not sent. Please try again in a moment.",
  encryption_failed: "Your card could not be encrypted and was not sent. Please try again.",
  standalone: "This page works only inside the page of a shop.",
  error_number_required: "Enter the card number.",
  error_number_length: "The card number is incomplete or too long.",
  error_number_check_digit: "This card number has a typing mistake.",
  error_expiry_required: "Enter the expiry date.",
  error_expiry_format: "Enter the expiry date as month and year, like on the card.",
  error_expiry_past: "This card has expired.",
  error_security_code_required: "Enter the security code.",
  error_security_code_length: "Enter the three digits of the code.",
  error_security_code_length_amex: "Enter the four digits of the code.",
  error_security_code_length_unknown: "Enter the three or four digits of the code.",
  error_holder_required: "Enter the name on the card.",
  error_holder_invalid: "Enter the name as it is on the card, in at most 128 characters.",
  brand_amex: "Amex",
  brand_diners: "Diners Club",
  brand_discover: "Discover",
  brand_jcb: "JCB",
  brand_maestro: "Maestro",
  brand_mastercard: "Mastercard",
  brand_mir: "Mir",
  brand_unionpay: "UnionPay",
  brand_visa: "Visa",
};

const zh = {
  language: "zh-Hans",
  title: "银行卡信息",
  number: "卡号",
  expiry: "有效期",
  expiry_placeholder: "月 / 年",
  security_code: "安全码",
  security_code_hint: "位于卡片背面",
  security_code_hint_amex: "位于卡片正面",
  holder: "持卡人姓名",
  optional: "选填",
  note: "信息在此处加密，商家无法看到您的卡号。",
  done: "您的银行卡信息已加密。",
  busy: "正在加密…",
  attention: "请检查：",
  between: "、",
  keys_unavailable: "暂时无法连接保险库，您的卡信息没有发送。请稍后重试。",
  encryption_failed: "卡信息加密失败，没有发送。请重试。",
  standalone: "此页面只能在商家页面中使用。",
  error_number_required: "请输入卡号。",
  error_number_length: "卡号位数不正确。",
  error_number_check_digit: "卡号有误，请核对。",
  error_expiry_required: "请输入有效期。",
  error_expiry_format: "请按卡面输入有效期的月份和年份。",
  error_expiry_past: "此卡已过期。",
  error_security_code_required: "请输入安全码。",
  error_security_code_length: "请输入三位安全码。",
  error_security_code_length_amex: "请输入四位安全码。",
  error_security_code_length_unknown: "请输入三位或四位安全码。",
  error_holder_required: "请输入持卡人姓名。",
  error_holder_invalid: "请按卡面输入姓名，最多 128 个字符。",
  brand_amex: "美国运通",
  brand_diners: "大来卡",
  brand_discover: "Discover",
  brand_jcb: "JCB",
  brand_maestro: "Maestro",
  brand_mastercard: "万事达卡",
  brand_mir: "Mir",
  brand_unionpay: "银联",
  brand_visa: "Visa",
};

/** By primary language. */
export const TEXTS = { en, zh };

/** The table for a language tag, for "auto" the first of the browser's languages that there is one for; else English. */
export function textsFor(locale, languages = globalThis.navigator?.languages ?? []) {
  const wanted = locale === "auto" ? languages : [locale];
  const known = wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => Object.hasOwn(TEXTS, tag));
  return TEXTS[known ?? "en"];
}

/** The text for an error of a part of the card. `brand` tells how long the code of this card is. */
export function errorText(texts, part, code, brand) {
  const special = texts[`error_${part}_${code}_${brand}`];
  return special ?? texts[`error_${part}_${code}`];
}
