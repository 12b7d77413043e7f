//! `strongroom keys create`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::keys::CreateKey;
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
    /// Days after which a new version is due [default: 365]
    #[arg(long, value_parser = whole_number::<u32, 1, 36_500>, value_name = "DAYS")]
    pub rotation_days: Option<u32>,
}

/// Creates it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let request = CreateKey {
        name: Text(arguments.name),
        purpose: Text(arguments.purpose),
        protection: arguments.protection.map(Text),
        rotation_days: arguments.rotation_days,
    };
    session.show(&session.vault()?.create_key(&request).await?)
}
