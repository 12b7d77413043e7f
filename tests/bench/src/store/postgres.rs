//! PostgreSQL: floors by `pgbench` and COPY on the vault's own table, over TLS as the vault's connections are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Floors;
use super::postgres_server::Server;
use crate::vault::{quoted, run_to_end};
use crate::{Outcome, cpu};

pub(super) const FLOORS: Floors = Floors {
    insert: "pgbench, one INSERT a transaction, TLS",
    insert_target: 1.5,
    select: "pgbench, SELECT by primary key, TLS",
    bulk: "COPY of the same rows",
};

/// Rows to look up in the floor.
const LOOKED_UP: u64 = 20_000;

pub(crate) struct Postgres {
    server: Server,
    folder: PathBuf,
}

impl Postgres {
    pub(super) fn start(folder: &Path) -> Outcome<Self> {
        Ok(Self { server: Server::start()?, folder: folder.to_owned() })
    }

    pub(super) fn configuration(&self) -> Outcome<String> {
        let server = &self.server;
        Ok(format!(
            "[store.postgres]\nhost = \"localhost\"\nport = {}\ndatabase = \"{}\"\nuser = \"{}\"\npassword_file = {}\n\
             ca_file = {}",
            server.said("PORT")?,
            server.said("DATABASE")?,
            server.said("SERVICE")?,
            quoted(Path::new(server.said("SERVICE_PASSWORD_FILE")?)),
            quoted(Path::new(server.said("CA_FILE")?)),
        ))
    }

    /// Who owns the tables, and where the password is.
    pub(super) fn owner(&self) -> Outcome<(&str, &str)> {
        Ok((self.server.said("OWNER")?, self.server.said("OWNER_PASSWORD_FILE")?))
    }

    pub(super) fn cpu(&self) -> Outcome<Duration> {
        cpu::of_family(self.server.postmaster())
    }

    pub(super) fn memory(&self) -> Outcome<u64> {
        cpu::memory_of_family(self.server.postmaster())
    }

    /// The new tokens are older than all others, as in the other store.
    pub(super) fn fill(&self, rows: u64) -> Outcome<()> {
        let (names, values) = self.columns("tokens", "like_this.", |name| match name {
            "token" => Some(RANDOM_TOKEN.to_owned()),
            "shard" => Some("(random() * 4095)::integer".to_owned()),
            "created_at" => Some(format!("like_this.created_at - {rows} + number")),
            _ => None,
        })?;
        let (more_names, more_values) = self.columns("fingerprints", "like_that.", |name| match name {
            "token" => Some("added.token".to_owned()),
            "shard" => Some("(random() * 4095)::integer".to_owned()),
            "fingerprint" => Some("sha256(convert_to(gen_random_uuid()::text, 'UTF8'))".to_owned()),
            _ => None,
        })?;
        self.sql(&format!(
            "WITH added AS (INSERT INTO tokens ({names}) SELECT {values} \
             FROM (SELECT * FROM tokens LIMIT 1) AS like_this, generate_series(1, {rows}) AS number RETURNING token) \
             INSERT INTO fingerprints ({more_names}) SELECT {more_values} \
             FROM (SELECT * FROM fingerprints LIMIT 1) AS like_that, added"
        ))?;
        self.sql("VACUUM ANALYZE tokens")?;
        self.sql("VACUUM ANALYZE fingerprints")?;
        self.sql("CHECKPOINT").map(drop)
    }

    pub(super) fn inserts_per_second(&self, connections: usize, seconds: Duration) -> Outcome<f64> {
        let (names, values) = self.columns("tokens", "", |name| {
            Some(match name {
                "token" => RANDOM_TOKEN.to_owned(),
                "shard" => "(random() * 4095)::integer".to_owned(),
                other => self.sql(&format!("SELECT quote_nullable({other}) FROM tokens LIMIT 1")).ok()?,
            })
        })?;
        self.pgbench(&format!("INSERT INTO tokens ({names}) VALUES ({values});\n"), connections, seconds)
    }

    pub(super) fn selects_per_second(&self, connections: usize, seconds: Duration) -> Outcome<f64> {
        let (names, values) = self.columns("tokens", "like_this.", |name| match name {
            "token" => Some("'tok_' || lpad(number::text, 32, '0')".to_owned()),
            "shard" => Some("number % 4096".to_owned()),
            _ => None,
        })?;
        self.sql(&format!(
            "INSERT INTO tokens ({names}) SELECT {values} \
             FROM (SELECT * FROM tokens LIMIT 1) AS like_this, generate_series(1, {LOOKED_UP}) AS number"
        ))?;
        self.sql("VACUUM ANALYZE tokens")?;
        let tenant = self.sql("SELECT quote_literal(tenant) FROM tokens LIMIT 1")?;
        let by_shard = self.sql(
            "SELECT count(*) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) \
             WHERE indrelid = 'tokens'::regclass AND indisprimary AND attname = 'shard'",
        )?;
        let shard = if by_shard == "0" { "" } else { " AND shard = :shard" };
        let script = format!(
            "\\set number random(1, {LOOKED_UP})\n\\set shard :number % 4096\n\
             SELECT {names} FROM tokens WHERE tenant = {tenant} AND token = 'tok_' || lpad(:number::text, 32, '0'){shard};\n"
        );
        self.pgbench(&script, connections, seconds)
    }

    /// Empties the table and copies back what was in it.
    pub(super) fn bulk_rows_per_second(&self) -> Outcome<f64> {
        let rows: u64 = self.sql("SELECT count(*) FROM tokens")?.parse()?;
        let file = self.folder.join("tokens.copy");
        let (names, _) = self.columns("tokens", "", |_| None)?;
        self.sql(&format!("\\copy (SELECT {names} FROM tokens) TO '{}'", file.display()))?;
        self.sql("TRUNCATE tokens")?;
        self.sql("CHECKPOINT")?;
        let began = Instant::now();
        let copy = format!("\\copy tokens ({names}) FROM '{}'", file.display());
        run_to_end(quiet(&mut self.server.as_service("psql")?).args(["--command", &copy]))?;
        Ok(rows as f64 / began.elapsed().as_secs_f64())
    }

    /// The names of a table's columns that the vault may write, and what is written into each: `value`, or the column of the row to copy.
    fn columns(
        &self,
        table: &str,
        copied: &str,
        value: impl Fn(&str) -> Option<String>,
    ) -> Outcome<(String, String)> {
        let service = self.server.said("SERVICE")?;
        let names = self.sql(&format!(
            "SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 \
             AND NOT attisdropped AND attgenerated = '' \
             AND has_column_privilege('{service}', attrelid, attnum, 'INSERT') ORDER BY attnum"
        ))?;
        let names: Vec<&str> = names.lines().collect();
        let values: Vec<String> =
            names.iter().map(|name| value(name).unwrap_or_else(|| format!("{copied}{name}"))).collect();
        Ok((names.join(", "), values.join(", ")))
    }

    fn pgbench(&self, script: &str, connections: usize, seconds: Duration) -> Outcome<f64> {
        let file = self.folder.join("pgbench.sql");
        fs::write(&file, script)?;
        let mut command = self.server.as_service("pgbench")?;
        command.args(["--no-vacuum", "--protocol", "prepared", "--jobs", "1"]);
        command.args(["--client", &connections.to_string()]);
        command.args(["--time", &seconds.as_secs().max(1).to_string()]);
        command.arg("--file").arg(file);
        let output = String::from_utf8(run_to_end(&mut command)?.stdout)?;
        let line =
            output.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or("pgbench said no tps")?;
        Ok(line.split(' ').next().unwrap_or_default().parse()?)
    }

    fn sql(&self, statement: &str) -> Outcome<String> {
        let mut command = self.server.as_superuser("psql")?;
        let output = run_to_end(quiet(&mut command).args(["--command", statement]))?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

fn quiet(psql: &mut Command) -> &mut Command {
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"])
}

const RANDOM_TOKEN: &str = "'tok_' || replace(gen_random_uuid()::text, '-', '')";

#[cfg(test)]
mod tests {
    use super::*;

    /// A table as the vault's, as far as floors care: partitioned, found by shard, tenant and token.
    const SCHEMA: &str = "
        CREATE TABLE tokens (shard smallint NOT NULL, tenant text NOT NULL, token text NOT NULL, \
            created_at bigint NOT NULL, envelope bytea, PRIMARY KEY (shard, tenant, token)) PARTITION BY HASH (shard);
        CREATE TABLE tokens_0 PARTITION OF tokens FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE tokens_1 PARTITION OF tokens FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE fingerprints (shard smallint NOT NULL, tenant text NOT NULL, fingerprint bytea NOT NULL, \
            token text NOT NULL, PRIMARY KEY (shard, tenant, fingerprint, token));
        GRANT SELECT, INSERT ON tokens, fingerprints TO strongroom_service; GRANT USAGE ON SCHEMA public TO strongroom_service;
        INSERT INTO tokens VALUES (7, 'acme', 'tok_0', 1000, '\\x00ff');
        INSERT INTO fingerprints VALUES (7, 'acme', '\\x00', 'tok_0');";

    #[test]
    fn floors_run_on_the_vaults_table() {
        let folder = tempfile::tempdir().unwrap();
        let store = Postgres::start(folder.path()).unwrap();
        let before = store.cpu().unwrap();
        store.sql(SCHEMA).unwrap();
        store.fill(1000).unwrap();
        let count = |table: &str| store.sql(&format!("SELECT count(*) FROM {table}")).unwrap();
        assert_eq!((count("tokens"), count("fingerprints")), ("1001".to_owned(), "1001".to_owned()));
        let second = Duration::from_secs(1);
        assert!(store.inserts_per_second(4, second).unwrap() > 0.0);
        assert!(store.selects_per_second(4, second).unwrap() > 0.0);
        let rows = count("tokens");
        assert!(store.bulk_rows_per_second().unwrap() > 0.0);
        assert_eq!(count("tokens"), rows);
        assert!(store.cpu().unwrap() > before && store.memory().unwrap() > 0);
    }
}
