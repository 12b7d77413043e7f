//! The files, as they were when this program was built, each with its headers.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::Origin;

/// One file.
pub(super) struct File {
    pub(super) name: &'static str,
    /// What it holds, and its entity tag. The keys have none here: they change while the program runs.
    pub(super) content: Option<(Bytes, HeaderValue)>,
    headers: HeaderMap,
    /// In the folder of its release, where a name never comes to mean something else.
    headers_of_release: HeaderMap,
}

/// All files there are.
pub(super) struct Files {
    release: String,
    by_name: BTreeMap<&'static str, File>,
}

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../client/browser/", $name)))),+]
    };
}

const EMBEDDED: &[(&str, &str)] = embedded![
    "card.js",
    "field.css",
    "field.html",
    "field.js",
    "form.js",
    "jwe.js",
    "keys.js",
    "options.js",
    "strongroom.js",
    "texts.js",
];
const HEADERS: &str = include_str!("../../../client/browser/headers.json");
const KEYS: &str = "keys.json";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

#[derive(Deserialize)]
struct Headers {
    every: BTreeMap<String, String>,
    files: BTreeMap<String, BTreeMap<String, String>>,
}

impl Files {
    /// Each file of `headers.json`, for pages of these merchants. Only a wrong build can fail here.
    pub(super) fn embedded(merchants: &[Origin]) -> Result<Self, &'static str> {
        let of_files: Headers =
            serde_json::from_str(HEADERS).map_err(|_| "headers.json is not of its form")?;
        let merchants: Vec<_> = merchants.iter().map(Origin::as_str).collect();
        let merchants = if merchants.is_empty() { "'none'".to_owned() } else { merchants.join(" ") };
        let mut by_name = BTreeMap::new();
        let mut release = Sha256::new();
        for (name, text) in EMBEDDED.iter().copied().chain([(KEYS, "")]) {
            let own = of_files.files.get(name).ok_or("headers.json lacks a file")?;
            let headers = headers(of_files.every.iter().chain(own), &merchants)?;
            let mut headers_of_release = headers.clone();
            // The page names the merchants and the keys are renewed: those two stay as fresh as they are.
            if name != KEYS && name != "field.html" {
                headers_of_release.insert(header::CACHE_CONTROL, FOR_EVER);
            }
            let content = (name != KEYS).then(|| {
                release.update(text.len().to_be_bytes());
                release.update(text);
                (Bytes::from_static(text.as_bytes()), etag(text))
            });
            by_name.insert(name, File { name, content, headers, headers_of_release });
        }
        if by_name.len() != of_files.files.len() {
            return Err("headers.json has a file that is not embedded");
        }
        Ok(Self { release: hexadecimal(&release.finalize(), 16), by_name })
    }

    /// The file at this path, with its headers there: `/<name>`, or `/<release>/<name>`.
    pub(super) fn find(&self, path: &str) -> Option<(&File, &HeaderMap)> {
        let name = path.strip_prefix('/')?;
        match name.split_once('/') {
            None => self.by_name.get(name).map(|file| (file, &file.headers)),
            Some((release, name)) if release == self.release => {
                self.by_name.get(name).map(|file| (file, &file.headers_of_release))
            }
            Some(_) => None,
        }
    }

    /// The folder that this very set of files has, whatever comes after it.
    #[cfg(test)]
    pub(super) fn release(&self) -> &str {
        &self.release
    }
}

fn headers<'a>(
    pairs: impl Iterator<Item = (&'a String, &'a String)>,
    merchants: &str,
) -> Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::try_from(name).map_err(|_| "headers.json has a name that is none")?;
        let value = HeaderValue::try_from(value.replace("{merchants}", merchants))
            .map_err(|_| "headers.json has a value that is none")?;
        headers.insert(name, value);
    }
    Ok(headers)
}

pub(super) fn etag(text: &str) -> HeaderValue {
    let tag = format!("\"{}\"", hexadecimal(&Sha256::digest(text), 32));
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    bytes.iter().take(digits / 2).map(|byte| format!("{byte:02x}")).collect()
}
