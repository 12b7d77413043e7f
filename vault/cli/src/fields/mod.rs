//! `strongroom encrypt`, `decrypt`, `reencrypt` and `lookup`: one field each.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use strongroom_api::crypto::{
    ContextInput, DecryptItem, DecryptedField, EncryptItem, EncryptedField, ReencryptItem, StoredAs,
};
use strongroom_api::limits::MAX_BODY;
use strongroom_api::{Binary, KeyVersionNumber, SecretBytes};
use strongroom_domain::{Context, KeyName, KeyVersion};

use crate::arguments::{pair, text};
use crate::failure::Failure;
use crate::input;
use crate::output::{NewFile, Output, Show, Style, Table};
use crate::session::Session;

/// Base64 makes four bytes of three, and the context needs room too.
const LARGEST_PLAINTEXT: usize = (MAX_BODY - 16 * 1024) / 4 * 3;

/// Which field.
#[derive(Debug, Args)]
pub struct FieldArguments {
    /// The key's name
    #[arg(long, value_parser = text::<KeyName>, value_name = "NAME")]
    pub key: KeyName,
    /// What the ciphertext is bound to, such as record=42; give the same to decrypt
    #[arg(long, value_parser = pair, value_name = "NAME=VALUE")]
    pub context: Vec<(String, String)>,
    /// File to read; standard input if absent
    #[arg(long = "in", short, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// File to write; standard output if absent
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// Which field, and what protected it.
#[derive(Debug, Args)]
pub struct ProtectedFieldArguments {
    /// Which field
    #[command(flatten)]
    pub field: FieldArguments,
    /// The version of the key that protected the field; needed for format-preserving encryption
    #[arg(long, value_parser = key_version, value_name = "VERSION")]
    pub key_version: Option<KeyVersion>,
}

fn key_version(text: &str) -> Result<KeyVersion, String> {
    let number = text.parse().ok().and_then(KeyVersion::new);
    number.ok_or_else(|| "a key version is a whole number from 1".to_owned())
}

/// Bytes in, base64 out.
pub async fn encrypt(field: FieldArguments, session: &Session) -> Result<(), Failure> {
    let item = plain(&field)?;
    let encrypted = session.vault()?.encrypt(&field.key, item).await?;
    write_ciphertext(&field, &encrypted, session.output())
}

/// Base64 in, bytes out.
pub async fn decrypt(arguments: ProtectedFieldArguments, session: &Session) -> Result<(), Failure> {
    let field = arguments.field;
    let context = context(&field.context)?;
    let vault = session.vault()?;
    let key_version = arguments.key_version.map(KeyVersionNumber);
    let item = DecryptItem { ciphertext: ciphertext(&field)?, key_version, context };
    let decrypted = vault.decrypt(&field.key, item).await?;
    write_plaintext(&field, &decrypted, session.output())
}

/// Base64 in, base64 out.
pub async fn reencrypt(arguments: ProtectedFieldArguments, session: &Session) -> Result<(), Failure> {
    let field = arguments.field;
    let context = context(&field.context)?;
    let vault = session.vault()?;
    let key_version = arguments.key_version.map(KeyVersionNumber);
    let item = ReencryptItem { ciphertext: ciphertext(&field)?, key_version, context };
    let encrypted = vault.reencrypt(&field.key, item).await?;
    write_ciphertext(&field, &encrypted, session.output())
}

/// Bytes in, base64 out: a line for each version of the key, newest first.
pub async fn lookup(field: FieldArguments, session: &Session) -> Result<(), Failure> {
    let item = plain(&field)?;
    let stored = session.vault()?.lookup(&field.key, item).await?;
    let lines: String =
        stored.ciphertexts.iter().map(|one| STANDARD.encode(&one.ciphertext.0) + "\n").collect();
    match &field.out {
        Some(path) => write_file(path, lines.as_bytes(), field.force),
        None if session.output().style() == Style::Json => session.output().show(&stored),
        None => session.output().write(lines.as_bytes()),
    }
}

fn plain(field: &FieldArguments) -> Result<EncryptItem, Failure> {
    let context = context(&field.context)?;
    let plaintext = input::bytes(field.input.as_deref(), LARGEST_PLAINTEXT)?;
    Ok(EncryptItem { plaintext: SecretBytes::new(plaintext.to_vec()), context })
}

fn context(pairs: &[(String, String)]) -> Result<ContextInput, Failure> {
    let unique: BTreeMap<_, _> = pairs.iter().cloned().collect();
    if unique.len() < pairs.len() {
        return Err(Failure::Usage("a name in --context stands there twice".to_owned()));
    }
    Context::new(unique).map(ContextInput).map_err(|error| Failure::Usage(error.to_string()))
}

/// The ciphertext, with whatever spaces and line breaks an editor put into its base64.
fn ciphertext(field: &FieldArguments) -> Result<Binary, Failure> {
    let typed = input::bytes(field.input.as_deref(), MAX_BODY)?;
    let base64: Vec<u8> = typed.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(base64).map(Binary).map_err(|_| {
        Failure::Input("a ciphertext is base64 with the standard alphabet and padding".to_owned())
    })
}

fn write_ciphertext(
    field: &FieldArguments,
    encrypted: &EncryptedField,
    output: Output,
) -> Result<(), Failure> {
    let mut line = STANDARD.encode(&encrypted.ciphertext.0).into_bytes();
    line.push(b'\n');
    match &field.out {
        Some(path) => write_file(path, &line, field.force),
        None if output.style() == Style::Json => output.show(encrypted),
        None => output.write(&line),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user asked for this plaintext, and the vault permitted it"
)]
fn write_plaintext(
    field: &FieldArguments,
    decrypted: &DecryptedField,
    output: Output,
) -> Result<(), Failure> {
    let plaintext = decrypted.plaintext.secret().expose();
    match &field.out {
        Some(path) => write_file(path, plaintext, field.force),
        None if output.style() == Style::Json => output.show(decrypted),
        // As they are, without a line break that was not there.
        None => output.write(plaintext),
    }
}

fn write_file(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Failure> {
    let mut file = NewFile::create(path, replace)?;
    file.write_all(bytes).map_err(|error| Failure::file(path, &error))?;
    file.finish()
}

impl Show for EncryptedField {
    fn table(&self) -> Table {
        Table::about()
            .field("ciphertext", STANDARD.encode(&self.ciphertext.0))
            .field("key_version", self.key_version)
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", STANDARD.encode(&self.ciphertext.0))
    }
}

impl Show for StoredAs {
    fn table(&self) -> Table {
        let rows = self.ciphertexts.iter();
        rows.fold(Table::about(), |table, one| {
            table.field(&format!("key_version {}", one.key_version), STANDARD.encode(&one.ciphertext.0))
        })
    }
}

impl Show for DecryptedField {
    /// The plaintext is bytes: it is written as it is, never in a table.
    fn table(&self) -> Table {
        Table::about().field("key_version", self.key_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_context_names_each_thing_once() {
        assert!(context(&[pair("record", "42"), pair("field", "note")]).is_ok());
        assert!(context(&[pair("record", "42"), pair("record", "43")]).is_err());
        assert!(context(&[pair("re cord", "42")]).is_err());
    }

    #[test]
    fn base64_may_be_broken_into_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("field.b64");
        let mut field = FieldArguments {
            key: KeyName::parse("notes").unwrap(),
            context: Vec::new(),
            input: Some(path.clone()),
            out: None,
            force: false,
        };
        std::fs::write(&path, "AAEC\r\nAwQF \n").unwrap();
        assert_eq!(ciphertext(&field).unwrap().0, [0, 1, 2, 3, 4, 5]);
        std::fs::write(&path, "not base64!").unwrap();
        assert!(ciphertext(&field).is_err());
        field.input = Some(folder.path().join("missing"));
        assert!(ciphertext(&field).is_err());
    }
}
