-- Strongroom, first schema (PostgreSQL 15 and later).
--
-- How to read it. Each column says what it holds. Columns above the word "Mutable" are written once; those below it
-- are updated later, and the heading says by what: the role that the service runs as may update these columns and no
-- others (service_role.sql). "(encrypted: envelope_v1)" names the format that seals a column; everything else may be
-- read by whoever holds the database. No column holds a card number in any form but a sealed one or a keyed
-- fingerprint.
--
-- All times are milliseconds since the Unix epoch, UTC, as whole numbers: MACs and sealed values are bound to a time to
-- the millisecond, and a timestamptz would round-trip through microseconds and a session's settings. Texts compare byte
-- by byte (COLLATE "C"): names are ASCII, order must not change with an operating system's locale, and an index whose
-- locale changed under it is corrupt. `epoch` and `mac` at the end of a table mark a registry row: the registry's epoch
-- when the row was last written, and the MAC over the row and that epoch (registry_mac_v1).
--
-- The tables that grow with the cards, tokens, fingerprints, aliases and tags, are divided by `shard` into eight partitions.
-- Every statement on them names the shard, but for the lists of a tenant's tokens. Eight, because a cached plan of a look-up
-- locks each partition and index it might touch, a backend has sixteen places for cheap locks, and eight is the most
-- that fits; it is also what vacuum can work through side by side.

-- The cluster. One row, written by `init`, never changed.
CREATE TABLE cluster (
    only_row     smallint NOT NULL PRIMARY KEY CHECK (only_row = 1), -- Always 1: there is one cluster in a database.
    cluster_id   bytea NOT NULL CHECK (length(cluster_id) = 16), -- Random; part of every wrapped key's authenticated data.
    trust_domain text COLLATE "C" NOT NULL, -- The SPIFFE trust domain whose names are accepted.
    created_at   bigint NOT NULL -- When `init` ran.
);

-- Holds the registry's rows together: a row left out, added or rolled back does not fit it. One row.
CREATE TABLE registry_head (
    only_row  smallint NOT NULL PRIMARY KEY CHECK (only_row = 1), -- Always 1: there is one head.
    -- Mutable. Updated by every change of the registry, on the epoch it was made from.
    epoch     bigint NOT NULL, -- One more with each change of the registry.
    row_count bigint NOT NULL, -- How many registry rows there are.
    digest    bytea NOT NULL CHECK (length(digest) = 32), -- The MACs of all rows, combined (registry_mac_v1).
    mac       bytea NOT NULL CHECK (length(mac) = 32) -- MAC over the three (registry_mac_v1).
) WITH (fillfactor = 50);

-- The keys in the HSM, as recorded when they were created. No material.
CREATE TABLE hsm_keys (
    kind        text COLLATE "C" NOT NULL PRIMARY KEY, -- What the key is for: kek-data, kek-wrap, registry-mac, audit-signing.
    -- Mutable. Replaced as a whole when a ceremony replaces the key.
    cka_id      bytea NOT NULL CHECK (length(cka_id) = 16), -- CKA_ID, random.
    label       text COLLATE "C" NOT NULL, -- CKA_LABEL.
    check_value bytea NOT NULL, -- To recognise the key by; reveals nothing of it.
    created_at  bigint NOT NULL, -- When the key was created.
    epoch       bigint NOT NULL, -- Registry epoch of this row.
    mac         bytea NOT NULL CHECK (length(mac) = 32) -- MAC over the row (registry_mac_v1).
);

-- Tenants: the unit of isolation.
CREATE TABLE tenants (
    tenant     text COLLATE "C" NOT NULL PRIMARY KEY, -- The tenant's name, as in certificates.
    -- Mutable. Updated when the row is put under a new registry MAC key.
    created_at bigint NOT NULL, -- When it was made; the same again.
    epoch      bigint NOT NULL, -- Registry epoch of this row.
    mac        bytea NOT NULL CHECK (length(mac) = 32) -- MAC over the row (registry_mac_v1).
);

-- Keys, without their material.
CREATE TABLE keys (
    tenant        text COLLATE "C" NOT NULL, -- Whose.
    key_id        bytea NOT NULL CHECK (length(key_id) = 8), -- The key's id, as in the header of every ciphertext.
    -- Mutable. Written again as a whole by a change of the rotation plan, and under a new registry MAC key.
    name          text COLLATE "C" NOT NULL, -- The key's name, as in URLs; unique in the tenant.
    purpose       text COLLATE "C" NOT NULL, -- What it may be used for: field-encryption, tokenization and so on.
    protection    text COLLATE "C" NOT NULL, -- Where its material may be in the clear: envelope.
    created_at    bigint NOT NULL, -- When it was made.
    created_by    text COLLATE "C" NOT NULL, -- By whom.
    value_format  text COLLATE "C", -- What values of a format-preserving key look like: shortest, longest, kept first, kept last, alphabet; NULL otherwise.
    rotation_days bigint NOT NULL, -- Days after which a new version is due.
    epoch         bigint NOT NULL, -- Registry epoch of this row.
    mac           bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, key_id),
    UNIQUE (tenant, name)
);

-- The versions of keys, with their sealed material.
CREATE TABLE key_versions (
    tenant           text COLLATE "C" NOT NULL, -- Whose.
    key_id           bytea NOT NULL, -- Which key.
    version          bigint NOT NULL CHECK (version > 0), -- Which version; the first is 1.
    -- Mutable. Updated by rotation, by changes of state, by re-wrapping and by destruction.
    created_at       bigint NOT NULL, -- When it was made; the same again.
    state            text COLLATE "C" NOT NULL, -- Where it is in its life (NIST SP 800-57, section 7).
    wrapped          bytea NOT NULL, -- The key material (encrypted: wrapped_key_v1).
    state_changed_at bigint NOT NULL, -- When its state last changed.
    epoch            bigint NOT NULL, -- Registry epoch of this row.
    mac              bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, key_id, version),
    FOREIGN KEY (tenant, key_id) REFERENCES keys (tenant, key_id)
);

-- Token profiles: what a tenant's tokens look like and how long they live. Settled when made.
CREATE TABLE token_profiles (
    tenant           text COLLATE "C" NOT NULL, -- Whose.
    name             text COLLATE "C" NOT NULL, -- The profile's name.
    -- Mutable. Written again as a whole when the row is put under a new registry MAC key.
    format           text COLLATE "C" NOT NULL, -- Outward shape: opaque, card.
    kept_digits      text COLLATE "C" NOT NULL, -- Card shape: digits that stay, 6/4, 4/4 or 0/4.
    luhn_style       text COLLATE "C" NOT NULL, -- Card shape: how it differs from card numbers, invalid or private-prefix.
    shown_digits     text COLLATE "C" NOT NULL, -- Digits of a card number that stand beside a token: 6/4, 0/4 or none.
    min_card_digits  bigint NOT NULL CHECK (min_card_digits BETWEEN 12 AND 19), -- The fewest digits of a card number that it takes.
    reuse            text COLLATE "C" NOT NULL, -- Whether equal values share a token: random, deterministic.
    scope            text COLLATE "C", -- Inside which values are compared; NULL is the whole tenant.
    ttl_seconds      bigint, -- How long a token lives, whole seconds; NULL is without end.
    single_use       boolean NOT NULL, -- Whether revealing the value uses the token up.
    reversible       boolean NOT NULL, -- Whether the value is stored at all.
    check_digit_rule text COLLATE "C" NOT NULL, -- Whether a card number's check digit must be right: required, relaxed.
    created_at       bigint NOT NULL, -- When it was made.
    created_by       text COLLATE "C" NOT NULL, -- By whom.
    epoch            bigint NOT NULL, -- Registry epoch of this row.
    mac              bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, name)
);

-- Identities that may be known here.
CREATE TABLE identities (
    tenant       text COLLATE "C" NOT NULL, -- Whose.
    service      text COLLATE "C" NOT NULL, -- The service in the certificate's name.
    -- Mutable. Written again as a whole by disabling, by setting its limits, and when the row is put under a new registry
    -- MAC key.
    reason       text COLLATE "C" NOT NULL, -- Why it is known.
    created_at   bigint NOT NULL, -- When it was made known.
    created_by   text COLLATE "C" NOT NULL, -- By whom.
    expires_at   bigint, -- From when on it is as good as gone; NULL is never.
    disabled_at  bigint, -- When it was put out of use; NULL while it is in use.
    velocity_limits text COLLATE "C" NOT NULL, -- Limits of its own: scope=items/seconds, separated by spaces; empty if it has those of everybody.
    epoch        bigint NOT NULL, -- Registry epoch of this row.
    mac          bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    -- Mutable, outside the MAC. Updated after requests; never moves backwards.
    last_used_at bigint, -- When it last made a request.
    PRIMARY KEY (tenant, service)
) WITH (fillfactor = 70);

-- Appointments of identities to roles.
CREATE TABLE role_grants (
    tenant       text COLLATE "C" NOT NULL, -- Whose.
    grant_id     bytea NOT NULL CHECK (length(grant_id) = 8), -- The grant's own id, random.
    -- Mutable. Written again as a whole by revocation, and when the row is put under a new registry MAC key.
    service      text COLLATE "C" NOT NULL, -- To whom.
    role         text COLLATE "C" NOT NULL, -- The role.
    encrypted_only boolean NOT NULL, -- Whether values leave by it encrypted only.
    reason       text COLLATE "C" NOT NULL, -- Why.
    granted_at   bigint NOT NULL, -- When.
    granted_by   text COLLATE "C" NOT NULL, -- By whom.
    expires_at   bigint, -- From when on it no longer holds; NULL is never.
    revoked_at   bigint, -- When it was taken back; NULL while it holds.
    revoked_by   text COLLATE "C", -- By whom it was taken back.
    epoch        bigint NOT NULL, -- Registry epoch of this row.
    mac          bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    -- Mutable, outside the MAC. Updated after requests; never moves backwards.
    last_used_at bigint, -- When it last decided a request.
    PRIMARY KEY (tenant, grant_id)
) WITH (fillfactor = 70);

-- Public keys to which values leave encrypted for an identity.
CREATE TABLE encryption_keys (
    tenant       text COLLATE "C" NOT NULL, -- Whose.
    service      text COLLATE "C" NOT NULL, -- For which identity.
    kid          text COLLATE "C" NOT NULL CHECK (length(kid) = 43), -- The key's name, its thumbprint (RFC 7638).
    -- Mutable. Written again as a whole by revocation, and when the row is put under a new registry MAC key.
    jwk          text COLLATE "C" NOT NULL, -- The public key as a JWK.
    reason       text COLLATE "C" NOT NULL, -- Why.
    created_at   bigint NOT NULL, -- When it was registered.
    created_by   text COLLATE "C" NOT NULL, -- By whom.
    expires_at   bigint, -- From when on nothing is encrypted to it; NULL is never.
    revoked_at   bigint, -- When it was taken back; NULL while it holds.
    revoked_by   text COLLATE "C", -- By whom it was taken back.
    epoch        bigint NOT NULL, -- Registry epoch of this row.
    mac          bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, service, kid)
);

-- Tokens that nobody has business with. Which tokens they are cannot be told from here: a mark is a keyed digest.
CREATE TABLE honeytokens (
    tenant       text COLLATE "C" NOT NULL, -- Whose.
    honeytoken   bytea NOT NULL CHECK (length(honeytoken) = 8), -- The mark's own id, random.
    -- Mutable. Written again as a whole by withdrawal, and when the row is put under a new registry MAC key.
    mark         bytea NOT NULL CHECK (length(mark) = 32), -- Keyed digest of tenant and token (registry_mac_v1).
    reason       text COLLATE "C" NOT NULL, -- What it is there for.
    created_at   bigint NOT NULL, -- When the token was marked.
    created_by   text COLLATE "C" NOT NULL, -- By whom.
    withdrawn_at bigint, -- When the mark was taken away; NULL while it holds.
    withdrawn_by text COLLATE "C", -- By whom it was taken away.
    epoch        bigint NOT NULL, -- Registry epoch of this row.
    mac          bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1).
    PRIMARY KEY (tenant, honeytoken)
);

-- Tokens and what they stand for. A token's shard follows from the token, so it is unique in its tenant although each
-- partition sees to its own rows only.
CREATE TABLE tokens (
    tenant            text COLLATE "C" NOT NULL, -- Whose.
    token             text COLLATE "C" NOT NULL, -- The token.
    shard             smallint NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition, from a hash of the token.
    profile           text COLLATE "C" NOT NULL, -- The profile it was made by.
    kind              text COLLATE "C" NOT NULL, -- What kind of value: card, bank-account, identity-number, text.
    brand             text COLLATE "C", -- Card scheme, from the issuer's range; NULL if the profile does not show it, and for other values.
    bin               text COLLATE "C" CHECK (length(bin) = 6), -- First six digits of a card (PCI DSS 3.4.1); NULL likewise.
    last_four         text COLLATE "C" CHECK (length(last_four) = 4), -- Last four digits of a card (PCI DSS 3.4.1) or characters of an IBAN; NULL likewise.
    country           text COLLATE "C" CHECK (length(country) = 2), -- Country of a bank account, or of an identity number if given (ISO 3166-1).
    card_expiry_month smallint, -- When the card expires, 1 to 12; NULL if not given.
    card_expiry_year  smallint, -- When the card expires, four digits; NULL if not given.
    max_uses          bigint CHECK (max_uses > 0), -- How often the value may be revealed; NULL is without end.
    created_by        text COLLATE "C" NOT NULL, -- The service that made it.
    created_at        bigint NOT NULL, -- When.
    -- Mutable. Updated when the value is revealed a counted time, when metadata, end, aliases or tags are changed, and when the
    -- token ends: then state and time are set and the values are erased. Aliases and tags are bound to the sealed columns.
    aliases           text COLLATE "C", -- Its other names, sorted, with spaces between; NULL if none. A tombstone keeps them.
    tags              text COLLATE "C", -- Its labels, likewise; none once it is deleted.
    expires_at        bigint, -- From when on it is as good as gone; NULL is never.
    state             text COLLATE "C" NOT NULL, -- active, used, deleted.
    envelope          bytea, -- The value (encrypted: envelope_v1); NULL if one-way or ended.
    metadata_envelope bytea, -- The caller's metadata (encrypted: envelope_v1); NULL if none or ended.
    uses              bigint NOT NULL CHECK (uses >= 0), -- How often the value was revealed, if that is counted.
    row_version       bigint NOT NULL CHECK (row_version > 0), -- 1 at first, one more with each change.
    ended_at          bigint CHECK (ended_at IS NULL OR state <> 'active'), -- When it was used up or deleted.
    PRIMARY KEY (tenant, token, shard)
) PARTITION BY HASH (shard);

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
    tenant text COLLATE "C" NOT NULL, -- Whose.
    alias  text COLLATE "C" NOT NULL, -- The name, as the caller chose it.
    token  text COLLATE "C" NOT NULL, -- The token.
    shard  smallint NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition, from a hash of the alias.
    PRIMARY KEY (tenant, alias, shard)
) PARTITION BY HASH (shard);

-- Lead from labels to tokens, in the order in which these were made. Rows are added and removed, never changed.
CREATE TABLE token_tags (
    tenant     text COLLATE "C" NOT NULL, -- Whose.
    tag        text COLLATE "C" NOT NULL, -- The label.
    created_at bigint NOT NULL, -- When the token was made.
    token      text COLLATE "C" NOT NULL, -- The token.
    shard      smallint NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition: the token's.
    PRIMARY KEY (tenant, tag, created_at, token, shard)
) PARTITION BY HASH (shard);

-- Lead from the keyed fingerprint of a value to its tokens. Rows are added and removed, never changed. A rotation of the
-- fingerprint key adds rows of the new version and removes those of the old. The key decides races for a deterministic
-- token with one index alone: there is one such row per tenant, scope, key version and fingerprint, and as many of the
-- other kind as there are tokens.
CREATE TABLE fingerprints (
    tenant        text COLLATE "C" NOT NULL, -- Whose.
    scope         text COLLATE "C" NOT NULL, -- Inside which values are compared; the empty text is the whole tenant.
    key_version   bigint NOT NULL CHECK (key_version > 0), -- Version of the tokenization key it was computed with.
    fingerprint   bytea NOT NULL CHECK (length(fingerprint) = 32), -- Keyed digest of the value (fingerprint_v1).
    deterministic boolean NOT NULL, -- Whether the token is *the* token of the value.
    token         text COLLATE "C" NOT NULL, -- The token.
    shard         smallint NOT NULL CHECK (shard BETWEEN 0 AND 4095), -- Partition: the fingerprint's first twelve bits.
    rival         text COLLATE "C" NOT NULL GENERATED ALWAYS AS (CASE WHEN deterministic THEN '' ELSE token END) STORED, -- What there is one row for: the empty text for *the* token, any other token for itself.
    PRIMARY KEY (tenant, scope, key_version, fingerprint, rival, shard)
) PARTITION BY HASH (shard);

-- Sealed values do not compress: nobody shall try. Before the partitions are made, so that they take it over.
ALTER TABLE tokens ALTER COLUMN envelope SET STORAGE EXTERNAL, ALTER COLUMN metadata_envelope SET STORAGE EXTERNAL;

-- The partitions. What was erased must not stay in dead rows for long: tokens are vacuumed after one per cent of them
-- changed. Both tables mostly grow, and vacuum then finds only new pages to look at.
DO $$
BEGIN
    FOR remainder IN 0..7 LOOP
        EXECUTE format('CREATE TABLE tokens_p%s PARTITION OF tokens FOR VALUES WITH (MODULUS 8, REMAINDER %s)
            WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.1)',
            remainder, remainder);
        EXECUTE format('CREATE TABLE fingerprints_p%s PARTITION OF fingerprints
            FOR VALUES WITH (MODULUS 8, REMAINDER %s)
            WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)',
            remainder, remainder);
        EXECUTE format('CREATE TABLE token_aliases_p%s PARTITION OF token_aliases FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
            remainder, remainder);
        EXECUTE format('CREATE TABLE token_tags_p%s PARTITION OF token_tags FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
            remainder, remainder);
    END LOOP;
END
$$;

-- The keys under which security codes are sealed, one for each period of five minutes in which codes came in. No material: it
-- is useless without the key in the HSM, which is destroyed when the codes have served; then the row goes too. Not under the
-- registry's MAC: the label in the HSM says the period, and labels cannot be changed.
CREATE TABLE security_code_keys (
    period       bigint NOT NULL PRIMARY KEY, -- Which period: how many have passed since the Unix epoch.
    key_id       bytea NOT NULL CHECK (length(key_id) = 8), -- The key's id, as in the header of each code sealed under it.
    cka_id       bytea NOT NULL CHECK (length(cka_id) = 16), -- CKA_ID of the key in the HSM, random.
    label        text COLLATE "C" NOT NULL, -- CKA_LABEL of the key in the HSM.
    check_value  bytea NOT NULL, -- To recognise the key in the HSM by; reveals nothing of it.
    wrapped      bytea NOT NULL, -- The key material (encrypted: wrapped_key_v1).
    created_at   bigint NOT NULL, -- When it was made.
    -- Mutable. Updated once, when its destruction begins.
    shredding_at bigint -- From when on nothing is sealed or opened under it; NULL before.
) WITH (fillfactor = 70);

ALTER TABLE security_code_keys ALTER COLUMN wrapped SET STORAGE EXTERNAL;

-- Card security codes that wait for their payment to be authorised (PCI DSS 3.3.1.2). A row lives for an hour at most, and
-- goes when the result is reported; its copies in backups and logs go with the key. Every row
-- dies young, so it is vacuumed often.
CREATE TABLE security_codes (
    tenant     text COLLATE "C" NOT NULL, -- Whose.
    token      text COLLATE "C" NOT NULL, -- The token of the card it belongs to.
    -- Mutable. Replaced as a whole when another code comes in for the card.
    period     bigint NOT NULL, -- The period under whose key it is sealed.
    envelope   bytea NOT NULL, -- The code (encrypted: envelope_v1).
    created_at bigint NOT NULL, -- When it came in.
    expires_at bigint NOT NULL, -- From when on it is as good as gone.
    PRIMARY KEY (tenant, token)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);

ALTER TABLE security_codes ALTER COLUMN envelope SET STORAGE EXTERNAL;

-- Serves housekeeping, which asks for no tenant.
CREATE INDEX security_codes_by_end ON security_codes (expires_at);

-- Serves the question whether a key is still needed.
CREATE INDEX security_codes_by_period ON security_codes (period, expires_at);

-- Answers to requests that must happen once. Removed by housekeeping when they are old. Of a request to a destination
-- outside there is one that says "under way" first, and the real one takes its place.
CREATE TABLE idempotency_answers (
    tenant         text COLLATE "C" NOT NULL, -- Whose.
    service        text COLLATE "C" NOT NULL, -- Who asked.
    request_key    text COLLATE "C" NOT NULL, -- The caller's key for the request (Idempotency-Key).
    key_version    bigint NOT NULL CHECK (key_version > 0), -- Version of the tokenization key behind the digest.
    request_digest bytea NOT NULL CHECK (length(request_digest) = 32), -- Keyed digest of the request (fingerprint_v1).
    answer         bytea NOT NULL, -- The answer (encrypted: envelope_v1).
    created_at     bigint NOT NULL, -- When it was given.
    PRIMARY KEY (tenant, service, request_key)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

ALTER TABLE idempotency_answers ALTER COLUMN answer SET STORAGE EXTERNAL;

-- Serves housekeeping, the one reader that asks for no tenant.
CREATE INDEX idempotency_answers_by_age ON idempotency_answers (created_at);

-- How much of its velocity limits each identity has used up. A node takes items in blocks, here, before it uses them;
-- what a node had left of a block when it ended counts as used.
CREATE TABLE velocity_counters (
    tenant      text COLLATE "C" NOT NULL, -- Whose.
    service     text COLLATE "C" NOT NULL, -- Which identity's.
    counter     text COLLATE "C" NOT NULL, -- What is counted: reveal/<purpose>, decrypt, search, miss.
    -- Mutable. Updated whenever a node takes a block.
    slot_millis bigint NOT NULL CHECK (slot_millis > 0), -- How long a slot is: half of the limit's window.
    latest      bigint NOT NULL, -- The latest time that any node took items at; its slot is the current one.
    current     bigint NOT NULL CHECK (current >= 0), -- Items taken in the current slot.
    previous    bigint NOT NULL CHECK (previous >= 0), -- Items taken in the slot before.
    earlier     bigint NOT NULL CHECK (earlier >= 0), -- Items taken in the slot before that.
    row_version bigint NOT NULL CHECK (row_version > 0), -- 1 at first, one more with each change.
    mac         bytea NOT NULL CHECK (length(mac) = 32), -- MAC over the row (registry_mac_v1); not part of the registry's digest.
    PRIMARY KEY (tenant, service, counter)
) WITH (fillfactor = 50);

-- The audit streams there are, one of each node's start. Written with a stream's first bundle, never changed.
CREATE TABLE audit_streams (
    stream     text COLLATE "C" NOT NULL PRIMARY KEY, -- The stream.
    created_at bigint NOT NULL -- When its first bundle was written.
);

-- All audit records of one commit. Written with the commit's effects, never changed. A bundle begins where the one
-- before it ends; the key lets one writer only continue a stream. Compressed already, and read in runs, so that it is
-- kept in the row as far as a page has room for it.
CREATE TABLE audit_bundles (
    stream         text COLLATE "C" NOT NULL, -- The node's stream.
    first_sequence bigint NOT NULL CHECK (first_sequence >= 0), -- The number of its first record.
    event_count    bigint NOT NULL CHECK (event_count > 0), -- How many records.
    events         bytea NOT NULL, -- Their canonical bytes (audit_v1), each after its length, compressed with LZ4.
    root           bytea NOT NULL CHECK (length(root) = 32), -- Root hash of the stream's tree after the last of them.
    compact_range  bytea NOT NULL, -- The tree's compact range after the last of them (audit_v1).
    created_at     bigint NOT NULL, -- When.
    PRIMARY KEY (stream, first_sequence)
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0.05);

ALTER TABLE audit_bundles ALTER COLUMN events SET STORAGE EXTERNAL, ALTER COLUMN compact_range SET STORAGE EXTERNAL;

-- Signed statements of where a stream stood. Never changed.
CREATE TABLE checkpoints (
    stream     text COLLATE "C" NOT NULL, -- The stream.
    size       bigint NOT NULL, -- How many records it covers.
    note       text COLLATE "C" NOT NULL, -- The signed note.
    created_at bigint NOT NULL, -- When it was signed.
    PRIMARY KEY (stream, size)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

-- What runs of whole bundles hold, for whoever looks for records. Derived from audit_bundles: can be dropped and made
-- anew. Never changed.
CREATE TABLE audit_segments (
    stream         text COLLATE "C" NOT NULL, -- The stream.
    first_sequence bigint NOT NULL CHECK (first_sequence >= 0), -- The number of its first record.
    end_sequence   bigint NOT NULL CHECK (end_sequence > first_sequence), -- The number after its last record.
    first_time     bigint NOT NULL, -- When its earliest record was made.
    last_time      bigint NOT NULL, -- When its latest record was made.
    terms          bytea NOT NULL, -- Which terms its records hold, as a filter that may say yes wrongly.
    PRIMARY KEY (stream, first_sequence)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

ALTER TABLE audit_segments ALTER COLUMN terms SET STORAGE EXTERNAL;

-- Serves searches, latest first; the earliest time is in it so that segments which are too late are passed over unread.
CREATE INDEX audit_segments_by_time ON audit_segments (last_time, stream, first_sequence, first_time);

-- Rights to do a piece of housekeeping alone for a while. They save work and decide nothing.
CREATE TABLE leases (
    name        text COLLATE "C" NOT NULL PRIMARY KEY, -- What for.
    -- Mutable. Updated by whoever takes or renews it.
    holder      text COLLATE "C" NOT NULL, -- Who has it.
    lease_until bigint NOT NULL -- Until when, by the holder's clock.
) WITH (fillfactor = 50);
