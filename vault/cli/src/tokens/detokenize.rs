//! `strongroom tokens detokenize`

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use strongroom_api::tokens::{
    DetokenizedItem, DetokenizedToken, RevealedBankAccount, RevealedCard, RevealedIdentityNumber,
};
use strongroom_api::{Batch, SecretText};
use strongroom_domain::{DetokenizationPurpose, EncryptTo, Reveal, Token, TokenReference};

use crate::arguments::{one_of, text};
use crate::encryption_keys::Pair;
use crate::failure::{Failure, ProblemLine};
use crate::output::{Show, Table, cell};
use crate::session::Session;

/// What to reveal, and why.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tokens, up to 1000, each as itself or as alias: and one of its aliases
    #[arg(required = true, num_args = 1..=1000, value_parser = text::<TokenReference>)]
    pub tokens: Vec<TokenReference>,
    /// What the values are for; goes into the audit record
    #[arg(long, value_parser = one_of!(DetokenizationPurpose))]
    pub purpose: DetokenizationPurpose,
    /// How much of the values
    #[arg(long, default_value = "masked", value_parser = one_of!(Reveal))]
    pub reveal: Reveal,
    /// Get the whole values encrypted to one of the caller's encryption keys: its kid, or newest
    #[arg(long, value_parser = text::<EncryptTo>, value_name = "KID", allow_hyphen_values = true)]
    pub encrypt_to: Option<EncryptTo>,
    /// The file with the private key to open the answers with; without it they are shown as they come
    #[arg(long, requires = "encrypt_to", value_name = "FILE")]
    pub open_with: Option<PathBuf>,
}

/// Reveals them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let Arguments { tokens, purpose, reveal, encrypt_to, open_with } = arguments;
    let pair = open_with.as_deref().map(Pair::read).transpose()?;
    let vault = session.vault()?;
    if let [token] = tokens.as_slice() {
        let mut value = match &encrypt_to {
            None => vault.detokenize_token(token, purpose, reveal).await?,
            Some(key) => vault.detokenize_token_encrypted(token, purpose, key).await?,
        };
        if let (Some(pair), Some(jwe)) = (&pair, &value.encrypted_value) {
            value = pair.open(jwe, about(token, &value.token.0))?;
        }
        return session.show(&value);
    }
    let mut answers = match &encrypt_to {
        None => vault.detokenize_tokens(&tokens, purpose, reveal).await?,
        Some(key) => vault.detokenize_tokens_encrypted(&tokens, purpose, key).await?,
    };
    for (token, item) in tokens.iter().zip(&mut answers.items) {
        if let (Some(pair), Some(jwe), Some(answered)) = (&pair, &item.encrypted_value, &item.token) {
            *item = DetokenizedItem::done(pair.open(jwe, about(token, &answered.0))?);
        }
    }
    session.show(&Revealed { tokens: &tokens, answers: &answers })?;

    let mut failed = 0;
    for (token, item) in tokens.iter().zip(&answers.items) {
        if let Some(problem) = &item.error {
            failed += 1;
            session.output().complain(&format!("{token}: {}", ProblemLine(problem)));
        }
    }
    if failed > 0 || answers.items.len() != tokens.len() { Err(Failure::Partial) } else { Ok(()) }
}

/// Which token an encrypted answer must be about. Who asks by an alias does not know the token, and learns it here.
const fn about<'a>(asked: &'a TokenReference, answered: &'a Token) -> &'a Token {
    match asked {
        TokenReference::Token(token) => token,
        TokenReference::Alias(_) => answered,
    }
}

/// The answers beside what was asked.
struct Revealed<'a> {
    tokens: &'a [TokenReference],
    answers: &'a Batch<DetokenizedItem>,
}

impl Serialize for Revealed<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.answers.serialize(serializer)
    }
}

impl Show for Revealed<'_> {
    fn table(&self) -> Table {
        let pairs = self.tokens.iter().zip(&self.answers.items);
        Table::of(&["token", "value", "expiry", "holder"]).rows(pairs, |(token, item)| {
            let parts = Parts::of_item(item);
            [
                token.to_string(),
                cell(parts.shown()),
                cell(parts.card.map(expiry)),
                cell(parts.holder.map(shown)),
            ]
        })
    }

    /// The values; an empty line for one that is not revealed, so that lines and tokens stay side by side.
    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.answers.items.iter().try_for_each(|item| write_value(&Parts::of_item(item), out))
    }
}

/// What a revealed value consists of, of whatever kind it is.
#[derive(Default)]
struct Parts<'a> {
    value: Option<&'a SecretText>,
    card: Option<&'a RevealedCard>,
    holder: Option<&'a SecretText>,
    encrypted: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of_item(item: &'a DetokenizedItem) -> Self {
        let (card, account) = (item.card.as_ref(), item.bank_account.as_ref());
        let parts = Self::of(card, account, item.identity_number.as_ref(), item.text.as_ref());
        Self { encrypted: item.encrypted_value.as_deref(), ..parts }
    }

    fn of(
        card: Option<&'a RevealedCard>,
        account: Option<&'a RevealedBankAccount>,
        number: Option<&'a RevealedIdentityNumber>,
        text: Option<&'a SecretText>,
    ) -> Self {
        let value = card.map(|card| &card.number).or(account.map(|account| &account.iban));
        let holder = card.and_then(|card| card.holder.as_ref());
        Self {
            value: value.or(number.map(|number| &number.number)).or(text),
            card,
            holder: holder.or(account.and_then(|account| account.holder.as_ref())),
            encrypted: None,
        }
    }

    fn shown(&self) -> Option<String> {
        self.value.map(shown).or_else(|| self.encrypted.map(str::to_owned))
    }
}

impl Show for DetokenizedToken {
    fn table(&self) -> Table {
        let parts = self.parts();
        Table::about()
            .field("token", &self.token.0)
            .field("type", self.value_type.as_str())
            .optional("value", parts.shown())
            .optional("expiry", parts.card.map(expiry))
            .optional("holder", parts.holder.map(shown))
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        write_value(&self.parts(), out)
    }
}

trait InParts {
    fn parts(&self) -> Parts<'_>;
}

impl InParts for DetokenizedToken {
    fn parts(&self) -> Parts<'_> {
        let (card, account) = (self.card.as_ref(), self.bank_account.as_ref());
        let parts = Parts::of(card, account, self.identity_number.as_ref(), self.text.as_ref());
        Parts { encrypted: self.encrypted_value.as_deref(), ..parts }
    }
}

#[expect(clippy::disallowed_methods, reason = "the user asked to see this value, and the vault permitted it")]
fn shown(secret: &SecretText) -> String {
    secret.secret().expose().clone()
}

#[expect(clippy::disallowed_methods, reason = "the user asked to see this value, and the vault permitted it")]
fn write_value(parts: &Parts<'_>, out: &mut dyn Write) -> io::Result<()> {
    let value = parts.value.map(|value| value.secret().expose().as_str());
    writeln!(out, "{}", value.or(parts.encrypted).unwrap_or_default())
}

fn expiry(card: &RevealedCard) -> String {
    super::shown::expiry(card.exp_month, card.exp_year)
}
