use proptest::prelude::*;
use serde::Deserialize;
use strongroom_domain::Secret;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    rows: Vec<Coded>,
    checksums: Vec<Summed>,
    refused: Vec<String>,
}

#[derive(Deserialize)]
struct Coded {
    name: String,
    key: Hex,
    row: u64,
    token: String,
    kind: String,
    value: Hex,
    expiry: String,
    code: Hex,
}

#[derive(Deserialize)]
struct Summed {
    name: String,
    codes: Vec<Hex>,
    checksum: String,
}

fn vectors() -> Vectors {
    vectors::read(include_str!("vectors.json"))
}

fn expiry(text: &str) -> Option<Expiry> {
    let (year, month) = text.split_once('-')?;
    Some(Expiry::new(month.parse().unwrap(), year.parse().unwrap()).unwrap())
}

#[test]
fn codes_are_those_of_the_vectors() {
    let rows = vectors().rows;
    assert!(rows.len() >= 10);
    for vector in rows {
        let key = RowChecksumKey::new(&Secret::new(vector.key.array()));
        let code = if vector.token.is_empty() {
            key.refused(vector.row)
        } else {
            let (kind, value) = (vector.kind.as_str(), vector.value.0.as_slice());
            let row =
                Row { number: vector.row, token: &vector.token, kind, value, expiry: expiry(&vector.expiry) };
            key.row(row)
        };
        assert_eq!(code.0, vector.code.array(), "{}", vector.name);
    }
}

#[test]
fn checksums_are_those_of_the_vectors() {
    let checksums = vectors().checksums;
    assert!(checksums.len() >= 6);
    for vector in checksums {
        let sum =
            vector.codes.iter().fold(RowChecksum::default(), |sum, code| sum.and(RowCode(code.array())));
        assert_eq!(sum.to_string(), vector.checksum, "{}", vector.name);
        assert_eq!(RowChecksum::parse(&vector.checksum), Some(sum), "{}", vector.name);
    }
    for refused in vectors().refused {
        assert_eq!(RowChecksum::parse(&refused), None, "{refused:?}");
    }
}

/// Every place where two different rows could be confused gives two codes.
#[test]
fn no_two_rows_share_a_code() {
    let key = RowChecksumKey::new(&Secret::new([1; 32]));
    let row = Row { number: 1, token: "tok_a", kind: "card", value: b"4111", expiry: expiry("2030-12") };
    let codes = [
        key.row(row),
        key.row(Row { number: 2, ..row }),
        key.row(Row { token: "tok_ac", kind: "ard", ..row }),
        key.row(Row { kind: "card4", value: b"111", ..row }),
        key.row(Row { expiry: None, ..row }),
        key.row(Row { value: b"41112030-12", expiry: None, ..row }),
        key.refused(1),
        RowChecksumKey::new(&Secret::new([2; 32])).row(row),
    ];
    for (place, one) in codes.iter().enumerate() {
        assert!(codes.iter().skip(place + 1).all(|other| one != other));
    }
}

proptest! {
    #[test]
    fn rows_may_come_in_any_order(codes: Vec<[u8; 32]>, seed: u64) {
        let sum = |codes: &[[u8; 32]]| codes.iter().fold(RowChecksum::default(), |sum, code| sum.and(RowCode(*code)));
        let mut other = codes.clone();
        other.sort_by_key(|code| code[0] ^ u8::try_from(seed % 256).unwrap());
        prop_assert_eq!(sum(&codes), sum(&other));
        prop_assert_eq!(RowChecksum::parse(&sum(&codes).to_string()), Some(sum(&codes)));
    }

    #[test]
    fn a_row_more_or_twice_is_seen(number: u64, others: Vec<[u8; 32]>) {
        let key = RowChecksumKey::new(&Secret::new([1; 32]));
        let sum = others.iter().fold(RowChecksum::default(), |sum, code| sum.and(RowCode(*code)));
        let once = sum.and(key.refused(number));
        prop_assert!(once != sum && once.and(key.refused(number)) != once);
    }
}
