//! `strongroom tokens detokenize`

use std::io::{self, Write};

use clap::Args;
use serde::Serialize;
use strongroom_api::tokens::{DetokenizedItem, DetokenizedToken, RevealedCard};
use strongroom_api::{Batch, SecretText};
use strongroom_domain::{DetokenizationPurpose, Reveal, Token};

use crate::arguments::{one_of, text};
use crate::failure::{Failure, ProblemLine};
use crate::output::{Show, Table, cell};
use crate::session::Session;

/// What to reveal, and why.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tokens, up to 1000
    #[arg(required = true, num_args = 1..=1000, value_parser = text::<Token>)]
    pub tokens: Vec<Token>,
    /// What the values are for; goes into the audit record
    #[arg(long, value_parser = one_of!(DetokenizationPurpose))]
    pub purpose: DetokenizationPurpose,
    /// How much of the values
    #[arg(long, default_value = "masked", value_parser = one_of!(Reveal))]
    pub reveal: Reveal,
}

/// Reveals them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let Arguments { tokens, purpose, reveal } = arguments;
    let vault = session.vault()?;
    if let [token] = tokens.as_slice() {
        return session.show(&vault.detokenize_token(token, purpose, reveal).await?);
    }
    let answers = vault.detokenize_tokens(&tokens, purpose, reveal).await?;
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

/// The answers beside what was asked.
struct Revealed<'a> {
    tokens: &'a [Token],
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
        Table::of(&["token", "number", "expiry", "holder"]).rows(pairs, |(token, item)| {
            let of_card =
                |part: fn(&RevealedCard) -> String| item.card.as_ref().map_or_else(|| "-".to_owned(), part);
            [
                token.to_string(),
                of_card(|card| shown(&card.number)),
                of_card(expiry),
                of_card(|card| cell(card.holder.as_ref().map(shown))),
            ]
        })
    }

    /// The numbers; an empty line for one that is not revealed, so that lines and tokens stay side by side.
    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        for item in &self.answers.items {
            match &item.card {
                Some(card) => write_number(card, out)?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }
}

impl Show for DetokenizedToken {
    fn table(&self) -> Table {
        Table::about()
            .field("token", &self.token.0)
            .field("number", shown(&self.card.number))
            .field("expiry", expiry(&self.card))
            .optional("holder", self.card.holder.as_ref().map(shown))
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        write_number(&self.card, out)
    }
}

#[expect(clippy::disallowed_methods, reason = "the user asked to see this value, and the vault permitted it")]
fn shown(secret: &SecretText) -> String {
    secret.secret().expose().clone()
}

#[expect(clippy::disallowed_methods, reason = "the user asked to see this value, and the vault permitted it")]
fn write_number(card: &RevealedCard, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", card.number.secret().expose())
}

fn expiry(card: &RevealedCard) -> String {
    super::shown::expiry(card.exp_month, card.exp_year)
}
