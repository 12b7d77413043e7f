// What a client is made from.

import type { Policy } from "./retry.js";

/** Certificates or a key in PEM. */
export type Pem = string | Uint8Array;

/** Where the vault is, who is calling, and how patient to be. */
export interface ClientOptions {
  /** Where the vault is, such as `https://vault.example.com:8443`. */
  readonly url: string;
  /** The authorities that the vault's certificate may come from. No others are trusted. */
  readonly ca: Pem;
  /** Who is calling: the certificate with its chain. */
  readonly certificate: Pem;
  /** The certificate's private key. */
  readonly privateKey: Pem;
  /** How patient to be. */
  readonly policy?: Partial<Policy> | undefined;
}
