//! What holds on every server that the script makes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use strongroom_postgres_server::{PostgresServer, Role};

use boxes::database_with_boxes;

#[cfg(test)]
mod boxes;

#[test]
fn tcp_needs_tls_and_a_password() {
    let server = PostgresServer::shared().unwrap();
    let psql = |name: &str, value: &str| {
        let mut command = server.program("psql", Role::Service, "strongroom");
        let output = command
            .env(name, value)
            .args(["-XAtc", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"])
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    };
    assert_eq!(psql("PGHOST", "127.0.0.1"), (true, "t\n".to_owned()));
    assert_eq!(
        psql("PGHOST", "localhost"),
        (true, "t\n".to_owned()),
        "the certificate is not good for the name"
    );

    let (reached, said) = psql("PGSSLMODE", "disable");
    assert!(!reached && said.contains("no encryption"), "{said}");
    let (reached, said) = psql("PGPASSWORD", "a guess");
    assert!(!reached && said.contains("password authentication failed"), "{said}");
    let (reached, said) = psql("PGSSLROOTCERT", "/dev/null");
    assert!(!reached, "the certificate was not verified: {said}");
    let (reached, said) = psql("PGUSER", "postgres");
    assert!(!reached, "the superuser came in by TCP: {said}");
}

#[test]
fn settings_are_those_of_production() {
    let database = PostgresServer::shared().unwrap().create_database().unwrap();
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("max_connections", "200"),
        ("max_prepared_transactions", "0"),
        ("password_encryption", "scram-sha-256"),
        ("listen_addresses", "127.0.0.1"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
    ] {
        assert_eq!(database.sql(Role::Superuser, &format!("SHOW {name}")).unwrap(), value, "{name}");
    }
    for (name, value) in [
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("TimeZone", "UTC"),
        ("log_statement", "none"),
    ] {
        assert_eq!(database.sql(Role::Service, &format!("SHOW {name}")).unwrap(), value, "{name}");
    }
    let stored = "SELECT count(*) FROM pg_authid WHERE rolname LIKE 'strongroom%' AND rolpassword LIKE 'SCRAM-SHA-256$%'";
    assert_eq!(database.sql(Role::Superuser, stored).unwrap(), "2");
}

#[test]
fn passwords_are_for_their_owner_alone() {
    let server = PostgresServer::shared().unwrap();
    let connection = server.connection();
    for path in [&connection.owner_password_file, &connection.service_password_file] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    assert_ne!(connection.owner_password, connection.service_password);
    assert_eq!(connection.service_password.len(), 48);
}

#[test]
fn the_service_makes_nothing_and_goes_nowhere() {
    let database = database_with_boxes(&PostgresServer::shared().unwrap());
    for (statement, refusal) in [
        ("CREATE TABLE mine (a integer)", "permission denied for schema public"),
        ("CREATE TEMPORARY TABLE mine (a integer)", "permission denied to create temporary tables"),
        ("CREATE SCHEMA mine", "permission denied for database"),
        ("CREATE ROLE mine", "permission denied to create role"),
        ("CREATE DATABASE mine", "permission denied to create database"),
        ("ALTER ROLE strongroom_service SUPERUSER", "must be superuser"),
        ("SET ROLE strongroom_owner", "permission denied to set role"),
        ("SET log_statement = 'all'", "permission denied to set parameter"),
        ("DROP TABLE boxes", "must be owner of table boxes"),
        ("DELETE FROM boxes", "permission denied for table boxes"),
        ("COPY boxes TO '/tmp/boxes'", "pg_write_server_files"),
    ] {
        let error = database.sql(Role::Service, statement).unwrap_err().to_string();
        assert!(error.contains(refusal), "{statement}: {error}");
    }
    for elsewhere in ["postgres", "template1"] {
        let error = database.server().sql(Role::Service, elsewhere, "SELECT 1").unwrap_err().to_string();
        assert!(error.contains("permission denied for database"), "{elsewhere}: {error}");
    }
    database.sql(Role::Service, "INSERT INTO boxes VALUES (1, 'one')").unwrap();
}

#[test]
fn no_value_of_a_failed_statement_is_logged() {
    const VALUE: &str = "made-up-4929178834";
    let database = database_with_boxes(&PostgresServer::shared().unwrap());
    database.sql(Role::Owner, "ALTER TABLE boxes ADD UNIQUE (label)").unwrap();
    database.sql(Role::Service, &format!("INSERT INTO boxes VALUES (1, '{VALUE}')")).unwrap();
    for (statement, failure) in [
        (format!("INSERT INTO boxes VALUES (2, '{VALUE}')"), "duplicate key"),
        (format!("INSERT INTO boxes VALUES ('{VALUE}', 'x')"), "invalid input syntax"),
        (format!("SELECT '{VALUE}' FROM nowhere"), "does not exist"),
        (format!("DO $$ BEGIN RAISE WARNING '{VALUE}'; RAISE '{VALUE}'; END $$"), "made-up"),
        (format!("PREPARE p (text) AS SELECT $1::integer; EXECUTE p ('{VALUE}')"), "invalid input syntax"),
    ] {
        for role in [Role::Service, Role::Owner] {
            let error = database.sql(role, &statement).unwrap_err().to_string();
            assert!(error.contains(failure), "{statement}: {error}");
        }
    }
    let log = database.server().log().unwrap();
    assert!(log.contains("ready to accept connections"), "the log was not read");
    assert!(!log.contains(VALUE) && !log.contains("4929178834"));

    // The log would show it, were it not for the settings.
    let talkative = "made-up-for-the-log";
    let statement = format!("SET log_min_messages = 'error'; SELECT '{talkative}'::integer");
    database.sql(Role::Superuser, &statement).unwrap_err();
    assert!(database.server().log().unwrap().contains(talkative));
}

#[tokio::test]
async fn a_database_is_fresh_and_goes_with_its_test() {
    let server = PostgresServer::shared().unwrap();
    let (one, two) = (server.database().await.unwrap(), server.database().await.unwrap());
    assert_ne!(one.name(), two.name());
    one.sql(Role::Owner, "CREATE TABLE boxes (number integer)").unwrap();
    assert!(two.sql(Role::Owner, "SELECT * FROM boxes").unwrap_err().to_string().contains("does not exist"));
    let name = one.name().to_owned();
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.superuser_sql("postgres", &count).unwrap(), "1");
    drop(one);
    assert_eq!(server.superuser_sql("postgres", &count).unwrap(), "0");
}

#[test]
fn pgbench_runs_as_the_service() {
    let database = database_with_boxes(&PostgresServer::shared().unwrap());
    let script = tempfile::NamedTempFile::new().unwrap();
    fs::write(script.path(), "SELECT count(*) FROM boxes;\n").unwrap();
    let file = script.path().to_str().unwrap();
    let report = database
        .server()
        .pgbench(Role::Service, database.name(), &["-n", "-c", "2", "-t", "5", "-M", "prepared", "-f", file])
        .unwrap();
    assert!(report.contains("number of transactions actually processed: 10/10"), "{report}");
}
