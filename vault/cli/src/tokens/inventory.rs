//! `strongroom tokens inventory`: what is known of all tokens, without their values.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::{Args, ValueEnum};
use futures_util::TryStreamExt as _;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use strongroom_api::limits::MAX_PAGE;
use strongroom_api::tokens::{Metadata, TokenListQuery, TokenView};
use strongroom_api::{
    AliasText, PageLimit, ProfileNameText, TagText, Text, TimestampText, TokenStateText, TokenText,
    ValueKindText,
};
use strongroom_client::Client;

use super::shown::Seen;
use crate::failure::Failure;
use crate::output::{NewFile, closed};
use crate::progress::Progress;
use crate::session::Session;

/// What to write, and where.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How to write
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// File to write; - for standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// How exports and imports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header and a line each (RFC 4180)
    Csv,
    /// A JSON object a line
    Ndjson,
}

/// Writes them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let tokens = all_tokens(session.patient_vault()?);
    let progress = Progress::of_things(session.output().style());
    let path = arguments.out.as_path();
    if path == Path::new("-") {
        // Not locked: the lock could not be held while waiting for the vault.
        let mut out = io::BufWriter::new(io::stdout());
        write(tokens, arguments.format, &mut out, &closed, &progress).await?;
        return out.flush().map_err(closed);
    }
    let mut file = NewFile::create(path, arguments.force)?;
    let failed = |error: io::Error| Failure::file(path, &error);
    let count = write(tokens, arguments.format, &mut file, &failed, &progress).await?;
    file.finish()?;
    progress.clear();
    session.output().note(&format!("exported: {count}"));
    Ok(())
}

/// All tokens, in the largest pages there are.
fn all_tokens(vault: Client) -> impl Stream<Item = Result<TokenView, Failure>> {
    let limit = PageLimit::new(MAX_PAGE).unwrap_or_default();
    let pages =
        stream::try_unfold(Some(TokenListQuery { limit, ..TokenListQuery::default() }), move |query| {
            let vault = vault.clone();
            async move {
                let Some(query) = query else { return Ok(None) };
                let page = vault.list_tokens(&query).await?;
                let next = page.next_cursor.map(|cursor| TokenListQuery {
                    limit,
                    cursor: Some(cursor),
                    ..TokenListQuery::default()
                });
                Ok::<_, Failure>(Some((stream::iter(page.items.into_iter().map(Ok)), next)))
            }
        });
    pages.try_flatten()
}

async fn write(
    tokens: impl Stream<Item = Result<TokenView, Failure>>,
    format: Format,
    out: &mut impl Write,
    failed: &impl Fn(io::Error) -> Failure,
    progress: &Progress,
) -> Result<u64, Failure> {
    let mut tokens = pin!(tokens);
    let mut line = Vec::with_capacity(512);
    if format == Format::Csv {
        out.write_all(CSV_HEADER.as_bytes()).map_err(failed)?;
    }
    let mut count = 0_u64;
    while let Some(token) = tokens.try_next().await? {
        line.clear();
        append(&token, format, &mut line).map_err(failed)?;
        out.write_all(&line).map_err(failed)?;
        count += 1;
        progress.advance(1);
    }
    out.flush().map_err(failed)?;
    Ok(count)
}

const CSV_HEADER: &str = "token,type,profile,state,brand,bin,last4,country,exp_month,exp_year,single_use,created_at,expires_at,metadata,aliases,tags\n";

/// What is known of a token, for another program. There is no field that could hold a value or its fingerprint.
#[derive(Serialize)]
struct ExportedToken<'a> {
    token: &'a TokenText,
    #[serde(rename = "type")]
    value_type: ValueKindText,
    profile: &'a ProfileNameText,
    state: TokenStateText,
    brand: Option<String>,
    bin: Option<String>,
    last4: Option<String>,
    country: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    single_use: bool,
    created_at: TimestampText,
    expires_at: Option<TimestampText>,
    metadata: &'a Metadata,
    aliases: &'a [AliasText],
    tags: &'a [TagText],
}

fn append(token: &TokenView, format: Format, line: &mut Vec<u8>) -> io::Result<()> {
    match format {
        Format::Ndjson => append_json(token, line),
        Format::Csv => append_csv(token, line),
    }
}

fn append_json(token: &TokenView, line: &mut Vec<u8>) -> io::Result<()> {
    let Seen { brand, bin, last4, country, .. } = Seen::of(token);
    let exported = ExportedToken {
        token: &token.token,
        value_type: token.value_type,
        profile: &token.profile,
        state: token.state,
        brand,
        bin,
        last4,
        country,
        exp_month: token.card.as_ref().and_then(|card| card.exp_month),
        exp_year: token.card.as_ref().and_then(|card| card.exp_year),
        single_use: token.single_use,
        created_at: token.created_at,
        expires_at: token.expires_at,
        metadata: &token.metadata,
        aliases: &token.aliases,
        tags: &token.tags,
    };
    serde_json::to_writer(&mut *line, &exported)?;
    line.push(b'\n');
    Ok(())
}

/// Metadata is one column, as a JSON object: its names differ from token to token, and a text that begins with a brace
/// is no formula to a spreadsheet.
fn append_csv(token: &TokenView, line: &mut Vec<u8>) -> io::Result<()> {
    let metadata = serde_json::to_string(&token.metadata)?;
    let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
    let seen = Seen::of(token);
    let card = token.card.as_ref();
    let mut writer = csv::Writer::from_writer(line);
    writer.write_record([
        token.token.as_str(),
        token.value_type.as_str(),
        token.profile.as_str(),
        token.state.as_str(),
        &seen.brand.unwrap_or_default(),
        &seen.bin.unwrap_or_default(),
        &seen.last4.unwrap_or_default(),
        &seen.country.unwrap_or_default(),
        &number(card.and_then(|card| card.exp_month).map(u16::from)),
        &number(card.and_then(|card| card.exp_year)),
        if token.single_use { "true" } else { "false" },
        &token.created_at.to_string(),
        &token.expires_at.map(|time| time.to_string()).unwrap_or_default(),
        &metadata,
        &joined(&token.aliases),
        &joined(&token.tags),
    ])?;
    writer.flush()
}

/// With spaces between; none of them has one.
pub(super) fn joined<T: std::fmt::Display>(names: &[Text<T>]) -> String {
    names.iter().map(|name| name.0.to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token() -> TokenView {
        serde_json::from_value(json!({
            "token": format!("tok_{}", "a".repeat(32)), "type": "card", "profile": "default",
            "card": {"brand": "visa", "bin": "411111", "last4": "1111", "exp_month": 3, "exp_year": 2031},
            "fingerprint": "fp_1", "state": "active", "created_at": "2026-11-03T09:30:00Z", "single_use": false,
            "metadata": {"order": "a,\"b\"", "note": "=1+1"},
        }))
        .unwrap()
    }

    async fn exported(format: Format) -> String {
        let mut out = Vec::new();
        let tokens = stream::iter([Ok(token()), Ok(token())]);
        let progress = Progress::of_things(crate::output::Style::Quiet);
        let failed = |error: io::Error| Failure::Local(error.kind().to_string());
        assert_eq!(write(tokens, format, &mut out, &failed, &progress).await.ok(), Some(2));
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn csv_has_a_column_for_each_name_and_no_number() {
        let text = exported(Format::Csv).await;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!((records.len(), records[0].len()), (2, header.len()));
        assert_eq!(&records[0][13], r#"{"note":"=1+1","order":"a,\"b\""}"#);
        assert!(!header.iter().any(|name| name == "number" || name == "fingerprint"));
    }

    #[tokio::test]
    async fn ndjson_has_an_object_a_line() {
        let text = exported(Format::Ndjson).await;
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["last4"], "1111");
        assert_eq!(lines[0]["metadata"]["order"], "a,\"b\"");
        assert!(lines[0].get("fingerprint").is_none());
    }
}
