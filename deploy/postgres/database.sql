-- A database for a vault, closed to everyone but its owner and the service. Run after roles.sql, by a superuser, as
-- often as one likes. The name is `strongroom` unless given: psql -v database=… -f database.sql postgres

\set ON_ERROR_STOP on
\if :{?database}
\else
    \set database strongroom
\endif

-- Byte order everywhere: an order by language changes with the system's libraries, and breaks indexes when it does.
SELECT format('CREATE DATABASE %I OWNER strongroom_owner TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C''', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec

-- Left alone, anyone with a role on the server may connect and make temporary tables.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO strongroom_service;

\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
