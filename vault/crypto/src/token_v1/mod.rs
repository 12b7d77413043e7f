#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};
use strongroom_domain::Token;

use crate::crockford;

/// Makes a token of 130 of the 136 random bits. They must come from the generator and serve for nothing else.
pub fn from_random(random: [u8; 17]) -> Token {
    let body: String = crockford::digits(random.into_iter()).take(BODY_LENGTH).collect();
    let text = format!("{}{body}{}", Token::OPAQUE_PREFIX, checksum(&body));
    #[expect(
        clippy::expect_used,
        reason = "the prefix, 26 and 6 characters of the alphabet are the shape it checks"
    )]
    Token::parse(&text).expect("a prefix and 32 characters")
}

/// Whether this is a token of this format with the right checksum. A card-shaped token is of another format: `false`.
pub fn checksum_is_right(token: &Token) -> bool {
    token
        .as_str()
        .strip_prefix(Token::OPAQUE_PREFIX)
        .and_then(|text| text.split_at_checked(BODY_LENGTH))
        .is_some_and(|(body, given)| body.bytes().all(crockford::is_digit) && given == checksum(body))
}

/// The first 30 bits of SHA-256 over the label and the body's characters.
fn checksum(body: &str) -> String {
    let digest = Sha256::new_with_prefix(LABEL).chain_update(body).finalize();
    crockford::digits(digest.into_iter()).take(CHECKSUM_LENGTH).collect()
}

const LABEL: &str = "strongroom/token_v1";
/// 26 characters of five bits: 130 random bits.
const BODY_LENGTH: usize = 26;
/// 6 characters of five bits: a wrong token passes once in 2^30.
const CHECKSUM_LENGTH: usize = 6;
const _: () =
    assert!(BODY_LENGTH + CHECKSUM_LENGTH == Token::OPAQUE_BODY_LENGTH, "the shape that the domain knows");
