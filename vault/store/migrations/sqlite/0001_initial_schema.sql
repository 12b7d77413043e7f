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
    purpose       TEXT NOT NULL, -- What it may be used for: field-encryption, tokenization.
    protection    TEXT NOT NULL, -- Where its material may be in the clear: envelope.
    created_at    INTEGER NOT NULL, -- When it was made.
    created_by    TEXT NOT NULL, -- By whom.
    -- Mutable. Updated by a change of the rotation plan, and when the row is put under a new registry MAC key.
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
    -- Mutable. Updated by disabling, and when the row is put under a new registry MAC key.
    disabled_at  INTEGER, -- When it was put out of use; NULL while it is in use.
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

-- Tokens and what they stand for. A table with row numbers: new rows go to its end, whatever their random token.
CREATE TABLE tokens (
    tenant            TEXT NOT NULL, -- Whose.
    token             TEXT NOT NULL, -- The token.
    shard             INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition, from a hash of the token.
    profile           TEXT NOT NULL, -- The profile it was made by.
    bin               TEXT NOT NULL CHECK (length(bin) = 6), -- First six digits (PCI DSS 3.4.1).
    last_four         TEXT NOT NULL CHECK (length(last_four) = 4), -- Last four digits (PCI DSS 3.4.1).
    brand             TEXT NOT NULL, -- Card scheme, from the issuer's range.
    card_expiry_month INTEGER, -- When the card expires, 1 to 12; NULL if not given.
    card_expiry_year  INTEGER, -- When the card expires, four digits; NULL if not given.
    single_use        INTEGER NOT NULL CHECK (single_use IN (0, 1)), -- Whether revealing the value uses it up.
    created_by        TEXT NOT NULL, -- The service that made it.
    created_at        INTEGER NOT NULL, -- When.
    expires_at        INTEGER, -- From when on it is as good as gone; NULL is never.
    -- Mutable. Updated once, when the token is used up or deleted: state and time are set, the values are erased.
    state             TEXT NOT NULL, -- active, used, deleted.
    envelope          BLOB, -- The value (encrypted: envelope_v1); NULL if one-way or ended.
    metadata_envelope BLOB, -- The caller's metadata (encrypted: envelope_v1); NULL if none or ended.
    row_version       INTEGER NOT NULL CHECK (row_version > 0), -- 1 at first, one more with each change.
    ended_at          INTEGER CHECK (ended_at IS NULL OR state <> 'active'), -- When it was used up or deleted.
    PRIMARY KEY (tenant, token)
) STRICT;

-- Serves the list of a tenant's tokens, oldest first, tombstones left out.
CREATE INDEX tokens_by_age ON tokens (tenant, created_at, token) WHERE state <> 'deleted';

-- Lead from the keyed fingerprint of a value to its tokens. The whole row is its key: rows are added and removed,
-- never changed. A rotation of the fingerprint key adds rows of the new version and removes those of the old.
CREATE TABLE fingerprints (
    tenant        TEXT NOT NULL, -- Whose.
    scope         TEXT NOT NULL, -- Inside which values are compared; the empty text is the whole tenant.
    key_version   INTEGER NOT NULL CHECK (key_version > 0), -- Version of the tokenization key it was computed with.
    fingerprint   BLOB NOT NULL CHECK (length(fingerprint) = 32), -- Keyed digest of the value (fingerprint_v1).
    deterministic INTEGER NOT NULL CHECK (deterministic IN (0, 1)), -- Whether the token is *the* token of the value.
    token         TEXT NOT NULL, -- The token.
    shard         INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition: the fingerprint's first twelve bits.
    PRIMARY KEY (tenant, scope, key_version, fingerprint, deterministic, token)
) STRICT, WITHOUT ROWID;

-- Decides races for a deterministic token: one such row per tenant, scope, key version and fingerprint.
CREATE UNIQUE INDEX fingerprints_deterministic ON fingerprints (tenant, scope, key_version, fingerprint)
    WHERE deterministic = 1;

-- Answers to requests that must happen once. Removed by housekeeping when they are old.
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

-- Where each node's audit stream stands.
CREATE TABLE audit_streams (
    stream        TEXT NOT NULL PRIMARY KEY, -- The node's stream.
    -- Mutable. Updated by every commit of that node, on the size it last saw: a second writer is fenced off.
    size          INTEGER NOT NULL CHECK (size > 0), -- How many records it holds; the next has this number.
    compact_range BLOB NOT NULL -- The tree's compact range after the last record (audit_v1).
) STRICT;

-- All audit records of one commit. Written with the commit's effects, never changed.
CREATE TABLE audit_bundles (
    stream         TEXT NOT NULL, -- The node's stream.
    first_sequence INTEGER NOT NULL CHECK (first_sequence >= 0), -- The number of its first record.
    event_count    INTEGER NOT NULL CHECK (event_count > 0), -- How many records.
    events         BLOB NOT NULL, -- Their canonical bytes (audit_v1), each after its length, compressed with LZ4.
    root           BLOB NOT NULL CHECK (length(root) = 32), -- Root hash of the stream's tree after the last of them.
    created_at     INTEGER NOT NULL, -- When.
    PRIMARY KEY (stream, first_sequence)
) STRICT;

-- Signed statements of where a stream stood.
CREATE TABLE checkpoints (
    stream     TEXT NOT NULL, -- The stream.
    size       INTEGER NOT NULL, -- How many records it covers.
    -- Mutable. Replaced when the same size is signed again.
    note       TEXT NOT NULL, -- The signed note.
    created_at INTEGER NOT NULL, -- When it was signed.
    PRIMARY KEY (stream, size)
) STRICT;

-- Audit records by what people look for. Derived from audit_bundles: can be dropped and made anew. Rows never change.
CREATE TABLE audit_index (
    tenant     TEXT NOT NULL, -- Whose.
    time       INTEGER NOT NULL, -- When the record was made.
    stream     TEXT NOT NULL, -- Its stream.
    sequence   INTEGER NOT NULL, -- Its number there.
    actor      TEXT NOT NULL, -- Who acted.
    action     TEXT NOT NULL, -- What was done.
    object     TEXT, -- To what; NULL if to nothing in particular.
    outcome    TEXT NOT NULL, -- How it ended.
    request_id TEXT NOT NULL, -- In which request.
    PRIMARY KEY (tenant, time, stream, sequence)
) STRICT, WITHOUT ROWID;

-- Serve searches of one tenant by actor and by object, newest first.
CREATE INDEX audit_index_by_actor ON audit_index (tenant, actor, time, stream, sequence);
CREATE INDEX audit_index_by_object ON audit_index (tenant, object, time, stream, sequence) WHERE object IS NOT NULL;

-- Serves searches by request; a request's id is unique over all tenants.
CREATE INDEX audit_index_by_request ON audit_index (request_id);

-- Serves the platform's auditors, who see all tenants.
CREATE INDEX audit_index_by_time ON audit_index (time, stream, sequence);

-- How far each stream is in the index.
CREATE TABLE audit_index_marks (
    stream        TEXT NOT NULL PRIMARY KEY, -- The stream.
    -- Mutable. Updated by the indexing job; never moves backwards.
    indexed_until INTEGER NOT NULL -- The first record that is not in the index.
) STRICT;
