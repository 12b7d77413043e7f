-- Turns a freshly migrated, empty database into a Citus cluster's: run on the coordinator, as the schema's owner, after
-- the migrations and before `init`. One transaction: all of it or nothing.
--
--   psql --single-transaction -v ON_ERROR_STOP=1 -f distribute.sql vault

SET LOCAL search_path = strongroom, public;

DO $$
BEGIN
    IF EXISTS (SELECT FROM cluster) OR EXISTS (SELECT FROM tokens) OR EXISTS (SELECT FROM fingerprints) THEN
        RAISE EXCEPTION 'the database is in use: distribute it before init';
    END IF;
END
$$;

-- Citus divides a table into shards of its own; partitions below them would be divided twice. The same tables again,
-- in one piece: columns, checks, keys and indexes are copied, and so are the service role's rights.
DO $$
DECLARE
    divided text;
    piece record;
BEGIN
    FOREACH divided IN ARRAY ARRAY['tokens', 'fingerprints', 'token_aliases', 'token_tags'] LOOP
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', divided || '_whole', divided);
        FOR piece IN
            SELECT grantee, privilege_type, NULL AS column_name FROM information_schema.table_privileges
                WHERE table_schema = 'strongroom' AND table_name = divided AND grantee <> current_user
            UNION ALL
            SELECT grantee, privilege_type, column_name FROM information_schema.column_privileges
                WHERE table_schema = 'strongroom' AND table_name = divided AND grantee <> current_user
                AND privilege_type = 'UPDATE'
        LOOP
            EXECUTE format('GRANT %s %s ON %I TO %I', piece.privilege_type,
                CASE WHEN piece.column_name IS NULL THEN '' ELSE format('(%I)', piece.column_name) END, divided || '_whole', piece.grantee);
        END LOOP;
        EXECUTE format('DROP TABLE %I', divided);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', divided || '_whole', divided);
    END LOOP;
END
$$;

-- The tables that grow with the cards, by the shard that each row carries. Same shard, same node: colocated, though
-- a token and its fingerprint seldom have the same shard.
SELECT create_distributed_table('tokens', 'shard', shard_count => 64);
SELECT create_distributed_table('fingerprints', 'shard', colocate_with => 'tokens');
SELECT create_distributed_table('token_aliases', 'shard', colocate_with => 'tokens');
SELECT create_distributed_table('token_tags', 'shard', colocate_with => 'tokens');

-- The small ones, whole on every node.
SELECT create_reference_table('cluster');
SELECT create_reference_table('registry_head');
SELECT create_reference_table('hsm_keys');
SELECT create_reference_table('tenants');
SELECT create_reference_table('keys');
SELECT create_reference_table('key_versions');
SELECT create_reference_table('token_profiles');
SELECT create_reference_table('identities');
SELECT create_reference_table('role_grants');
SELECT create_reference_table('encryption_keys');
SELECT create_reference_table('honeytokens');
SELECT create_reference_table('leases');
SELECT create_reference_table('security_code_keys');

-- What every commit writes to, by tenant and by stream.
SELECT create_distributed_table('idempotency_answers', 'tenant', colocate_with => 'none');
SELECT create_distributed_table('security_codes', 'tenant', colocate_with => 'idempotency_answers');
SELECT create_distributed_table('velocity_counters', 'tenant', colocate_with => 'none');
SELECT create_distributed_table('audit_bundles', 'stream', colocate_with => 'none');
SELECT create_distributed_table('audit_streams', 'stream', colocate_with => 'audit_bundles');
SELECT create_distributed_table('checkpoints', 'stream', colocate_with => 'audit_bundles');
SELECT create_distributed_table('audit_segments', 'stream', colocate_with => 'audit_bundles');
