-- The two roles of a vault on PostgreSQL. Run by a superuser, with psql, as often as one likes:
--   psql -X -v owner_password_file=… -v service_password_file=… -f roles.sql -f database.sql postgres
-- A password file holds one line. The grants on tables are not here: they come with the migrations.

\set ON_ERROR_STOP on

-- Nothing of this session is logged: two of its statements hold a password.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';

\set owner_password `cat -- :'owner_password_file'`
\set service_password `cat -- :'service_password_file'`

SELECT format('CREATE ROLE %I', missing)
FROM unnest(ARRAY ['strongroom_owner', 'strongroom_service']) AS missing
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = missing)
\gexec

-- Owns the database and its tables; the migrations run as this role, the vault's service never does.
ALTER ROLE strongroom_owner
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT
    CONNECTION LIMIT 20 PASSWORD :'owner_password';

-- What the vault's service connects as. Nodes × (commit lanes + read connections + 1) stay below its limit.
ALTER ROLE strongroom_service
    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT
    CONNECTION LIMIT 120 PASSWORD :'service_password';

ALTER ROLE strongroom_owner SET lock_timeout = '10s'; -- A migration gives up rather than queue all traffic behind it.
ALTER ROLE strongroom_owner SET idle_in_transaction_session_timeout = '60s';

ALTER ROLE strongroom_service SET statement_timeout = '10s';
ALTER ROLE strongroom_service SET lock_timeout = '5s';
ALTER ROLE strongroom_service SET idle_in_transaction_session_timeout = '10s';

-- For both: where names are found, which clock is spoken, and that no value of a statement reaches the server's log.
-- An error's own text may repeat a value, so errors are not logged at all: the vault logs them, without the text.
SELECT format('ALTER ROLE %I SET %s', role, setting)
FROM unnest(ARRAY ['strongroom_owner', 'strongroom_service']) AS role,
     unnest(ARRAY [
         'search_path = public',
         'TimeZone = ''UTC''',
         'synchronous_commit = on',
         'log_statement = ''none''',
         'log_duration = off',
         'log_min_duration_statement = -1',
         'log_min_messages = ''log''',
         'log_min_error_statement = ''panic''',
         'log_error_verbosity = ''terse''',
         'log_parameter_max_length = 0',
         'log_parameter_max_length_on_error = 0'
     ]) AS setting
\gexec

\unset owner_password
\unset service_password
