-- Strongroom, first schema (SQLite).
--
-- How to read it. Each column says what it holds. Columns above the word "Mutable" are written once; those below it
-- are updated later, and the heading says by what. "(encrypted: envelope_v1)" names the format that seals a column;
-- everything else may be read by whoever holds this file. No column holds a card number in any form but a sealed one
-- or a keyed fingerprint.
--
-- All times are milliseconds since the Unix epoch, UTC. `epoch` and `mac` at the end of a table mark a registry row:
-- the registry's epoch when the row was last written, and the MAC over the row and that epoch (registry_mac_v1).
-- `shard` has no use in a single file: it is the partition the same row has on PostgreSQL, so that a move is a copy.

-- The cluster. One row, written by `init`, never changed.
CREATE TABLE cluster (
    only_row     INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), -- Always 1: there is one cluster in a database.
    cluster_id   BLOB NOT NULL CHECK (length(cluster_id) = 16), -- Random; part of every wrapped key's authenticated data.
    trust_domain TEXT NOT NULL, -- The SPIFFE trust domain whose names are accepted.
    created_at   INTEGER NOT NULL -- When `init` ran.
) STRICT;

-- Holds the registry's rows together: a row left out, added or rolled back does not fit it. One row.
CREATE TABLE registry_head (
    only_row  INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), -- Always 1: there is one head.
    -- Mutable. Updated by every change of the registry, on the epoch it was made from.
    epoch     INTEGER NOT NULL, -- One more with each change of the registry.
    row_count INTEGER NOT NULL, -- How many registry rows there are.
    digest    BLOB NOT NULL CHECK (length(digest) = 32), -- The MACs of all rows, combined (registry_mac_v1).
    mac       BLOB NOT NULL CHECK (length(mac) = 32) -- MAC over the three (registry_mac_v1).
) STRICT;

-- The keys in the HSM, as recorded when they were created. No material.
CREATE TABLE hsm_keys (
    kind        TEXT NOT NULL PRIMARY KEY, -- What the key is for: kek-data, kek-wrap, registry-mac, audit-signing.
    -- Mutable. Replaced as a whole when a ceremony replaces the key.
    cka_id      BLOB NOT NULL CHECK (length(cka_id) = 16), -- CKA_ID, random.
    label       TEXT NOT NULL, -- CKA_LABEL.
    check_value BLOB NOT NULL, -- To recognise the key by; reveals nothing of it.
    created_at  INTEGER NOT NULL, -- When the key was created.
    epoch       INTEGER NOT NULL, -- Registry epoch of this row.
    mac         BLOB NOT NULL CHECK (length(mac) = 32) -- MAC over the row (registry_mac_v1).
) STRICT;

-- Tenants: the unit of isolation.
CREATE TABLE tenants (
    tenant     TEXT NOT NULL PRIMARY KEY, -- The tenant's name, as in certificates.
    created_at INTEGER NOT NULL, -- When it was made.
    -- Mutable. Updated when the row is put under a new registry MAC key.
    epoch      INTEGER NOT NULL, -- Registry epoch of this row.
    mac        BLOB NOT NULL CHECK (length(mac) = 32) -- MAC over the row (registry_mac_v1).
) STRICT;

-- Keys, without their material.
CREATE TABLE keys (
    tenant        TEXT NOT NULL, -- Whose.
    key_id        BLOB NOT NULL CHECK (length(key_id) = 8), -- The key's id, as in the header of every ciphertext.
    name          TEXT NOT NULL, -- The key's name, as in URLs; unique in the tenant.
    purpose       TEXT NOT NULL, -- What it may be used for: field-encryption, tokenization and so on.
    protection    TEXT NOT NULL, -- Where its material may be in the clear: envelope.
    created_at    INTEGER NOT NULL, -- When it was made.
    created_by    TEXT NOT NULL, -- By whom.
    -- Mutable. Updated by a change of the rotation plan, and when the row is put under a new registry MAC key.
    value_format  TEXT, -- What values of a format-preserving key look like: shortest, longest, kept first, kept last, alphabet; NULL otherwise.
    rotation_days INTEGER NOT NULL, -- Days after which a new version is due.
    epoch         INTEGER NOT NULL, -- Registry epoch of this row.
    mac           BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, name)
) STRICT;

-- The versions of keys, with their sealed material.
CREATE TABLE key_versions (
    tenant           TEXT NOT NULL, -- Whose.
    key_id           BLOB NOT NULL, -- Which key.
    version          INTEGER NOT NULL CHECK (version > 0), -- Which version; the first is 1.
    created_at       INTEGER NOT NULL, -- When it was made.
    -- Mutable. Updated by rotation, by changes of state, by re-wrapping and by destruction.
    state            TEXT NOT NULL, -- Where it is in its life (NIST SP 800-57, section 7).
    wrapped          BLOB NOT NULL, -- The key material (encrypted: wrapped_key_v1).
    state_changed_at INTEGER NOT NULL, -- When its state last changed.
    epoch            INTEGER NOT NULL, -- Registry epoch of this row.
    mac              BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, key_id, version),
    FOREIGN KEY (tenant, key_id) REFERENCES keys (tenant, key_id)
) STRICT;

-- Token profiles: what a tenant's tokens look like and how long they live. Settled when made.
CREATE TABLE token_profiles (
    tenant           TEXT NOT NULL, -- Whose.
    name             TEXT NOT NULL, -- The profile's name.
    format           TEXT NOT NULL, -- Outward shape: opaque, card.
    kept_digits      TEXT NOT NULL, -- Card shape: digits that stay, 6/4, 4/4 or 0/4.
    luhn_style       TEXT NOT NULL, -- Card shape: how it differs from card numbers, invalid or private-prefix.
    shown_digits     TEXT NOT NULL, -- Digits of a card number that stand beside a token: 6/4, 0/4 or none.
    min_card_digits  INTEGER NOT NULL CHECK (min_card_digits BETWEEN 12 AND 19), -- The fewest digits of a card number that it takes.
    reuse            TEXT NOT NULL, -- Whether equal values share a token: random, deterministic.
    scope            TEXT, -- Inside which values are compared; NULL is the whole tenant.
    ttl_seconds      INTEGER, -- How long a token lives, whole seconds; NULL is without end.
    single_use       INTEGER NOT NULL CHECK (single_use IN (0, 1)), -- Whether revealing the value uses the token up.
    reversible       INTEGER NOT NULL CHECK (reversible IN (0, 1)), -- Whether the value is stored at all.
    check_digit_rule TEXT NOT NULL, -- Whether a card number's check digit must be right: required, relaxed.
    created_at       INTEGER NOT NULL, -- When it was made.
    created_by       TEXT NOT NULL, -- By whom.
    -- Mutable. Updated when the row is put under a new registry MAC key.
    epoch            INTEGER NOT NULL, -- Registry epoch of this row.
    mac              BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, name)
) STRICT;

-- Identities that may be known here.
CREATE TABLE identities (
    tenant       TEXT NOT NULL, -- Whose.
    service      TEXT NOT NULL, -- The service in the certificate's name.
    reason       TEXT NOT NULL, -- Why it is known.
    created_at   INTEGER NOT NULL, -- When it was made known.
    created_by   TEXT NOT NULL, -- By whom.
    expires_at   INTEGER, -- From when on it is as good as gone; NULL is never.
    -- Mutable. Updated by disabling, by setting its limits, and when the row is put under a new registry MAC key.
    disabled_at  INTEGER, -- When it was put out of use; NULL while it is in use.
    velocity_limits TEXT NOT NULL, -- Limits of its own: scope=items/seconds, separated by spaces; empty if it has those of everybody.
    epoch        INTEGER NOT NULL, -- Registry epoch of this row.
    mac          BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    -- Mutable, outside the MAC. Updated after requests; never moves backwards.
    last_used_at INTEGER, -- When it last made a request.
    PRIMARY KEY (tenant, service)
) STRICT;

-- Appointments of identities to roles.
CREATE TABLE role_grants (
    tenant       TEXT NOT NULL, -- Whose.
    grant_id     BLOB NOT NULL CHECK (length(grant_id) = 8), -- The grant's own id, random.
    service      TEXT NOT NULL, -- To whom.
    role         TEXT NOT NULL, -- The role.
    encrypted_only INTEGER NOT NULL CHECK (encrypted_only IN (0, 1)), -- Whether values leave by it encrypted only.
    reason       TEXT NOT NULL, -- Why.
    granted_at   INTEGER NOT NULL, -- When.
    granted_by   TEXT NOT NULL, -- By whom.
    expires_at   INTEGER, -- From when on it no longer holds; NULL is never.
    -- Mutable. Updated by revocation, and when the row is put under a new registry MAC key.
    revoked_at   INTEGER, -- When it was taken back; NULL while it holds.
    revoked_by   TEXT, -- By whom it was taken back.
    epoch        INTEGER NOT NULL, -- Registry epoch of this row.
    mac          BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    -- Mutable, outside the MAC. Updated after requests; never moves backwards.
    last_used_at INTEGER, -- When it last decided a request.
    PRIMARY KEY (tenant, grant_id)
) STRICT;

-- Public keys to which values leave encrypted for an identity.
CREATE TABLE encryption_keys (
    tenant       TEXT NOT NULL, -- Whose.
    service      TEXT NOT NULL, -- For which identity.
    kid          TEXT NOT NULL CHECK (length(kid) = 43), -- The key's name, its thumbprint (RFC 7638).
    jwk          TEXT NOT NULL, -- The public key as a JWK.
    reason       TEXT NOT NULL, -- Why.
    created_at   INTEGER NOT NULL, -- When it was registered.
    created_by   TEXT NOT NULL, -- By whom.
    expires_at   INTEGER, -- From when on nothing is encrypted to it; NULL is never.
    -- Mutable. Updated by revocation, and when the row is put under a new registry MAC key.
    revoked_at   INTEGER, -- When it was taken back; NULL while it holds.
    revoked_by   TEXT, -- By whom it was taken back.
    epoch        INTEGER NOT NULL, -- Registry epoch of this row.
    mac          BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, service, kid)
) STRICT;

-- Tokens that nobody has business with. Which tokens they are cannot be told from here: a mark is a keyed digest.
CREATE TABLE honeytokens (
    tenant       TEXT NOT NULL, -- Whose.
    honeytoken   BLOB NOT NULL CHECK (length(honeytoken) = 8), -- The mark's own id, random.
    mark         BLOB NOT NULL CHECK (length(mark) = 32), -- Keyed digest of tenant and token (registry_mac_v1).
    reason       TEXT NOT NULL, -- What it is there for.
    created_at   INTEGER NOT NULL, -- When the token was marked.
    created_by   TEXT NOT NULL, -- By whom.
    -- Mutable. Updated by withdrawal, and when the row is put under a new registry MAC key.
    withdrawn_at INTEGER, -- When the mark was taken away; NULL while it holds.
    withdrawn_by TEXT, -- By whom it was taken away.
    epoch        INTEGER NOT NULL, -- Registry epoch of this row.
    mac          BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, honeytoken)
) STRICT;

-- Tokens and what they stand for. A table with row numbers: new rows go to its end, whatever their random token.
CREATE TABLE tokens (
    tenant            TEXT NOT NULL, -- Whose.
    token             TEXT NOT NULL, -- The token.
    shard             INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition, from a hash of the token.
    profile           TEXT NOT NULL, -- The profile it was made by.
    kind              TEXT NOT NULL, -- What kind of value: card, bank-account, identity-number, text.
    brand             TEXT, -- Card scheme, from the issuer's range; NULL if the profile does not show it, and for other values.
    bin               TEXT CHECK (length(bin) = 6), -- First six digits of a card (PCI DSS 3.4.1); NULL likewise.
    last_four         TEXT CHECK (length(last_four) = 4), -- Last four digits of a card (PCI DSS 3.4.1) or characters of an IBAN; NULL likewise.
    country           TEXT CHECK (length(country) = 2), -- Country of a bank account, or of an identity number if given (ISO 3166-1).
    card_expiry_month INTEGER, -- When the card expires, 1 to 12; NULL if not given.
    card_expiry_year  INTEGER, -- When the card expires, four digits; NULL if not given.
    max_uses          INTEGER CHECK (max_uses > 0), -- How often the value may be revealed; NULL is without end.
    created_by        TEXT NOT NULL, -- The service that made it.
    created_at        INTEGER NOT NULL, -- When.
    -- Mutable. Updated when the value is revealed a counted time, when metadata, end, aliases or tags are changed, and when the
    -- token ends: then state and time are set and the values are erased. Aliases and tags are bound to the sealed columns.
    aliases           TEXT, -- Its other names, sorted, with spaces between; NULL if none. A tombstone keeps them.
    tags              TEXT, -- Its labels, likewise; none once it is deleted.
    expires_at        INTEGER, -- From when on it is as good as gone; NULL is never.
    state             TEXT NOT NULL, -- active, used, deleted.
    envelope          BLOB, -- The value (encrypted: envelope_v1); NULL if one-way or ended.
    metadata_envelope BLOB, -- The caller's metadata (encrypted: envelope_v1); NULL if none or ended.
    uses              INTEGER NOT NULL CHECK (uses >= 0), -- How often the value was revealed, if that is counted.
    row_version       INTEGER NOT NULL CHECK (row_version > 0), -- 1 at first, one more with each change.
    ended_at          INTEGER CHECK (ended_at IS NULL OR state <> 'active'), -- When it was used up or deleted.
    PRIMARY KEY (tenant, token)
) STRICT;

-- Serves the list of a tenant's tokens, oldest first, tombstones left out.
CREATE INDEX tokens_by_age ON tokens (tenant, created_at, token) WHERE state <> 'deleted';

-- Serves the same list of those that end in the same digits or characters.
CREATE INDEX tokens_by_last_four ON tokens (tenant, last_four, created_at, token) WHERE state <> 'deleted' AND last_four IS NOT NULL;

-- Serves the same list of cards of one issuer's range.
CREATE INDEX tokens_by_bin ON tokens (tenant, bin, created_at, token) WHERE state <> 'deleted' AND bin IS NOT NULL;

-- Serves the same list of cards of one scheme.
CREATE INDEX tokens_by_brand ON tokens (tenant, brand, created_at, token) WHERE state <> 'deleted' AND brand IS NOT NULL;

-- Serves the same list of values of one kind other than cards, which are most of what there is.
CREATE INDEX tokens_by_kind ON tokens (tenant, kind, created_at, token) WHERE state <> 'deleted' AND kind <> 'card';

-- Serves the same list of one profile's tokens.
CREATE INDEX tokens_by_profile ON tokens (tenant, profile, created_at, token) WHERE state <> 'deleted';

-- Serves the same list of those that are used up, which are few.
CREATE INDEX tokens_used ON tokens (tenant, created_at, token) WHERE state = 'used';

-- Serves the list of tokens with an end, soonest first.
CREATE INDEX tokens_by_end ON tokens (tenant, expires_at, token) WHERE state <> 'deleted' AND expires_at IS NOT NULL;

-- Lead from a token's other names to it. Rows are added and removed, never changed. The name stands in the token's own row as
-- well, under its seal: a row here that leads to another token is noticed. Those of a deleted token stay: whoever still
-- holds the name must not be led to another value.
CREATE TABLE token_aliases (
    tenant TEXT NOT NULL, -- Whose.
    alias  TEXT NOT NULL, -- The name, as the caller chose it.
    token  TEXT NOT NULL, -- The token.
    shard  INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition, from a hash of the alias.
    PRIMARY KEY (tenant, alias)
) STRICT, WITHOUT ROWID;

-- Lead from labels to tokens, in the order in which these were made. Rows are added and removed, never changed.
CREATE TABLE token_tags (
    tenant     TEXT NOT NULL, -- Whose.
    tag        TEXT NOT NULL, -- The label.
    created_at INTEGER NOT NULL, -- When the token was made.
    token      TEXT NOT NULL, -- The token.
    shard      INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition: the token's.
    PRIMARY KEY (tenant, tag, created_at, token)
) STRICT, WITHOUT ROWID;

-- Lead from the keyed fingerprint of a value to its tokens. Rows are added and removed, never changed. A rotation of the
-- fingerprint key adds rows of the new version and removes those of the old. The key decides races for a deterministic
-- token: a row that leads to *the* token of the value says '' where others have theirs, so there is one.
CREATE TABLE fingerprints (
    tenant              TEXT NOT NULL, -- Whose.
    scope               TEXT NOT NULL, -- Inside which values are compared; the empty text is the whole tenant.
    key_version         INTEGER NOT NULL CHECK (key_version > 0), -- Version of the tokenization key it was computed with.
    fingerprint         BLOB NOT NULL CHECK (length(fingerprint) = 32), -- Keyed digest of the value (fingerprint_v1).
    random_token        TEXT NOT NULL, -- The token, if it is one of any number; empty if it is *the* token of the value.
    deterministic_token TEXT CHECK ((random_token = '') = (deterministic_token IS NOT NULL)), -- The token otherwise.
    shard               INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition: the fingerprint's first 12 bits.
    PRIMARY KEY (tenant, scope, key_version, fingerprint, random_token)
) STRICT, WITHOUT ROWID;

-- The keys under which security codes are sealed, one for each period of five minutes in which codes came in. No material: it
-- is useless without the key in the HSM, which is destroyed when the codes have served; then the row goes too. Not under the
-- registry's MAC: the label in the HSM says the period, and labels cannot be changed.
CREATE TABLE security_code_keys (
    period       INTEGER NOT NULL PRIMARY KEY, -- Which period: how many have passed since the Unix epoch.
    key_id       BLOB NOT NULL CHECK (length(key_id) = 8), -- The key's id, as in the header of each code sealed under it.
    cka_id       BLOB NOT NULL CHECK (length(cka_id) = 16), -- CKA_ID of the key in the HSM, random.
    label        TEXT NOT NULL, -- CKA_LABEL of the key in the HSM.
    check_value  BLOB NOT NULL, -- To recognise the key in the HSM by; reveals nothing of it.
    wrapped      BLOB NOT NULL, -- The key material (encrypted: wrapped_key_v1).
    created_at   INTEGER NOT NULL, -- When it was made.
    -- Mutable. Updated once, when its destruction begins.
    shredding_at INTEGER -- From when on nothing is sealed or opened under it; NULL before.
) STRICT;

-- Card security codes that wait for their payment to be authorised (PCI DSS 3.3.1.2). A row lives for an hour at most, and
-- goes when the result is reported; its copies in backups and logs go with the key.
CREATE TABLE security_codes (
    tenant     TEXT NOT NULL, -- Whose.
    token      TEXT NOT NULL, -- The token of the card it belongs to.
    -- Mutable. Replaced as a whole when another code comes in for the card.
    period     INTEGER NOT NULL, -- The period under whose key it is sealed.
    envelope   BLOB NOT NULL, -- The code (encrypted: envelope_v1).
    created_at INTEGER NOT NULL, -- When it came in.
    expires_at INTEGER NOT NULL, -- From when on it is as good as gone.
    PRIMARY KEY (tenant, token)
) STRICT;

-- Serves housekeeping, which asks for no tenant.
CREATE INDEX security_codes_by_end ON security_codes (expires_at);

-- Serves the question whether a key is still needed.
CREATE INDEX security_codes_by_period ON security_codes (period, expires_at);

-- Answers to requests that must happen once. Removed by housekeeping when they are old. Of a request to a destination
-- outside there is one that says "under way" first, and the real one takes its place.
CREATE TABLE idempotency_answers (
    tenant         TEXT NOT NULL, -- Whose.
    service        TEXT NOT NULL, -- Who asked.
    request_key    TEXT NOT NULL, -- The caller's key for the request (Idempotency-Key).
    key_version    INTEGER NOT NULL CHECK (key_version > 0), -- Version of the tokenization key behind the digest.
    request_digest BLOB NOT NULL CHECK (length(request_digest) = 32), -- Keyed digest of the request (fingerprint_v1).
    answer         BLOB NOT NULL, -- The answer (encrypted: envelope_v1).
    created_at     INTEGER NOT NULL, -- When it was given.
    PRIMARY KEY (tenant, service, request_key)
) STRICT;

-- Serves housekeeping, the one reader that asks for no tenant.
CREATE INDEX idempotency_answers_by_age ON idempotency_answers (created_at);

-- How much of its velocity limits each identity has used up. A node takes items in blocks, here, before it uses them;
-- what a node had left of a block when it ended counts as used.
CREATE TABLE velocity_counters (
    tenant      TEXT NOT NULL, -- Whose.
    service     TEXT NOT NULL, -- Which identity's.
    counter     TEXT NOT NULL, -- What is counted: reveal/<purpose>, decrypt, search, miss.
    -- Mutable. Updated whenever a node takes a block.
    slot_millis INTEGER NOT NULL CHECK (slot_millis > 0), -- How long a slot is: half of the limit's window.
    latest      INTEGER NOT NULL, -- The latest time that any node took items at; its slot is the current one.
    current     INTEGER NOT NULL CHECK (current >= 0), -- Items taken in the current slot.
    previous    INTEGER NOT NULL CHECK (previous >= 0), -- Items taken in the slot before.
    earlier     INTEGER NOT NULL CHECK (earlier >= 0), -- Items taken in the slot before that.
    row_version INTEGER NOT NULL CHECK (row_version > 0), -- 1 at first, one more with each change.
    mac         BLOB NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1); not part of the registry's digest.
    PRIMARY KEY (tenant, service, counter)
) STRICT;

-- The audit streams there are. A trigger adds a stream with its first bundle; rows never change.
CREATE TABLE audit_streams (
    stream TEXT NOT NULL PRIMARY KEY -- The stream: a node's, or one of its commit lanes'.
) STRICT, WITHOUT ROWID;

-- All audit records of one commit. Written with the commit's effects, never changed. The last one of a stream says where
-- the stream stands. A table with row numbers: new rows go to its end. The records come last in the row, so that the
-- rest is read without them.
CREATE TABLE audit_bundles (
    stream         TEXT NOT NULL, -- The stream.
    first_sequence INTEGER NOT NULL CHECK (first_sequence >= 0), -- The number of its first record.
    event_count    INTEGER NOT NULL CHECK (event_count > 0), -- How many records.
    created_at     INTEGER NOT NULL, -- When.
    root           BLOB NOT NULL CHECK (length(root) = 32), -- Root hash of the stream's tree after the last of them.
    compact_range  BLOB NOT NULL, -- The tree's compact range after the last of them (audit_v1).
    events         BLOB NOT NULL, -- Their canonical bytes (audit_v1), each after its length, compressed with LZ4.
    PRIMARY KEY (stream, first_sequence)
) STRICT;

-- A bundle begins where its stream stands: a second writer, or the same bundle a second time, is fenced off.
CREATE TRIGGER audit_bundles_continue BEFORE INSERT ON audit_bundles
WHEN NEW.first_sequence <> coalesce(
    (SELECT first_sequence + event_count FROM audit_bundles WHERE stream = NEW.stream
     ORDER BY first_sequence DESC LIMIT 1), 0)
BEGIN
    SELECT RAISE(ABORT, 'the stream does not stand where the bundle begins');
END;

-- Puts a new stream on the list.
CREATE TRIGGER audit_bundles_begin AFTER INSERT ON audit_bundles WHEN NEW.first_sequence = 0
BEGIN
    INSERT INTO audit_streams (stream) VALUES (NEW.stream);
END;

-- Signed statements of where a stream stood. Rows never change.
CREATE TABLE checkpoints (
    stream     TEXT NOT NULL, -- The stream.
    size       INTEGER NOT NULL, -- How many records it covers.
    note       TEXT NOT NULL, -- The signed note.
    created_at INTEGER NOT NULL, -- When it was signed.
    PRIMARY KEY (stream, size)
) STRICT;

-- What runs of whole bundles hold, for searches. Derived from audit_bundles: can be dropped and made anew. Rows never
-- change.
CREATE TABLE audit_segments (
    stream         TEXT NOT NULL, -- The stream.
    first_sequence INTEGER NOT NULL, -- The number of its first record.
    end_sequence   INTEGER NOT NULL CHECK (end_sequence > first_sequence), -- The number after its last record.
    first_time     INTEGER NOT NULL, -- When its earliest record was made.
    last_time      INTEGER NOT NULL, -- When its latest record was made.
    terms          BLOB NOT NULL, -- Which terms its records hold: a filter that may say yes where the answer is no.
    PRIMARY KEY (stream, first_sequence)
) STRICT;

-- Serves searches, latest records first.
CREATE INDEX audit_segments_by_time ON audit_segments (last_time, stream, first_sequence);

-- Who does a piece of housekeeping alone for a while.
CREATE TABLE leases (
    name       TEXT NOT NULL PRIMARY KEY, -- What for.
    -- Mutable. Updated when the holder renews it, and when another takes it over after its time.
    holder     TEXT NOT NULL, -- Who has it.
    held_until INTEGER NOT NULL -- Until when, by the holder's clock.
) STRICT;
