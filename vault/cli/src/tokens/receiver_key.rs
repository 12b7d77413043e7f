//! `strongroom tokens receiver-key`

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use strongroom_crypto::jwe::RecipientKey;
use strongroom_domain::Secret;

use crate::failure::Failure;
use crate::output::{NewFile, Show, Table};
use crate::session::Session;

/// Where to put the two halves.
#[derive(Debug, Args)]
#[command(
    after_help = "The public half goes to whoever runs the export, its thumbprint to whoever approves it."
)]
pub struct Arguments {
    /// File for the private key (JWK), readable by its owner only
    #[arg(long, value_name = "FILE")]
    pub private: PathBuf,
    /// File for the public key (JWK)
    #[arg(long, value_name = "FILE")]
    pub public: PathBuf,
}

/// Makes them. The vault has no part in it.
pub(super) fn run(arguments: &Arguments, session: &Session) -> Result<(), Failure> {
    let entropy = Secret::build([0; 48], |bytes: &mut [u8; 48]| {
        getrandom::fill(bytes).map_err(|_| Failure::Local("the system gives no randomness".to_owned()))
    })?;
    let key = RecipientKey::generate(&entropy);
    let jwk = key.to_private_jwk();
    #[expect(clippy::disallowed_methods, reason = "goes into the receiver's own file")]
    write(&arguments.private, jwk.expose())?;
    write(&arguments.public, &key.public().to_string())?;
    session.show(&MadeKey { thumbprint: key.public().thumbprint(), public: arguments.public.clone() })
}

fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let mut file = NewFile::create(path, false)?;
    writeln!(file, "{text}").map_err(|error| Failure::file(path, &error))?;
    file.finish()
}

/// What others need to know of it.
#[derive(Debug, Serialize)]
struct MadeKey {
    /// RFC 7638.
    thumbprint: String,
    /// Where the public half is.
    public: PathBuf,
}

impl Show for MadeKey {
    fn table(&self) -> Table {
        Table::about().field("thumbprint", &self.thumbprint).field("public", self.public.display())
    }

    fn write_quiet(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.thumbprint)
    }
}
