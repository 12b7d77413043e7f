//! `strongroom proxy`: a request to a listed destination, with values of tokens in it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use strongroom_api::limits::MAX_BODY;
use strongroom_api::proxy::{ForwardHeader, ForwardRequest, ForwardedAnswer, TokensByName};
use strongroom_api::{SecretText, Text};
use strongroom_domain::{DetokenizationPurpose, IdempotencyKey, TokenReference};

use crate::arguments::{one_of, pair, text, whole_number};
use crate::failure::Failure;
use crate::input;
use crate::output::{Show, Table};
use crate::session::Session;

/// What to send, and where to.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The destination, as the operator named it
    pub destination: String,
    /// The HTTP method
    pub method: String,
    /// The path, with its query if there is one
    pub path: String,
    /// A token, or an alias of one, and the name that placeholders call it, such as card=tok_…; may be given more than once
    #[arg(long, value_parser = named_token, value_name = "NAME=TOKEN", required = true)]
    pub token: Vec<(String, TokenReference)>,
    /// What the values are for; goes into the audit record
    #[arg(long, value_parser = one_of!(DetokenizationPurpose))]
    pub purpose: DetokenizationPurpose,
    /// The body's media type; there is a body then, with placeholders such as {{card.number}}
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// File that holds the body; standard input if absent
    #[arg(long = "in", short, value_name = "FILE", requires = "content_type")]
    pub input: Option<PathBuf>,
    /// A header; may be given more than once. Others see it while the command runs
    #[arg(long, value_parser = pair, value_name = "NAME=VALUE")]
    pub header: Vec<(String, String)>,
    /// A header whose value is in a file, for secrets; may be given more than once
    #[arg(long, value_parser = pair, value_name = "NAME=FILE")]
    pub header_file: Vec<(String, String)>,
    /// How many milliseconds it may take, if fewer than the destination may
    #[arg(long, value_parser = whole_number::<u32, 1, 3_600_000>, value_name = "MILLISECONDS")]
    pub timeout: Option<u32>,
    /// What names this request, such as a payment's number: with the same one, nothing is sent twice. A new one if absent
    #[arg(long, value_parser = key, value_name = "KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Sends it, and shows what came back.
pub async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let vault = session.patient_vault()?;
    let vault = match &arguments.idempotency_key {
        Some(key) => vault.with_idempotency_key(key.clone()),
        None => vault,
    };
    session.show(&vault.forward(&request(arguments)?).await?)
}

fn request(arguments: Arguments) -> Result<ForwardRequest, Failure> {
    let body = match arguments.content_type {
        Some(_) => Some(body(arguments.input.as_deref())?),
        None => None,
    };
    let mut headers: Vec<ForwardHeader> = Vec::new();
    for (name, value) in arguments.header {
        headers.push(ForwardHeader { name, value: SecretText::new(value) });
    }
    for (name, file) in arguments.header_file {
        let value = input::secret_line(&name, Some(Path::new(&file)))?;
        headers.push(ForwardHeader { name, value });
    }
    let given = arguments.token.len();
    let tokens: BTreeMap<_, _> =
        arguments.token.iter().map(|(name, token)| (name.clone(), token.into())).collect();
    if tokens.len() < given {
        return Err(Failure::Usage("a name in --token stands there twice".to_owned()));
    }
    Ok(ForwardRequest {
        destination: arguments.destination,
        method: arguments.method,
        path: arguments.path,
        headers,
        content_type: arguments.content_type,
        body,
        tokens: TokensByName::new(tokens).map_err(|reason| Failure::Usage(reason.to_owned()))?,
        purpose: Text(arguments.purpose),
        timeout_ms: arguments.timeout,
    })
}

fn body(file: Option<&Path>) -> Result<SecretText, Failure> {
    let bytes = input::bytes(file, MAX_BODY)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Failure::Input("the body must be UTF-8".to_owned()))?;
    Ok(SecretText::new(text.to_owned()))
}

fn named_token(typed: &str) -> Result<(String, TokenReference), crate::arguments::Refusal> {
    let (name, token) = pair(typed)?;
    Ok((name, text::<TokenReference>(&token)?))
}

fn key(typed: &str) -> Result<IdempotencyKey, String> {
    IdempotencyKey::parse(typed).map_err(|error| error.to_string())
}

impl Show for ForwardedAnswer {
    fn table(&self) -> Table {
        let tokens = self.retokenized.iter().map(|token| token.0.as_str()).collect::<Vec<_>>().join(" ");
        let table = Table::about().field("status", self.status);
        let table =
            self.headers.iter().fold(table, |table, header| table.field(&header.name, shown(&header.value)));
        table
            .optional("retokenized", (!tokens.is_empty()).then_some(tokens))
            .optional("body", self.body.as_ref().map(shown))
            .optional("body, bytes", self.body_base64.as_ref().map(length))
    }

    /// The body as it came.
    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        match (&self.body, &self.body_base64) {
            (Some(text), _) => out.write_all(shown(text).as_bytes()),
            (None, Some(bytes)) => write_bytes(bytes, out),
            (None, None) => Ok(()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user asked for the destination's answer, which was searched"
)]
fn shown(secret: &SecretText) -> String {
    secret.secret().expose().clone()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the user asked for the destination's answer, which was searched"
)]
fn write_bytes(bytes: &strongroom_api::SecretBytes, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(bytes.secret().expose())
}

#[expect(clippy::disallowed_methods, reason = "how long it is, and nothing of it")]
fn length(bytes: &strongroom_api::SecretBytes) -> usize {
    bytes.secret().expose().len()
}
