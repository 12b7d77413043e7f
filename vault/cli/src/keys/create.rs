//! `strongroom keys create`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::keys::{CreateKey, ValueFormatInput};
use strongroom_domain::{KeyName, KeyPurpose, Protection};

use crate::arguments::{one_of, text, whole_number};
use crate::failure::Failure;
use crate::session::Session;

/// What to create.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The key's name, unique in the tenant
    #[arg(value_parser = text::<KeyName>)]
    pub name: KeyName,
    /// What the key may be used for
    #[arg(long, default_value = "field-encryption", value_parser = one_of!(KeyPurpose))]
    pub purpose: KeyPurpose,
    /// Where the key's material may be in the clear
    #[arg(long, value_parser = one_of!(Protection))]
    pub protection: Option<Protection>,
    /// For format-preserving encryption: all characters that values may consist of
    #[arg(long, value_name = "CHARACTERS", requires = "lengths")]
    pub alphabet: Option<String>,
    /// For format-preserving encryption: how many characters values have
    #[arg(long, value_parser = lengths, value_name = "MIN-MAX", requires = "alphabet")]
    pub lengths: Option<(u8, u8)>,
    /// For format-preserving encryption: how many characters stay at the front and at the end
    #[arg(long, value_parser = kept, value_name = "FIRST/LAST", requires = "alphabet")]
    pub keep: Option<(u8, u8)>,
    /// Days after which a new version is due [default: 365]
    #[arg(long, value_parser = whole_number::<u32, 1, 36_500>, value_name = "DAYS")]
    pub rotation_days: Option<u32>,
}

fn lengths(text: &str) -> Result<(u8, u8), String> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    two_numbers(min, max).ok_or_else(|| "lengths are a number, or two as in 12-19".to_owned())
}

fn kept(text: &str) -> Result<(u8, u8), String> {
    let numbers = text.split_once('/').and_then(|(first, last)| two_numbers(first, last));
    numbers.ok_or_else(|| "what is kept is two numbers, as in 6/4".to_owned())
}

fn two_numbers(one: &str, other: &str) -> Option<(u8, u8)> {
    Some((one.parse().ok()?, other.parse().ok()?))
}

/// Creates it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let (keep_first, keep_last) = arguments.keep.unwrap_or_default();
    let value_format =
        arguments.alphabet.zip(arguments.lengths).map(|(alphabet, (min_length, max_length))| {
            ValueFormatInput { alphabet, min_length, max_length, keep_first, keep_last }
        });
    let request = CreateKey {
        name: Text(arguments.name),
        purpose: Text(arguments.purpose),
        protection: arguments.protection.map(Text),
        value_format,
        rotation_days: arguments.rotation_days,
    };
    session.show(&session.vault()?.create_key(&request).await?)
}
