//! The caller's own pair of keys, from a file.

use std::path::Path;

use strongroom_api::tokens::DetokenizedToken;
use strongroom_crypto::jwe::{Jwe, PublicJwk, RecipientKey};
use strongroom_domain::{Secret, Token};

use crate::connection::read_key_file;
use crate::failure::Failure;

/// A private key that answers are opened with.
pub struct Pair(RecipientKey);

impl Pair {
    /// Reads it from a file that nobody but its owner can use.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let json = Secret::new(read_key_file(path)?.to_vec());
        let key = RecipientKey::from_private_jwk(&json);
        key.map(Self).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    }

    /// The public half.
    pub const fn public(&self) -> &PublicJwk {
        self.0.public()
    }

    /// Opens an answer, which must be about this token.
    pub fn open(&self, jwe: &str, token: &Token) -> Result<DetokenizedToken, Failure> {
        let unreadable = || Failure::Local(format!("{token}: the answer cannot be opened with this key"));
        let opened = Jwe::parse(jwe).and_then(|jwe| self.0.open(&jwe)).map_err(|_| unreadable())?;
        #[expect(clippy::disallowed_methods, reason = "parsed into the types that keep it secret")]
        let value: DetokenizedToken = serde_json::from_slice(opened.expose()).map_err(|_| unreadable())?;
        if value.token.0 == *token {
            Ok(value)
        } else {
            Err(Failure::Local(format!("{token}: the answer is about another token")))
        }
    }
}
