//! `strongroomd check-config`: everything that can be told without touching the HSM or the database.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{Config, HostedFieldConfig, PinSource, StoreConfig, WhoMayRead, open_private};
use crate::adapters::OperatorApprovals;
use crate::tls;

/// One thing that is wrong, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which setting.
    pub setting: &'static str,
    /// What is wrong. Never a secret.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.setting, self.reason)
    }
}

/// All that is wrong with a configuration that could be read.
pub fn check(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Err(found) = tls::Material::load(&config.tls) {
        problems.extend(found);
    }
    if let Some(files) = config.hosted_field.as_ref().and_then(HostedFieldConfig::tls)
        && let Err(found) = tls::PublicMaterial::load(&files)
    {
        problems.extend(found);
    }
    problems.extend(check_log_filter(config));
    problems.extend(check_pin(config.hsm.pin_source()));
    problems.extend(check_exists("hsm.module", &config.hsm.module));
    for path in &config.hsm.writable_paths {
        problems.extend(check_exists("hsm.writable_paths", path));
    }
    problems.extend(check_store(&config.store));
    for path in &config.witness.files {
        problems.extend(check_folder("witness.files", path));
    }
    if let Err(found) = strongroom_egress::Destinations::load(&config.egress.destinations) {
        problems.extend(found.iter().map(|found| problem("egress.destinations", found.to_string())));
    }
    if let Some(path) = &config.approvals.operator_file
        && let Err(error) = OperatorApprovals::open(path)
    {
        problems.push(problem_with("approvals.operator_file", path, error));
    }
    if rustix::process::geteuid().is_root() && !config.hardening.danger_allow_root {
        problems.push(problem("hardening", "strongroomd does not run as root; use a user of its own"));
    }
    problems
}

pub(crate) fn problem(setting: &'static str, reason: impl Into<String>) -> Problem {
    Problem { setting, reason: reason.into() }
}

pub(crate) fn problem_with(setting: &'static str, path: &Path, reason: impl fmt::Display) -> Problem {
    Problem { setting, reason: format!("{} {reason}", path.display()) }
}

fn check_log_filter(config: &Config) -> Option<Problem> {
    crate::observability::parse_filter(&config.log.filter)
        .err()
        .map(|_| problem("log.filter", "is not a filter: `info`, or `info,strongroom_core=debug`"))
}

/// Opens the PIN but does not read it. A descriptor belongs to the process that serves and is none of our business.
fn check_pin(source: PinSource<'_>) -> Option<Problem> {
    match source {
        PinSource::File(path) => source.open().err().map(|error| problem_with("hsm.pin_file", path, error)),
        PinSource::Descriptor(_) => None,
        PinSource::Credential(_) => {
            source.open().err().map(|error| problem("hsm.pin_credential", error.to_string()))
        }
    }
}

fn check_store(store: &StoreConfig) -> Vec<Problem> {
    match store {
        StoreConfig::Sqlite(sqlite) => {
            check_private_folder("store.sqlite.path", &sqlite.path).into_iter().collect()
        }
        StoreConfig::Postgres(postgres) => {
            let password = open_private(&postgres.password_file, WhoMayRead::Owner)
                .err()
                .map(|error| problem_with("store.postgres.password_file", &postgres.password_file, error));
            let authority = postgres.ca_file.as_ref();
            password
                .into_iter()
                .chain(authority.and_then(|path| check_exists("store.postgres.ca_file", path)))
                .collect()
        }
    }
}

fn check_exists(setting: &'static str, path: &Path) -> Option<Problem> {
    (!path.exists()).then(|| problem_with(setting, path, "does not exist"))
}

fn check_folder(setting: &'static str, file: &Path) -> Option<Problem> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    (!folder.is_dir()).then(|| problem_with(setting, folder, "is not a folder"))
}

fn check_private_folder(setting: &'static str, file: &Path) -> Option<Problem> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let Ok(metadata) = folder.metadata() else {
        return Some(problem_with(setting, folder, "is not a folder"));
    };
    let mode = metadata.mode() & 0o7777;
    (mode & 0o077 != 0)
        .then(|| problem_with(setting, folder, format_args!("has mode {mode:04o}; it must be 0700")))
}
