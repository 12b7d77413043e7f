//! Every token made is right; of the texts handed in, those pass that carry the checksum of their body and no others.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::token_v1::{checksum_is_right, from_random};
use strongroom_domain::Token;

fuzz_target!(|input: ([u8; 17], usize, u8, &str)| {
    let (random, place, character, text) = input;
    let token = from_random(random);
    assert!(token.is_opaque() && checksum_is_right(&token));
    assert_eq!(Token::parse(token.as_str()).as_ref(), Ok(&token));

    let mut altered = token.as_str().as_bytes().to_vec();
    let place = place % altered.len();
    altered[place] = character;
    if let Some(altered) = std::str::from_utf8(&altered).ok().and_then(|text| Token::parse(text).ok()) {
        assert_eq!(checksum_is_right(&altered), altered == token, "one wrong character is noticed");
    }

    if let Ok(token) = Token::parse(text) {
        assert_eq!(token.as_str(), text);
        assert!(token.is_opaque() || !checksum_is_right(&token), "a card-shaped token has no checksum");
    }
});
