-- What the role that the service runs as may do: this and nothing else. Run by the owner after every migration, whole
-- and in one transaction. The role's name is in the setting `strongroom.service_role` of the transaction.
DO $$
DECLARE
    service CONSTANT text := current_setting('strongroom.service_role');
    home CONSTANT text := current_schema();
    allowed text;
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, %I', home, service);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, %I', home, service);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', home, service);
    FOREACH allowed IN ARRAY ARRAY[
        'SELECT ON _sqlx_migrations',
        -- What is never changed. The audit record, above all.
        'SELECT, INSERT ON cluster, audit_streams, audit_bundles, checkpoints, audit_segments',
        -- The registry: rows are written again as a whole, keys stay.
        'SELECT, INSERT, UPDATE (epoch, row_count, digest, mac) ON registry_head',
        'SELECT, INSERT, UPDATE (cka_id, label, check_value, created_at, epoch, mac) ON hsm_keys',
        'SELECT, INSERT, UPDATE (created_at, epoch, mac) ON tenants',
        'SELECT, INSERT, UPDATE (name, purpose, protection, value_format, rotation_days, created_at, created_by, epoch, mac) ON keys',
        'SELECT, INSERT, UPDATE (state, wrapped, created_at, state_changed_at, epoch, mac) ON key_versions',
        'SELECT, INSERT, UPDATE (format, kept_digits, luhn_style, shown_digits, min_card_digits, reuse, scope, ttl_seconds,
            single_use, reversible,
            check_digit_rule, created_at, created_by, epoch, mac) ON token_profiles',
        'SELECT, INSERT, UPDATE (reason, created_at, created_by, expires_at, disabled_at, velocity_limits, last_used_at, epoch, mac)
            ON identities',
        'SELECT, INSERT, UPDATE (service, role, encrypted_only, reason, granted_at, granted_by, expires_at, revoked_at, revoked_by,
            last_used_at, epoch, mac) ON role_grants',
        'SELECT, INSERT, UPDATE (jwk, reason, created_at, created_by, expires_at, revoked_at, revoked_by, epoch, mac)
            ON encryption_keys',
        'SELECT, INSERT, UPDATE (mark, reason, created_at, created_by, withdrawn_at, withdrawn_by, epoch, mac) ON honeytokens',
        -- What was used up is counted on, and never taken away.
        'SELECT, INSERT, UPDATE (slot_millis, latest, current, previous, earlier, row_version, mac) ON velocity_counters',
        -- Tokens end, and never go.
        'SELECT, INSERT, UPDATE (aliases, tags, state, ended_at, expires_at, envelope, metadata_envelope, uses, row_version) ON tokens',
        -- Security codes go, and their keys with them.
        'SELECT, INSERT, DELETE, UPDATE (shredding_at) ON security_code_keys',
        'SELECT, INSERT, DELETE, UPDATE (period, envelope, created_at, expires_at) ON security_codes',
        'SELECT, INSERT, DELETE ON fingerprints, token_aliases, token_tags',
        'SELECT, INSERT, DELETE, UPDATE (answer) ON idempotency_answers',
        'SELECT, INSERT, UPDATE (holder, lease_until) ON leases'
    ] LOOP
        EXECUTE format('GRANT %s TO %I', allowed, service);
    END LOOP;
END
$$;
