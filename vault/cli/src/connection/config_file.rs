use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;

/// The profile that is taken when none is named.
const DEFAULT_PROFILE: &str = "default";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    #[serde(default)]
    profiles: BTreeMap<String, ConfigProfile>,
}

/// One connection of the configuration file. Paths are relative to the file's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigProfile {
    /// Address of the vault.
    pub url: Option<String>,
    /// File with the authority's certificates.
    pub ca: Option<PathBuf>,
    /// File with the caller's certificate.
    pub cert: Option<PathBuf>,
    /// File with the caller's private key.
    pub key: Option<PathBuf>,
}

/// The named profile, or the one called `default`. A file or a profile that was named must be there; the usual file and
/// the default profile need not.
pub(super) fn profile(file: Option<&Path>, name: Option<&str>) -> Result<ConfigProfile, Failure> {
    let usual = usual_place();
    let Some(path) = file.or(usual.as_deref()) else {
        return match name {
            None => Ok(ConfigProfile::default()),
            Some(_) => Err(Failure::Usage("--profile needs a configuration file: give --config".to_owned())),
        };
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() && name.is_none() => {
            return Ok(ConfigProfile::default());
        }
        Err(error) => return Err(Failure::Usage(format!("{}: {}", path.display(), error.kind()))),
    };
    let mut config: ConfigFile = toml::from_str(&text).map_err(|error| unreadable(path, &text, &error))?;
    let found = config.profiles.remove(name.unwrap_or(DEFAULT_PROFILE));
    if found.is_none() && name.is_some() {
        let known: Vec<_> = config.profiles.into_keys().collect();
        return Err(Failure::Usage(format!(
            "{}: there is no such profile; known: {}",
            path.display(),
            known.join(", ")
        )));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let place = |file: Option<PathBuf>| file.map(|file| folder.join(file));
    let profile = found.unwrap_or_default();
    Ok(ConfigProfile {
        url: profile.url,
        ca: place(profile.ca),
        cert: place(profile.cert),
        key: place(profile.key),
    })
}

fn usual_place() -> Option<PathBuf> {
    let folder = env::var_os("XDG_CONFIG_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))?;
    Some(folder.join("strongroom").join("config.toml"))
}

/// The parser's own text would show the line, and somebody may have put a key where its path belongs.
fn unreadable(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.bytes().filter(|byte| *byte == b'\n').count() + 1);
    Failure::Usage(format!(
        "{}, line {line}: the file holds [profiles.<name>] tables with url, ca, cert and key, which are texts",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str, name: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        profile(Some(&path), name).unwrap_err().line().unwrap()
    }

    #[test]
    fn a_misspelt_name_is_refused_by_its_line_and_not_shown() {
        let line = refusal("[profiles.a]\nurl = 'https://x'\npasswort = 'hunter2'\n", None);
        assert!(line.contains("line 3") && !line.contains("hunter2"), "{line}");
    }

    #[test]
    fn a_profile_that_was_named_must_be_there() {
        assert!(refusal("[profiles.a]\n[profiles.b]\n", Some("c")).ends_with("known: a, b"));
        let missing = profile(Some(Path::new("/nowhere/config.toml")), None);
        assert!(missing.is_err());
    }
}
