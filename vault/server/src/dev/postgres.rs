use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A server started by `deploy/postgres/throwaway`, as the file it leaves in its folder describes it.
pub(super) struct Throwaway {
    pub(super) owner: String,
    pub(super) owner_password_file: PathBuf,
    values: HashMap<String, String>,
}

impl Throwaway {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("connection.env");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {}", path.display(), error.kind()))?;
        let values: HashMap<String, String> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let value = |name: &str| {
            values.get(name).cloned().ok_or_else(|| format!("{} does not give {name}", path.display()))
        };
        Ok(Self {
            owner: value("POSTGRES_OWNER")?,
            owner_password_file: value("POSTGRES_OWNER_PASSWORD_FILE")?.into(),
            values,
        })
    }

    /// The section of the configuration.
    pub(super) fn section(&self) -> String {
        let text = |name: &str| {
            let value = self.values.get(name).map(String::as_str).unwrap_or_default();
            toml::Value::from(value).to_string()
        };
        format!(
            "[store.postgres]\nhost = {host}\nport = {port}\ndatabase = {database}\nuser = {user}\n\
             password_file = {password}\nca_file = {authority}\n",
            host = text("POSTGRES_HOST"),
            port = self.values.get("POSTGRES_PORT").map(String::as_str).unwrap_or_default(),
            database = text("POSTGRES_DATABASE"),
            user = text("POSTGRES_SERVICE"),
            password = text("POSTGRES_SERVICE_PASSWORD_FILE"),
            authority = text("POSTGRES_CA_FILE"),
        )
    }
}
