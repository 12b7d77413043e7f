//! `strongroom profiles create`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::profiles::{CheckDigit, CreateProfile, ScopeInput};
use strongroom_domain::{KeptDigits, LuhnStyle, ProfileName, Reuse, ShownDigits, TokenFormat};

use crate::arguments::{one_of, seconds, text, whole_number};
use crate::failure::Failure;
use crate::session::Session;

/// What to create.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The profile's name, unique in the tenant
    #[arg(value_parser = text::<ProfileName>)]
    pub name: ProfileName,
    /// Outward shape of the tokens [default: opaque]
    #[arg(long, value_parser = one_of!(TokenFormat))]
    pub format: Option<TokenFormat>,
    /// For card-shaped tokens: first and last digits that stay [default: 6/4]
    #[arg(long, value_parser = one_of!(KeptDigits))]
    pub keep: Option<KeptDigits>,
    /// For card-shaped tokens: how they differ from card numbers [default: invalid]
    #[arg(long, value_parser = one_of!(LuhnStyle))]
    pub luhn: Option<LuhnStyle>,
    /// First and last digits of a card number that stand readable beside a token [default: 6/4]
    #[arg(long, value_parser = one_of!(ShownDigits))]
    pub show: Option<ShownDigits>,
    /// The fewest digits of a card number that it takes [default: 12; for deterministic tokens as few as leave 10,000 numbers]
    #[arg(long, value_parser = whole_number::<u8, 12, 19>, value_name = "DIGITS")]
    pub min_card_digits: Option<u8>,
    /// Whether equal values share a token [default: random]
    #[arg(long, value_parser = one_of!(Reuse))]
    pub reuse: Option<Reuse>,
    /// Inside which values are recognised as equal: tenant, or a name of your own [default: tenant]
    #[arg(long, value_parser = text::<ScopeInput>)]
    pub scope: Option<ScopeInput>,
    /// How long tokens live, such as 3600, 12h or 30d [default: without end]
    #[arg(long, value_parser = seconds, value_name = "TIME")]
    pub ttl: Option<u64>,
    /// Revealing the full value uses a token up
    #[arg(long)]
    pub single_use: bool,
    /// The value never comes back: it is not stored
    #[arg(long)]
    pub one_way: bool,
    /// Accept card numbers whose check digit is wrong
    #[arg(long)]
    pub relaxed_check_digit: bool,
}

/// Creates it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let request = CreateProfile {
        format: arguments.format.map(Text),
        keep: arguments.keep.map(Text),
        luhn: arguments.luhn.map(Text),
        show: arguments.show.map(Text),
        min_card_digits: arguments.min_card_digits,
        reuse: arguments.reuse.map(Text),
        scope: arguments.scope.map(Text),
        ttl_seconds: arguments.ttl,
        single_use: arguments.single_use.then_some(true),
        reversible: arguments.one_way.then_some(false),
        card_check_digit: arguments.relaxed_check_digit.then_some(CheckDigit::Relaxed),
        ..CreateProfile::new(arguments.name)
    };
    // What does not go together is refused here already, by the rules of the vault.
    request.clone().into_profile().map_err(|error| Failure::Usage(error.to_string()))?;
    session.show(&session.vault()?.create_profile(&request).await?)
}
