//! `strongroom tokens open-export`: the receiver's side of an export. Needs no vault.
//!
//! Every part must be there once, every row must follow the one before, and count and checksum must be those that the
//! vault wrote into the last part. Only then does the file appear.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use strongroom_api::jobs::{ExportContent, ExportTotal, ExportedPart, ExportedToken};
use strongroom_api::{JobText, SecretBytes, SecretText, to_wiped_json};
use strongroom_crypto::jwe::{Jwe, RecipientKey};
use strongroom_crypto::row_checksum_v1::{Row, RowChecksum, RowChecksumKey};
use strongroom_domain::{Expiry, Secret, ValueKind};

use super::inventory::{Format, joined};
use crate::failure::Failure;
use crate::output::{NewFile, Show, Table};
use crate::progress::Progress;
use crate::session::Session;

/// What to open, with which key, and where to write it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of `tokens export`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// File with the receiver's private key (JWK)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// How to write
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// File to write, in the clear
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// Opens it.
pub(super) fn run(arguments: &Arguments, session: &Session) -> Result<(), Failure> {
    let json =
        Secret::new(std::fs::read(&arguments.key).map_err(|error| Failure::file(&arguments.key, &error))?);
    let key = RecipientKey::from_private_jwk(&json)
        .map_err(|error| Failure::Usage(format!("{}: {error}", arguments.key.display())))?;
    let failed = |error: io::Error| Failure::file(&arguments.file, &error);
    let mut reader = BufReader::new(File::open(&arguments.file).map_err(failed)?);
    let mut out = NewFile::create(&arguments.out, arguments.force)?;
    if arguments.format == Format::Csv {
        out.write_all(CSV_HEADER.as_bytes()).map_err(|error| Failure::file(&arguments.out, &error))?;
    }
    let progress = Progress::of_things(session.output().style());
    let mut opening = Opening { key, so_far: None, out, arguments, progress };
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        opening.part(&line)?;
    }
    session.show(&opening.finish()?)
}

const CSV_HEADER: &str = "token,type,value,exp_month,exp_year,holder,country,profile,created_at,expires_at,metadata,aliases,tags\n";

struct Opening<'a> {
    arguments: &'a Arguments,
    key: RecipientKey,
    so_far: Option<SoFar>,
    out: NewFile,
    progress: Progress,
}

struct SoFar {
    job: JobText,
    rows_key: RowChecksumKey,
    next_part: u32,
    rows: u64,
    checksum: RowChecksum,
    total: Option<ExportTotal>,
}

impl Opening<'_> {
    fn part(&mut self, line: &[u8]) -> Result<(), Failure> {
        let part: ExportedPart =
            serde_json::from_slice(line).map_err(|_| self.broken("a line is no part of an export"))?;
        let opened = Jwe::parse_long(&part.jwe).and_then(|jwe| self.key.open(&jwe));
        let opened = opened.map_err(|_| self.broken("a part is not for this key, or was altered"))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "parsed into the contract's own types, which keep it secret"
        )]
        let content: ExportContent = serde_json::from_slice(opened.expose())
            .map_err(|_| self.broken("what is in a part has not the form of an export"))?;
        let mut so_far = match self.so_far.take() {
            Some(so_far) => so_far,
            None => SoFar::begin(&content).ok_or_else(|| self.broken("the checksum's key is none"))?,
        };
        if content.job != so_far.job || content.part != so_far.next_part || so_far.total.is_some() {
            return Err(self.broken("parts are missing, out of order, or of another export"));
        }
        so_far.next_part = so_far.next_part.saturating_add(1);
        for token in &content.tokens {
            if token.row != so_far.rows + 1 {
                return Err(self.broken("rows are missing"));
            }
            so_far.take(token).ok_or_else(|| self.broken("a row has no value of its kind"))?;
            self.write(token).map_err(|error| Failure::file(&self.arguments.out, &error))?;
        }
        self.progress.advance(content.tokens.len() as u64);
        so_far.total = content.total;
        self.so_far = Some(so_far);
        Ok(())
    }

    fn finish(self) -> Result<OpenedExport, Failure> {
        self.progress.clear();
        let broken = |reason| broken(&self.arguments.file, reason);
        let so_far = self.so_far.ok_or_else(|| broken("there is no part in it"))?;
        let total = so_far.total.ok_or_else(|| broken("the last part is missing"))?;
        if total.rows != so_far.rows || total.checksum.0.0 != *so_far.checksum.as_bytes() {
            return Err(broken("count or checksum are not those that the vault wrote"));
        }
        self.out.finish()?;
        Ok(OpenedExport {
            job: so_far.job.to_string(),
            rows: so_far.rows,
            checksum: so_far.checksum.to_string(),
            out: self.arguments.out.clone(),
        })
    }

    fn write(&mut self, token: &ExportedToken) -> io::Result<()> {
        if self.arguments.format == Format::Ndjson {
            self.out.write_all(&to_wiped_json(token)?)?;
            return self.out.write_all(b"\n");
        }
        let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
        let card = token.card.as_ref();
        let holder = card.and_then(|card| card.holder.as_ref());
        let holder = holder.or(token.bank_account.as_ref().and_then(|account| account.holder.as_ref()));
        let country = token.identity_number.as_ref().and_then(|number| number.country);
        let metadata =
            if token.metadata.is_empty() { String::new() } else { serde_json::to_string(&token.metadata)? };
        let mut writer = csv::Writer::from_writer(&mut self.out);
        writer.write_record([
            token.token.as_str(),
            token.value_type.as_str(),
            value(token).map_or("", exposed),
            &number(card.and_then(|card| card.exp_month).map(u16::from)),
            &number(card.and_then(|card| card.exp_year)),
            holder.map_or("", exposed),
            &country.map(|country| country.0.as_str().to_owned()).unwrap_or_default(),
            token.profile.as_str(),
            &token.created_at.to_string(),
            &token.expires_at.map(|time| time.to_string()).unwrap_or_default(),
            &metadata,
            &joined(&token.aliases),
            &joined(&token.tags),
        ])?;
        writer.flush()
    }

    fn broken(&self, reason: &str) -> Failure {
        broken(&self.arguments.file, reason)
    }
}

fn broken(path: &Path, reason: &str) -> Failure {
    Failure::Local(format!("{}: {reason}; nothing was written", path.display()))
}

impl SoFar {
    fn begin(content: &ExportContent) -> Option<Self> {
        Some(Self {
            job: content.job.clone(),
            rows_key: RowChecksumKey::new(&checksum_key(&content.checksum_key)?),
            next_part: 0,
            rows: 0,
            checksum: RowChecksum::default(),
            total: None,
        })
    }

    fn take(&mut self, token: &ExportedToken) -> Option<()> {
        let expiry = match token.card.as_ref().map(|card| (card.exp_month, card.exp_year)) {
            Some((Some(month), Some(year))) => Some(Expiry::new(month, year).ok()?),
            _ => None,
        };
        let row = Row {
            number: token.row,
            token: token.token.as_str(),
            kind: token.value_type.as_str(),
            value: exposed(value(token)?).as_bytes(),
            expiry,
        };
        self.checksum = self.checksum.and(self.rows_key.row(row));
        self.rows += 1;
        Some(())
    }
}

#[expect(clippy::disallowed_methods, reason = "becomes the key of the receiver's checksum")]
fn checksum_key(key: &SecretBytes) -> Option<Secret<[u8; 32]>> {
    key.secret().expose().as_slice().try_into().ok().map(Secret::new)
}

fn value(token: &ExportedToken) -> Option<&SecretText> {
    match token.value_type.0 {
        ValueKind::Card => token.card.as_ref().map(|card| &card.number),
        ValueKind::BankAccount => token.bank_account.as_ref().map(|account| &account.iban),
        ValueKind::IdentityNumber => token.identity_number.as_ref().map(|number| &number.number),
        ValueKind::Text => token.text.as_ref(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the receiver has opened what is the receiver's; it goes into the receiver's file"
)]
fn exposed(text: &SecretText) -> &str {
    text.secret().expose()
}

/// What was opened.
#[derive(Debug, Serialize)]
struct OpenedExport {
    /// The job it came from.
    job: String,
    /// How many tokens.
    rows: u64,
    /// Over them, as the vault has it.
    checksum: String,
    /// Where they are.
    out: PathBuf,
}

impl Show for OpenedExport {
    fn table(&self) -> Table {
        Table::about()
            .field("job", &self.job)
            .field("rows", self.rows)
            .field("checksum", &self.checksum)
            .field("out", self.out.display())
    }
}
