// The client.

import { RequestError } from "./errors.js";
import { AuditExport } from "./export.js";
import { OPERATIONS, type Operation } from "./operations.js";
import type { ClientOptions } from "./options.js";
import { all, type ListQuery } from "./pages.js";
import { Transport } from "./transport.js";
import * as types from "./types.js";
import { object } from "./wire.js";

/** Which audit events are asked for. Everything given must match. */
export interface EventQuery extends ListQuery {
  /** From this time on. */
  readonly from?: types.Timestamp | undefined;
  /** Before this time. */
  readonly to?: types.Timestamp | undefined;
  /** Who acted. */
  readonly actor?: string | undefined;
  /** What was done, such as `token.detokenize`. */
  readonly action?: string | undefined;
  /** To what. */
  readonly object?: string | undefined;
  /** How it ended: `success` or a code. */
  readonly outcome?: string | undefined;
  /** Where a value was sent. */
  readonly destination?: string | undefined;
  /** In which request. */
  readonly request_id?: string | undefined;
}

/** Which tokens are asked for. Everything given must match. */
export interface TokenQuery extends ListQuery {
  /** Cards with these first six digits, if their profile shows them. */
  readonly bin?: string | undefined;
  /** Cards or bank accounts that end so, if their profile shows it. */
  readonly last4?: string | undefined;
  /** Cards of this scheme. */
  readonly brand?: string | undefined;
  /** With this tag. */
  readonly tag?: types.Tag | undefined;
  /** The one with this alias. */
  readonly alias?: types.Alias | undefined;
  /** Values of this kind. */
  readonly type?: types.ValueKind | undefined;
  /** Made by this profile. */
  readonly profile?: types.ProfileName | undefined;
  /** In this state. */
  readonly state?: "active" | "used" | undefined;
  /** Made at this time or later. */
  readonly created_from?: types.Timestamp | undefined;
  /** Made before this time. */
  readonly created_to?: types.Timestamp | undefined;
  /** With an end before this time. The list is then ordered by end, soonest first, and otherwise oldest first. */
  readonly expires_before?: types.Timestamp | undefined;
}

type Query = ListQuery | EventQuery | TokenQuery;
type Read<T> = (value: unknown) => T;

/** A vault, as one identity sees it. It keeps its connections between calls, and calls may overlap. */
export class Client {
  readonly #transport: Transport;
  readonly #idempotencyKey: string | undefined;

  /** Connects at the first call only. */
  constructor(options: ClientOptions);
  /** @internal */
  constructor(options: Transport, idempotencyKey: string);
  constructor(options: ClientOptions | Transport, idempotencyKey?: string) {
    this.#transport = options instanceof Transport ? options : new Transport(options);
    this.#idempotencyKey = idempotencyKey;
  }

  /**
   * The same client, but its creating calls carry this `Idempotency-Key` instead of a new one each. For one call: a
   * second one with another body is refused.
   */
  withIdempotencyKey(key: string): Client {
    if (!/^[A-Za-z0-9_.:-]{8,128}$/.test(key)) {
      throw new RequestError("an idempotency key has 8 to 128 characters of letters, digits and -_.:");
    }
    return new Client(this.#transport, key);
  }

  /** Closes the connections. */
  close(): void {
    this.#transport.close();
  }

  // Tokens. Wherever one is named, `alias:` and one of its aliases will do.

  /** Turns a value into a token. */
  async createToken(request: types.CreateToken): Promise<types.TokenView> {
    return this.#post(OPERATIONS.createToken, [], request, types.readTokenView);
  }

  /** Turns up to 1,000 values into tokens, each on its own. */
  async createTokens(items: readonly types.CreateToken[]): Promise<types.CreatedTokenBatch> {
    const request: types.CreateTokens = { items };
    return this.#post(OPERATIONS.createTokens, [], request, types.readCreatedTokenBatch);
  }

  /** What is known of a token without its value. */
  async getToken(token: types.TokenReference): Promise<types.TokenView> {
    return this.#send(OPERATIONS.getToken, [token], types.readTokenView);
  }

  /** One page of the tenant's tokens that match, without their values. */
  async listTokens(wanted: TokenQuery = {}): Promise<types.TokenViewList> {
    return this.#send(OPERATIONS.listTokens, [], types.readTokenViewList, wanted);
  }

  /** All of the tenant's tokens that match, without their values. */
  tokens(wanted: TokenQuery = {}): AsyncGenerator<types.TokenView, void, void> {
    return all(wanted, (next) => this.listTokens(next));
  }

  /** The tokens of a value. */
  async searchTokens(request: types.SearchTokens): Promise<types.TokenViewList> {
    return this.#post(OPERATIONS.searchTokens, [], request, types.readTokenViewList);
  }

  /**
   * Changes a token's metadata, end, aliases and tags. Not tried again once it may have been carried out: it could undo
   * another's change.
   */
  async updateToken(token: types.TokenReference, update: types.UpdateToken): Promise<types.TokenView> {
    return this.#post(OPERATIONS.updateToken, [token], update, types.readTokenView);
  }

  /**
   * Keeps the security code of a token's card until its payment is authorised, in place of any before it. Not tried
   * again once it may have been carried out: it could bring back a code that has served.
   */
  async putSecurityCode(token: types.TokenReference, request: types.PutSecurityCode): Promise<types.SecurityCodeKept> {
    return this.#post(OPERATIONS.putSecurityCode, [token], request, types.readSecurityCodeKept);
  }

  /**
   * Tells how an authorisation ended, and has the security code destroyed. Not tried again once it may have been
   * carried out: it could destroy the code of the payment after.
   */
  async reportAuthorisation(token: types.TokenReference, result: types.AuthorisationResult): Promise<void> {
    const request: types.ReportAuthorisation = { result };
    return this.#post(OPERATIONS.reportAuthorisation, [token], request, () => undefined);
  }

  /** Ends a token and its value. */
  async deleteToken(token: types.TokenReference): Promise<void> {
    return this.#send(OPERATIONS.deleteToken, [token], () => undefined);
  }

  /**
   * The value of a token, for a purpose; encrypted to one of the caller's keys if that is asked for. Not tried again once it
   * may have been carried out.
   */
  async detokenizeToken(
    token: types.TokenReference,
    purpose: types.DetokenizationPurpose,
    reveal: types.Reveal,
    encryptTo?: types.EncryptTo,
  ): Promise<types.DetokenizedToken> {
    const request: types.DetokenizeToken = { purpose, reveal, encrypt_to: encryptTo };
    return this.#post(OPERATIONS.detokenizeToken, [token], request, types.readDetokenizedToken);
  }

  /**
   * The values of up to 1,000 tokens, each on its own, for one purpose; encrypted to one of the caller's keys if that is
   * asked for. Not tried again once it may have been carried out.
   */
  async detokenizeTokens(
    tokens: readonly types.TokenReference[],
    purpose: types.DetokenizationPurpose,
    reveal: types.Reveal,
    encryptTo?: types.EncryptTo,
  ): Promise<types.DetokenizedItemBatch> {
    const request: types.DetokenizeTokens = { purpose, reveal, items: tokens, encrypt_to: encryptTo };
    return this.#post(OPERATIONS.detokenizeTokens, [], request, types.readDetokenizedItemBatch);
  }

  // Keys

  /** Makes a key. */
  async createKey(request: types.CreateKey): Promise<types.KeyView> {
    return this.#post(OPERATIONS.createKey, [], request, types.readKeyView);
  }

  /** A key and its versions, without material. */
  async getKey(key: types.KeyName): Promise<types.KeyView> {
    return this.#send(OPERATIONS.getKey, [key], types.readKeyView);
  }

  /** One page of the tenant's keys. */
  async listKeys(page: ListQuery = {}): Promise<types.KeyViewList> {
    return this.#send(OPERATIONS.listKeys, [], types.readKeyViewList, page);
  }

  /** All of the tenant's keys. */
  keys(page: ListQuery = {}): AsyncGenerator<types.KeyView, void, void> {
    return all(page, (next) => this.listKeys(next));
  }

  /** Makes a new version of a key, which protects from then on. */
  async rotateKey(key: types.KeyName): Promise<types.KeyView> {
    return this.#post(OPERATIONS.rotateKey, [key], undefined, types.readKeyView);
  }

  // Fields, codes and data keys

  /** Protects a field. */
  async encrypt(key: types.KeyName, item: types.EncryptItem): Promise<types.EncryptedField> {
    return this.#post(OPERATIONS.encrypt, [key], item, types.readEncryptedField);
  }

  /** Protects up to 1,000 fields, each on its own. */
  async encryptMany(
    key: types.KeyName,
    items: readonly types.EncryptItem[],
  ): Promise<types.EncryptedItemBatch> {
    return this.#post(OPERATIONS.encrypt, [key], { items }, types.readEncryptedItemBatch);
  }

  /** Reads a protected field. */
  async decrypt(key: types.KeyName, item: types.DecryptItem): Promise<types.DecryptedField> {
    return this.#post(OPERATIONS.decrypt, [key], item, types.readDecryptedField);
  }

  /** Reads up to 1,000 protected fields, each on its own. */
  async decryptMany(
    key: types.KeyName,
    items: readonly types.DecryptItem[],
  ): Promise<types.DecryptedItemBatch> {
    return this.#post(OPERATIONS.decrypt, [key], { items }, types.readDecryptedItemBatch);
  }

  /** Protects a field anew under the newest version of the key, without showing it. */
  async reencrypt(key: types.KeyName, item: types.ReencryptItem): Promise<types.EncryptedField> {
    return this.#post(OPERATIONS.reencrypt, [key], item, types.readEncryptedField);
  }

  /** Protects up to 1,000 fields anew, each on its own. */
  async reencryptMany(
    key: types.KeyName,
    items: readonly types.ReencryptItem[],
  ): Promise<types.EncryptedItemBatch> {
    return this.#post(OPERATIONS.reencrypt, [key], { items }, types.readEncryptedItemBatch);
  }

  /** What a value is stored as under each version of a deterministic key. */
  async lookup(key: types.KeyName, item: types.EncryptItem): Promise<types.StoredAs> {
    return this.#post(OPERATIONS.lookup, [key], item, types.readStoredAs);
  }

  /** What up to 1,000 values are stored as. */
  async lookupMany(
    key: types.KeyName,
    items: readonly types.EncryptItem[],
  ): Promise<types.LookedUpItemBatch> {
    return this.#post(OPERATIONS.lookup, [key], { items }, types.readLookedUpItemBatch);
  }

  /** Makes a key for use outside the vault, in clear and protected. */
  async createDataKey(key: types.KeyName, wanted: types.CreateDataKey = {}): Promise<types.DataKeyView> {
    return this.#post(OPERATIONS.createDataKey, [key], wanted, types.readDataKeyView);
  }

  /** Vouches for data. */
  async mac(key: types.KeyName, item: types.MacItem): Promise<types.MadeMac> {
    return this.#post(OPERATIONS.mac, [key], item, types.readMadeMac);
  }

  /** Vouches for up to 1,000 pieces of data. */
  async macMany(key: types.KeyName, items: readonly types.MacItem[]): Promise<types.MadeMacItemBatch> {
    return this.#post(OPERATIONS.mac, [key], { items }, types.readMadeMacItemBatch);
  }

  /** Tells whether data are what was vouched for. */
  async verifyMac(key: types.KeyName, item: types.VerifyMacItem): Promise<types.VerifiedMac> {
    return this.#post(OPERATIONS.verifyMac, [key], item, types.readVerifiedMac);
  }

  /** Tells it of up to 1,000 pieces of data. */
  async verifyMacMany(
    key: types.KeyName,
    items: readonly types.VerifyMacItem[],
  ): Promise<types.VerifiedMacItemBatch> {
    return this.#post(OPERATIONS.verifyMac, [key], { items }, types.readVerifiedMacItemBatch);
  }

  /** Signs data. */
  async sign(key: types.KeyName, item: types.SignItem): Promise<types.Signed> {
    return this.#post(OPERATIONS.sign, [key], item, types.readSigned);
  }

  /** Signs up to 1,000 pieces of data. */
  async signMany(key: types.KeyName, items: readonly types.SignItem[]): Promise<types.SignedItemBatch> {
    return this.#post(OPERATIONS.sign, [key], { items }, types.readSignedItemBatch);
  }

  /** Tells whether a signature is over its data. */
  async verify(key: types.KeyName, item: types.VerifyItem): Promise<types.Verified> {
    return this.#post(OPERATIONS.verify, [key], item, types.readVerified);
  }

  /** Tells it of up to 1,000 signatures. */
  async verifyMany(key: types.KeyName, items: readonly types.VerifyItem[]): Promise<types.VerifiedItemBatch> {
    return this.#post(OPERATIONS.verify, [key], { items }, types.readVerifiedItemBatch);
  }

  /** What verifies the key's signatures without the vault, newest version first. */
  async listPublicKeys(key: types.KeyName): Promise<types.PublicKeyViewList> {
    return this.#send(OPERATIONS.listPublicKeys, [key], types.readPublicKeyViewList);
  }

  /** The public keys that clients encrypt to, for publication. */
  async getJwks(key: types.KeyName): Promise<types.JwkSet> {
    return this.#send(OPERATIONS.getJwks, [key], types.readJwkSet);
  }

  // Documents. They go through JavaScript's JSON: the vault keeps their bytes, JavaScript keeps their values.

  /** Protects fields of a JSON document in their places. */
  async encryptDocument(wanted: types.DocumentInput): Promise<types.ProtectedDocument> {
    return this.#post(OPERATIONS.encryptDocument, [], wanted, types.readProtectedDocument);
  }

  /** Reads protected fields of a JSON document in their places. */
  async decryptDocument(wanted: types.DocumentInput): Promise<types.ReadDocument> {
    return this.#post(OPERATIONS.decryptDocument, [], wanted, types.readReadDocument);
  }

  /** Protects fields of a JSON document anew under the newest version of the key, without showing them. */
  async reencryptDocument(wanted: types.DocumentInput): Promise<types.ProtectedDocument> {
    return this.#post(OPERATIONS.reencryptDocument, [], wanted, types.readProtectedDocument);
  }

  // Requests to destinations outside

  /**
   * Makes a request to a listed destination with values of tokens in it, and hands its answer on. Give a key of your own
   * with `withIdempotencyKey`, such as the payment's number: with it, asking again gives what came of it and sends
   * nothing twice.
   */
  async forward(request: types.ForwardRequest): Promise<types.ForwardedAnswer> {
    return this.#post(OPERATIONS.forward, [], request, types.readForwardedAnswer);
  }

  // Token profiles

  /** Makes a token profile. */
  async createProfile(request: types.CreateProfile): Promise<types.ProfileView> {
    return this.#post(OPERATIONS.createProfile, [], request, types.readProfileView);
  }

  /** What a token profile says. */
  async getProfile(profile: types.ProfileName): Promise<types.ProfileView> {
    return this.#send(OPERATIONS.getProfile, [profile], types.readProfileView);
  }

  /** One page of the tenant's token profiles. */
  async listProfiles(page: ListQuery = {}): Promise<types.ProfileViewList> {
    return this.#send(OPERATIONS.listProfiles, [], types.readProfileViewList, page);
  }

  /** All of the tenant's token profiles. */
  profiles(page: ListQuery = {}): AsyncGenerator<types.ProfileView, void, void> {
    return all(page, (next) => this.listProfiles(next));
  }

  // Identities and their grants

  /** Makes an identity known. It may do nothing until it is granted a role. */
  async createIdentity(request: types.CreateIdentity): Promise<types.IdentityView> {
    return this.#post(OPERATIONS.createIdentity, [], request, types.readIdentityView);
  }

  /** An identity with its grants. */
  async getIdentity(service: types.ServiceName): Promise<types.IdentityView> {
    return this.#send(OPERATIONS.getIdentity, [service], types.readIdentityView);
  }

  /** One page of the tenant's identities. */
  async listIdentities(page: ListQuery = {}): Promise<types.IdentityViewList> {
    return this.#send(OPERATIONS.listIdentities, [], types.readIdentityViewList, page);
  }

  /** All of the tenant's identities. */
  identities(page: ListQuery = {}): AsyncGenerator<types.IdentityView, void, void> {
    return all(page, (next) => this.listIdentities(next));
  }

  /** Takes everything from an identity, at once. */
  async disableIdentity(service: types.ServiceName): Promise<types.IdentityView> {
    return this.#post(OPERATIONS.disableIdentity, [service], undefined, types.readIdentityView);
  }

  /** How fast values may leave for an identity. */
  async getVelocityLimits(service: types.ServiceName): Promise<types.VelocityLimitsView> {
    return this.#send(OPERATIONS.getVelocityLimits, [service], types.readVelocityLimitsView);
  }

  /** Gives an identity these limits of its own and no others. */
  async setVelocityLimits(
    service: types.ServiceName,
    request: types.SetVelocityLimits,
  ): Promise<types.VelocityLimitsView> {
    return this.#post(OPERATIONS.setVelocityLimits, [service], request, types.readVelocityLimitsView);
  }

  /** Appoints an identity to a role. */
  async createGrant(service: types.ServiceName, request: types.CreateGrant): Promise<types.GrantView> {
    return this.#post(OPERATIONS.createGrant, [service], request, types.readGrantView);
  }

  /** Ends an appointment, by its id (`grt_…`). */
  async revokeGrant(service: types.ServiceName, grant: string): Promise<types.GrantView> {
    return this.#post(OPERATIONS.revokeGrant, [service, grant], undefined, types.readGrantView);
  }

  /** Registers a public key to which an identity gets values encrypted. */
  async createEncryptionKey(
    service: types.ServiceName,
    request: types.CreateEncryptionKey,
  ): Promise<types.EncryptionKeyView> {
    return this.#post(OPERATIONS.createEncryptionKey, [service], request, types.readEncryptionKeyView);
  }

  /** The public keys of an identity, newest first, also those that ended. */
  async listEncryptionKeys(service: types.ServiceName): Promise<types.EncryptionKeyViewList> {
    return this.#send(OPERATIONS.listEncryptionKeys, [service], types.readEncryptionKeyViewList);
  }

  /** Ends a public key of an identity. */
  async revokeEncryptionKey(
    service: types.ServiceName,
    kid: types.KeyThumbprint,
  ): Promise<types.EncryptionKeyView> {
    return this.#post(OPERATIONS.revokeEncryptionKey, [service, kid], undefined, types.readEncryptionKeyView);
  }

  // Tokens that nobody has business with

  /** Marks a token: from now on each use of it raises an alarm. */
  async createHoneytoken(request: types.CreateHoneytoken): Promise<types.HoneytokenView> {
    return this.#post(OPERATIONS.createHoneytoken, [], request, types.readHoneytokenView);
  }

  /** One page of the tenant's honeytokens, without the tokens. */
  async listHoneytokens(page: ListQuery = {}): Promise<types.HoneytokenViewList> {
    return this.#send(OPERATIONS.listHoneytokens, [], types.readHoneytokenViewList, page);
  }

  /** All of the tenant's honeytokens. */
  honeytokens(page: ListQuery = {}): AsyncGenerator<types.HoneytokenView, void, void> {
    return all(page, (next) => this.listHoneytokens(next));
  }

  /** Takes a mark away, by its id (`hny_…`). */
  async withdrawHoneytoken(honeytoken: string): Promise<types.HoneytokenView> {
    return this.#post(OPERATIONS.withdrawHoneytoken, [honeytoken], undefined, types.readHoneytokenView);
  }

  // The record

  /** One page of the audit events that match. */
  async searchAuditEvents(events: EventQuery = {}): Promise<types.EventViewList> {
    return this.#send(OPERATIONS.searchAuditEvents, [], types.readEventViewList, events);
  }

  /** All audit events that match. */
  auditEvents(events: EventQuery = {}): AsyncGenerator<types.EventView, void, void> {
    return all(events, (next) => this.searchAuditEvents(next));
  }

  /** Begins to take the record away, for offline verification. */
  async exportAudit(): Promise<AuditExport> {
    const answer = await this.#transport.open({ operation: OPERATIONS.exportAudit });
    return new AuditExport(answer, this.#transport.patienceMs);
  }

  /** The newest signed checkpoint of every audit stream of the cluster. Remember them outside the vault. */
  async getCheckpoints(): Promise<types.CheckpointsView> {
    return this.#send(OPERATIONS.getCheckpoints, [], types.readCheckpointsView);
  }

  // The node

  /** What the node is and how it fares. */
  async getStatus(): Promise<types.StatusView> {
    return this.#send(OPERATIONS.getStatus, [], types.readStatusView);
  }

  /** The API as the vault describes it, in OpenAPI 3.1. */
  async getOpenapi(): Promise<{ readonly [name: string]: unknown }> {
    return this.#send(OPERATIONS.getOpenapi, [], object);
  }

  async #send<T>(operation: Operation, parameters: string[], read: Read<T>, query: Query = {}): Promise<T> {
    return this.#transport.send({ operation, parameters, query: { ...query } }, read);
  }

  async #post<T>(operation: Operation, parameters: string[], body: unknown, read: Read<T>): Promise<T> {
    return this.#transport.send({ operation, parameters, body, idempotencyKey: this.#idempotencyKey }, read);
  }
}
