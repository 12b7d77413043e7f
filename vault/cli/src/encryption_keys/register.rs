//! `strongroom encryption-keys register`

use std::path::PathBuf;

use clap::Args;
use strongroom_api::encryption_keys::CreateEncryptionKey;
use strongroom_api::identities::Reason;
use strongroom_api::{JsonDocument, Text};
use strongroom_crypto::jwe::PublicJwk;
use strongroom_domain::{Secret, ServiceName, Timestamp};

use super::Pair;
use crate::arguments::{reason, text};
use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// What to register.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// The file with the public key, a JWK; of a file with both, the public one alone is sent
    pub file: PathBuf,
    /// Why, for those who review it later
    #[arg(long, value_parser = reason, value_name = "TEXT")]
    pub reason: Reason,
    /// From when on nothing is encrypted to it, RFC 3339
    #[arg(long, value_parser = text::<Timestamp>, value_name = "TIME")]
    pub expires_at: Option<Timestamp>,
}

/// More than any JWK of the kind has.
const LARGEST: usize = 4096;

/// Registers it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let typed = input::bytes(Some(&arguments.file), LARGEST)?;
    let jwk = match PublicJwk::parse(&typed) {
        Ok(jwk) => jwk,
        // Only a file that nobody else can use is a pair that is still of use.
        Err(strongroom_crypto::jwe::PublicJwkError::Private) => Pair::read(&arguments.file)?.public().clone(),
        Err(error) => return Err(Failure::Usage(format!("{}: {error}", arguments.file.display()))),
    };
    let request = CreateEncryptionKey {
        jwk: JsonDocument::from_json(Secret::new(jwk.to_string())),
        reason: arguments.reason,
        expires_at: arguments.expires_at.map(Text),
    };
    session.show(&session.vault()?.create_encryption_key(&arguments.service, &request).await?)
}
