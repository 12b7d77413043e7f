// The TypeScript SDK of Strongroom: typed calls over mutual TLS, with retries that never do a thing twice.

export { Client, type EventQuery, type TokenQuery } from "./client.js";
export {
  AnswerError,
  type Failure,
  RequestError,
  StrongroomError,
  TransportError,
  VaultError,
} from "./errors.js";
export { AuditExport } from "./export.js";
export type { ClientOptions, Pem } from "./options.js";
export type { ListQuery } from "./pages.js";
export type { Policy } from "./retry.js";
export { SecretBytes, SecretText } from "./secret.js";
export type * from "./types.js";
