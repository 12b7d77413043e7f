/** Puts a card field into `container`. Throws `TypeError` for options that the page got wrong. */
export function mountCardField(container: Element, options: CardFieldOptions): CardField;

export interface CardFieldOptions {
  /** Where the vault's operator serves `field.html`: https, and another origin than the page's. */
  fieldUrl: string;
  /** A language tag, or "auto" for the browser's (the default). There are English and Simplified Chinese. */
  locale?: string;
  /** Whether to ask for the security code; no by default, since it may be kept until the payment is authorised only (PCI DSS 3.3.1). */
  securityCode?: boolean;
  /** Whether to ask for the name on the card; "none" by default. */
  holder?: "none" | "optional" | "required";
  /** In place of the field's own texts: one line, at most 64 characters. */
  labels?: Partial<Record<Part, string>>;
  placeholders?: Partial<Record<Part, string>>;
  style?: Partial<Record<Size, `${number}px`> & Record<Colour, `#${string}`>>;
  /** What screen readers call the frame. */
  title?: string;
  onChange?: (state: CardState) => void;
  /** Enter was pressed in the field. */
  onEnter?: () => void;
}

export type Part = "number" | "expiry" | "securityCode" | "holder";
/** 14 to 24, 0 to 24 and 4 to 32 pixels. */
export type Size = "--font-size" | "--radius" | "--gap";
/** `#rrggbb`. Refused when text or borders could not be told from what is behind them (WCAG 2.2 AA). */
export type Colour = "--text" | "--muted" | "--background" | "--input" | "--border" | "--accent" | "--error";

export interface CardState {
  /** Whether `submit` would encrypt. */
  complete: boolean;
  brand: Brand;
  /** What the field shows as wrong. */
  errors: PartError[];
}

export interface PartError {
  field: Part;
  code: "required" | "length" | "check_digit" | "format" | "past" | "invalid";
}

export type Brand =
  | "amex"
  | "diners"
  | "discover"
  | "jcb"
  | "maestro"
  | "mastercard"
  | "mir"
  | "unionpay"
  | "visa"
  | "unknown";

export interface CardField {
  /** Settles when the field can be typed into, or never will be. */
  readonly ready: Promise<void>;
  /** Encrypts what was typed; on success the inputs are empty. Rejects with a `CardFieldError`. */
  submit(): Promise<EncryptedCard>;
  clear(): void;
  focus(): void;
  unmount(): void;
}

export interface EncryptedCard {
  /** For the vault; nobody else can open it. */
  jwe: string;
  card: { brand: Brand; last4: string; expMonth: number; expYear: number };
}

export type Code =
  | "invalid"
  | "keys_unavailable"
  | "encryption_failed"
  | "busy"
  | "timeout"
  | "unavailable"
  | "refused"
  | "unmounted";

export const CODES: Readonly<Record<Code, string>>;

export class CardFieldError extends Error {
  readonly code: Code;
  readonly errors: PartError[];
}
