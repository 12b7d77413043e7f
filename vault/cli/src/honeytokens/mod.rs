//! `strongroom honeytokens`

mod shown;

use clap::{Args, Subcommand};
use strongroom_api::honeytokens::CreateHoneytoken;
use strongroom_api::identities::Reason;
use strongroom_domain::TokenReference;

use crate::arguments::{PageArguments, Refusal, reason, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to do with honeytokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Mark a token that a service has made: each use of it raises an alarm
    Create(CreateArguments),
    /// List the honeytokens, without the tokens
    List(PageArguments),
    /// Take a mark away
    Withdraw(WithdrawArguments),
}

/// Which token to mark.
#[derive(Debug, Args)]
pub struct CreateArguments {
    /// The token, or one of its aliases
    #[arg(value_parser = text::<TokenReference>)]
    pub token: TokenReference,
    /// What it is there for; it is kept in clear and must not name the token
    #[arg(long, value_parser = reason, value_name = "TEXT")]
    pub reason: Reason,
}

/// Which mark to take away.
#[derive(Debug, Args)]
pub struct WithdrawArguments {
    /// The honeytoken, as shown in the list
    #[arg(value_parser = honeytoken_id)]
    pub honeytoken: String,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    match command {
        Command::Create(CreateArguments { token, reason }) => {
            let request = CreateHoneytoken { token: (&token).into(), reason };
            session.show(&vault.create_honeytoken(&request).await?)
        }
        Command::List(page) => {
            let list = vault.list_honeytokens(&page.into()).await?;
            session.show(&list)?;
            session.output().tell_next_page(list.next_cursor.as_deref());
            Ok(())
        }
        Command::Withdraw(WithdrawArguments { honeytoken }) => {
            session.show(&vault.withdraw_honeytoken(&honeytoken).await?)
        }
    }
}

fn honeytoken_id(typed: &str) -> Result<String, Refusal> {
    let hexadecimal = |digits: &str| {
        digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match typed.strip_prefix("hny_") {
        Some(digits) if hexadecimal(digits) => Ok(typed.to_owned()),
        _ => Err(Refusal("must be hny_ and 16 hexadecimal digits".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_honeytoken_is_named_by_its_id() {
        assert!(honeytoken_id("hny_0123456789abcdef").is_ok());
        for typed in ["", "hny_", "hny_0123456789ABCDEF", "grt_0123456789abcdef", "hny_0123456789abcde/"] {
            assert!(honeytoken_id(typed).is_err(), "{typed}");
        }
    }
}
