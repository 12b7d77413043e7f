//! `strongroom encryption-keys generate`

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use strongroom_crypto::jwe::RecipientKey;
use strongroom_domain::Secret;

use crate::failure::Failure;
use crate::output::NewFile;
use crate::session::Session;

/// Where to keep it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file to write: a JWK with its private part, readable by its owner only
    pub file: PathBuf,
}

/// Makes a pair and shows its name.
pub(super) fn run(arguments: &Arguments, session: &Session) -> Result<(), Failure> {
    let entropy = Secret::build([0; 48], |bytes| getrandom::fill(bytes));
    let entropy = entropy.map_err(|_| Failure::Local("the system gives no random numbers".to_owned()))?;
    let pair = RecipientKey::generate(&entropy);
    let mut file = NewFile::create(&arguments.file, false)?;
    let jwk = pair.to_private_jwk();
    #[expect(clippy::disallowed_methods, reason = "the user's own key goes into the user's own file")]
    let written = file.write_all(jwk.expose().as_bytes()).and_then(|()| file.write_all(b"\n"));
    written.map_err(|error| Failure::file(&arguments.file, &error))?;
    file.finish()?;
    session.output().write(format!("{}\n", pair.public().kid()).as_bytes())
}
