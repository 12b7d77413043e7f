use std::collections::HashSet;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    made: Vec<Made>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Made {
    name: String,
    random: Hex,
    token: String,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    token: String,
    by: String,
}

#[test]
fn tokens_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.made.len() >= 4);
    for vector in vectors.made {
        let token = from_random(vector.random.array());
        assert_eq!(token.as_str(), vector.token, "{}", vector.name);
        assert!(checksum_is_right(&token), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect_where_it_shows() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 8);
    for vector in vectors.refused {
        let by = match Token::parse(&vector.token) {
            Err(_) => "shape",
            Ok(token) if checksum_is_right(&token) => "nothing",
            Ok(_) => "checksum",
        };
        assert_eq!(by, vector.by, "{}", vector.defect);
    }
}

proptest! {
    #[test]
    fn every_one_is_right_and_keeps_all_its_bits(one: [u8; 17], another: [u8; 17]) {
        let (left, right) = (from_random(one), from_random(another));
        prop_assert!(left.is_opaque() && checksum_is_right(&left));
        // The last six bits of the 17 bytes are the ones not used.
        prop_assert_eq!(left == right, one[..16] == another[..16] && one[16] >> 6 == another[16] >> 6);
    }

    #[test]
    fn every_single_wrong_character_is_noticed(random: [u8; 17], place in 4_usize..36, with in "[0-9a-z]") {
        let token = from_random(random);
        let mut text = token.as_str().to_owned();
        text.replace_range(place..=place, &with);
        prop_assume!(text != token.as_str());
        prop_assert!(!checksum_is_right(&Token::parse(&text).unwrap()));
    }

    #[test]
    fn neighbours_swapped_are_noticed(random: [u8; 17], place in 4_usize..35) {
        let token = from_random(random);
        let mut bytes = token.as_str().as_bytes().to_vec();
        bytes.swap(place, place + 1);
        let swapped = String::from_utf8(bytes).unwrap();
        prop_assume!(swapped != token.as_str());
        prop_assert!(!checksum_is_right(&Token::parse(&swapped).unwrap()));
    }
}

#[test]
fn each_of_the_130_bits_makes_another_token() {
    let tokens: HashSet<Token> = (0..130)
        .map(|bit| {
            let mut random = [0; 17];
            random[bit / 8] |= 0x80 >> (bit % 8);
            from_random(random)
        })
        .collect();
    assert_eq!(tokens.len(), 130);
}
