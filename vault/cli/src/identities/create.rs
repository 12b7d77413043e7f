//! `strongroom identities create`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::identities::{CreateIdentity, Reason};
use strongroom_domain::{ServiceName, Timestamp};

use crate::arguments::{reason, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to create.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// Why, for those who review it later
    #[arg(long, value_parser = reason, value_name = "TEXT")]
    pub reason: Reason,
    /// From when on it is as good as gone, RFC 3339
    #[arg(long, value_parser = text::<Timestamp>, value_name = "TIME")]
    pub expires_at: Option<Timestamp>,
}

/// Creates it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let request = CreateIdentity {
        service: Text(arguments.service),
        reason: arguments.reason,
        expires_at: arguments.expires_at.map(Text),
    };
    session.show(&session.vault()?.create_identity(&request).await?)
}
