// A step as a call of the SDK: each method of the client stands here.

import { Buffer } from "node:buffer";

import { Client } from "../../src/index.js";
import { OPERATIONS } from "../../src/operations.js";
import { collected } from "../vault.js";
import { typed } from "./plain.js";

/** One call, with what it sends and what must come back. */
export interface Step {
  readonly as: string;
  readonly call: string;
  readonly path?: { readonly [name: string]: string };
  readonly query?: object;
  readonly all_pages?: boolean;
  readonly idempotency_key?: string;
  readonly body?: { readonly items?: readonly unknown[] };
  readonly answer?: unknown;
  readonly refused?: unknown;
  readonly keep?: string;
}

type Act = (vault: Client, step: Step) => Promise<unknown>;

/** The method of the client that makes this call. */
export function methodOf({ call, all_pages: allPages, body }: Step): string {
  const name = camel(call);
  if (!(name in OPERATIONS)) {
    throw new Error(`there is no call ${call}`);
  }
  if (allPages) {
    return camel(call.slice(call.indexOf("_") + 1));
  }
  return `${name}Many` in CALLS && body?.items !== undefined ? `${name}Many` : name;
}

export const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const path = (step: Step, name: string): string => {
  const part = step.path?.[name];
  if (part === undefined) {
    throw new Error(`${step.call} needs ${name} in its path`);
  }
  return part;
};
const body = (step: Step): any => typed(step.body);
const items = (step: Step): any[] => typed(step.body?.items);
/** All pages as one. */
const whole = async (all: AsyncIterable<unknown>): Promise<unknown> => ({ items: await collected(all) });

export const CALLS: { readonly [method: string]: Act } = {
  createToken: (vault, step) => vault.createToken(body(step)),
  createTokens: (vault, step) => vault.createTokens(items(step)),
  getToken: (vault, step) => vault.getToken(path(step, "token")),
  listTokens: (vault, step) => vault.listTokens(step.query),
  tokens: (vault, step) => whole(vault.tokens({ limit: 7, ...step.query })),
  searchTokens: (vault, step) => vault.searchTokens(body(step)),
  updateToken: (vault, step) => vault.updateToken(path(step, "token"), body(step)),
  putSecurityCode: (vault, step) => vault.putSecurityCode(path(step, "token"), body(step)),
  reportAuthorisation: (vault, step) => vault.reportAuthorisation(path(step, "token"), body(step).result),
  deleteToken: (vault, step) => vault.deleteToken(path(step, "token")),
  detokenizeToken: (vault, step) => {
    const { purpose, reveal, encrypt_to: encryptTo } = body(step);
    return vault.detokenizeToken(path(step, "token"), purpose, reveal, encryptTo);
  },
  detokenizeTokens: (vault, step) => {
    const { purpose, reveal, items: tokens, encrypt_to: encryptTo } = body(step);
    return vault.detokenizeTokens(tokens, purpose, reveal, encryptTo);
  },
  createKey: (vault, step) => vault.createKey(body(step)),
  getKey: (vault, step) => vault.getKey(path(step, "key")),
  listKeys: (vault, step) => vault.listKeys(step.query),
  keys: (vault, step) => whole(vault.keys({ limit: 7, ...step.query })),
  rotateKey: (vault, step) => vault.rotateKey(path(step, "key")),
  encrypt: (vault, step) => vault.encrypt(path(step, "key"), body(step)),
  encryptMany: (vault, step) => vault.encryptMany(path(step, "key"), items(step)),
  decrypt: (vault, step) => vault.decrypt(path(step, "key"), body(step)),
  decryptMany: (vault, step) => vault.decryptMany(path(step, "key"), items(step)),
  reencrypt: (vault, step) => vault.reencrypt(path(step, "key"), body(step)),
  reencryptMany: (vault, step) => vault.reencryptMany(path(step, "key"), items(step)),
  lookup: (vault, step) => vault.lookup(path(step, "key"), body(step)),
  lookupMany: (vault, step) => vault.lookupMany(path(step, "key"), items(step)),
  createDataKey: (vault, step) => vault.createDataKey(path(step, "key"), body(step)),
  mac: (vault, step) => vault.mac(path(step, "key"), body(step)),
  macMany: (vault, step) => vault.macMany(path(step, "key"), items(step)),
  verifyMac: (vault, step) => vault.verifyMac(path(step, "key"), body(step)),
  verifyMacMany: (vault, step) => vault.verifyMacMany(path(step, "key"), items(step)),
  sign: (vault, step) => vault.sign(path(step, "key"), body(step)),
  signMany: (vault, step) => vault.signMany(path(step, "key"), items(step)),
  verify: (vault, step) => vault.verify(path(step, "key"), body(step)),
  verifyMany: (vault, step) => vault.verifyMany(path(step, "key"), items(step)),
  listPublicKeys: (vault, step) => vault.listPublicKeys(path(step, "key")),
  getJwks: (vault, step) => vault.getJwks(path(step, "key")),
  encryptDocument: (vault, step) => vault.encryptDocument(body(step)),
  decryptDocument: (vault, step) => vault.decryptDocument(body(step)),
  reencryptDocument: (vault, step) => vault.reencryptDocument(body(step)),
  createProfile: (vault, step) => vault.createProfile(body(step)),
  getProfile: (vault, step) => vault.getProfile(path(step, "profile")),
  listProfiles: (vault, step) => vault.listProfiles(step.query),
  profiles: (vault, step) => whole(vault.profiles({ limit: 7, ...step.query })),
  createIdentity: (vault, step) => vault.createIdentity(body(step)),
  getIdentity: (vault, step) => vault.getIdentity(path(step, "service")),
  listIdentities: (vault, step) => vault.listIdentities(step.query),
  identities: (vault, step) => whole(vault.identities({ limit: 7, ...step.query })),
  disableIdentity: (vault, step) => vault.disableIdentity(path(step, "service")),
  createGrant: (vault, step) => vault.createGrant(path(step, "service"), body(step)),
  revokeGrant: (vault, step) => vault.revokeGrant(path(step, "service"), path(step, "grant")),
  createEncryptionKey: (vault, step) => vault.createEncryptionKey(path(step, "service"), body(step)),
  listEncryptionKeys: (vault, step) => vault.listEncryptionKeys(path(step, "service")),
  revokeEncryptionKey: (vault, step) => vault.revokeEncryptionKey(path(step, "service"), path(step, "kid")),
  forward: (vault, step) => vault.forward(body(step)),
  searchAuditEvents: (vault, step) => vault.searchAuditEvents(step.query),
  auditEvents: (vault, step) => whole(vault.auditEvents(step.query)),
  exportAudit: async (vault) => {
    const parts = await collected(await vault.exportAudit());
    const lines = Buffer.concat(parts).toString("utf8").trim().split("\n");
    return { items: lines.map((line): unknown => JSON.parse(line)) };
  },
  getCheckpoints: (vault) => vault.getCheckpoints(),
  getStatus: (vault) => vault.getStatus(),
  getOpenapi: (vault) => vault.getOpenapi(),
};

/** What the client can do. All of it is used by some scenario. */
export const METHODS = Object.getOwnPropertyNames(Client.prototype).filter(
  (name) => name !== "constructor" && name !== "close",
);
