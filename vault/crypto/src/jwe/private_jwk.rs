//! A private key as a JWK, as callers keep theirs.

use base64::Engine as _;
use strongroom_domain::Secret;
use zeroize::Zeroizing;

use super::members::{Members, Unreadable};
use super::{BASE64URL, PublicJwk, RecipientKey, encoded_length, jwk, scalar};

/// Why a private key was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrivateJwkError {
    /// Not a JWK of the kind.
    #[error(
        "the key must be a JWK with kty \"EC\", crv \"P-256\", x, y and d, and at most use, alg and kid beside them"
    )]
    Malformed,
    /// The private and the public part are not of one pair.
    #[error("x and y are not the public half of d")]
    Pair,
}

impl From<Unreadable> for PrivateJwkError {
    fn from(_: Unreadable) -> Self {
        Self::Malformed
    }
}

impl RecipientKey {
    /// Reads a caller's pair. Its name is its thumbprint, whatever `kid` says.
    pub fn from_private_jwk(json: &Secret<Vec<u8>>) -> Result<Self, PrivateJwkError> {
        #[expect(clippy::disallowed_methods, reason = "becomes the private key, which wipes itself")]
        let members = Members::read(json.expose())?;
        if !members.are_among(&["kty", "crv", "x", "y", "d", "use", "alg", "kid", "key_ops", "ext"]) {
            return Err(PrivateJwkError::Malformed);
        }
        let public = jwk::point(&members)?.ok_or(PrivateJwkError::Malformed)?;
        let text = Zeroizing::new(members.text("d")?);
        if text.len() != encoded_length(LENGTH) {
            return Err(PrivateJwkError::Malformed);
        }
        let mut number = Zeroizing::new([0; LENGTH]);
        BASE64URL.decode_slice(&*text, &mut *number).map_err(|_| PrivateJwkError::Malformed)?;
        let private = scalar::given(&number).ok_or(PrivateJwkError::Malformed)?;
        if private.public_key() != public {
            return Err(PrivateJwkError::Pair);
        }
        Ok(Self { private, public: PublicJwk::named_by_thumbprint(public) })
    }

    /// The pair as a JWK, for the caller to keep.
    pub fn to_private_jwk(&self) -> Secret<String> {
        let number = Zeroizing::new(<[u8; LENGTH]>::from(self.private.to_bytes()));
        let d = Zeroizing::new(BASE64URL.encode(*number));
        let public = self.public().to_string();
        let open = public.strip_suffix('}').unwrap_or(&public);
        Secret::new(format!(r#"{open},"d":"{}"}}"#, *d))
    }
}

const LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwe::{Jwe, PublicJwkError};

    fn bytes(secret: &Secret<String>) -> Secret<Vec<u8>> {
        #[expect(clippy::disallowed_methods, reason = "a test's key")]
        Secret::new(secret.expose().clone().into_bytes())
    }

    #[test]
    fn a_pair_is_written_and_read_again_and_its_private_part_is_not_registered() {
        let pair = RecipientKey::generate(&Secret::new([3; 48]));
        let text = pair.to_private_jwk();
        let again = RecipientKey::from_private_jwk(&bytes(&text)).ok().unwrap();
        assert_eq!(again.public(), pair.public());
        let jwe = pair.public().seal(&Secret::new([5; 32]), b"4111111111111111").unwrap();
        let opened = again.open(&Jwe::parse(&jwe).ok().unwrap());
        assert!(opened.is_ok_and(|opened| opened.ct_eq(b"4111111111111111")));
        #[expect(clippy::disallowed_methods, reason = "a test's key")]
        let registered = PublicJwk::parse(text.expose().as_bytes());
        assert_eq!(registered, Err(PublicJwkError::Private));
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        let pair = RecipientKey::generate(&Secret::new([3; 48])).to_private_jwk();
        let other = RecipientKey::generate(&Secret::new([4; 48])).to_private_jwk();
        #[expect(clippy::disallowed_methods, reason = "a test's keys")]
        let (pair, other) = (pair.expose().as_str(), other.expose().as_str());
        let (_, d) = other.split_once(r#""d":"#).unwrap();
        let (public, _) = pair.split_once(r#""d":"#).unwrap();
        for (refused, why) in [
            (format!(r#"{public}"d":{d}"#), PrivateJwkError::Pair),
            (pair.replace("P-256", "P-384"), PrivateJwkError::Malformed),
            (pair.replace(r#""d""#, r#""e""#), PrivateJwkError::Malformed),
            (
                format!(r#"{public}"d":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#),
                PrivateJwkError::Malformed,
            ),
            (format!(r#"{public}"d":"AAAA"}}"#), PrivateJwkError::Malformed),
        ] {
            let error = RecipientKey::from_private_jwk(&Secret::new(refused.into_bytes())).err();
            assert_eq!(error, Some(why));
        }
    }
}
