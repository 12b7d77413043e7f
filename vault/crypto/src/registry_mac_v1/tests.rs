use std::collections::HashSet;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::vectors::{self, Hex};

#[derive(Deserialize)]
struct Vectors {
    rows: Vec<Vouched>,
    refused: Vec<Refused>,
    heads: Vec<Head>,
}

#[derive(Deserialize)]
struct Vouched {
    name: String,
    root: Hex,
    cluster: Hex,
    table: String,
    columns: Vec<Column>,
    mac: Hex,
}

#[derive(Deserialize)]
struct Refused {
    defect: String,
    root: Hex,
    cluster: Hex,
    table: String,
    columns: Vec<Column>,
    mac: Hex,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    text: Option<String>,
    bytes: Option<Hex>,
    integer: Option<i64>,
}

#[derive(Deserialize)]
struct Head {
    root: Hex,
    cluster: Hex,
    epoch: u64,
    rows: u64,
    macs: Vec<Hex>,
    digest_sha256: Hex,
    head_mac: Hex,
}

fn key(root: u8, cluster: u8) -> RegistryMacKey {
    RegistryMacKey::from_root(Secret::new(vec![root; 32]), &[cluster; 16]).unwrap()
}

fn vector_key(root: &Hex, cluster: &Hex) -> RegistryMacKey {
    RegistryMacKey::from_root(Secret::new(root.0.clone()), &cluster.array()).unwrap()
}

fn row(table: &str, columns: &[Column]) -> Row {
    columns.iter().fold(Row::new(table), |row, column| match column {
        Column { name, text: Some(text), .. } => row.text(name, text),
        Column { name, bytes: Some(bytes), .. } => row.bytes(name, &bytes.0),
        Column { name, integer: Some(integer), .. } => row.integer(name, *integer),
        Column { name, .. } => row.optional_bytes(name, None),
    })
}

#[test]
fn codes_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.rows.len() >= 4);
    for vector in vectors.rows {
        let (key, row) = (vector_key(&vector.root, &vector.cluster), row(&vector.table, &vector.columns));
        let mac = RowMac::from_bytes(vector.mac.array());
        assert_eq!(key.mac(&row), mac, "{}", vector.name);
        assert!(key.verify(&row, &mac), "{}", vector.name);
    }
}

#[test]
fn refuses_each_defect() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.refused.len() >= 8);
    for vector in vectors.refused {
        let (key, row) = (vector_key(&vector.root, &vector.cluster), row(&vector.table, &vector.columns));
        assert!(!key.verify(&row, &RowMac::from_bytes(vector.mac.array())), "{}", vector.defect);
    }
}

#[test]
fn heads_are_those_of_the_vectors() {
    let vectors: Vectors = vectors::read(include_str!("vectors.json"));
    assert!(vectors.heads.len() >= 2);
    for vector in vectors.heads {
        let mut digest = RegistryDigest::new();
        for mac in &vector.macs {
            digest.insert(&RowMac::from_bytes(mac.array()));
        }
        let hash = <sha2::Sha256 as sha2::Digest>::digest(digest.as_bytes());
        assert_eq!(hash.as_slice(), vector.digest_sha256.0);
        let head = vector_key(&vector.root, &vector.cluster).head_mac(vector.epoch, vector.rows, &digest);
        assert_eq!(head.as_bytes().as_slice(), vector.head_mac.0);
    }
}

#[test]
fn a_root_of_another_length_gives_no_key() {
    for length in [0, 16, 31, 33, 64] {
        assert!(RegistryMacKey::from_root(Secret::new(vec![1; length]), &[1; 16]).is_none());
    }
}

/// Rows that a careless encoding would take for each other.
#[test]
fn no_two_rows_share_a_code() {
    let rows = [
        Row::new("keys"),
        Row::new("key").text("s", ""),
        Row::new("keys").text("", ""),
        Row::new("keys").text("a", "bc"),
        Row::new("keys").text("ab", "c"),
        Row::new("keys").bytes("a", b"bc"),
        Row::new("keys").optional_text("a", None),
        Row::new("keys").optional_text("a", Some("")),
        Row::new("keys").optional_bytes("a", Some(b"")),
        Row::new("keys").integer("a", 0),
        Row::new("keys").bytes("a", &[0; 8]),
        Row::new("keys").integer("a", -1),
        Row::new("keys").text("a", "1").text("b", "2"),
        Row::new("keys").text("b", "2").text("a", "1"),
        Row::new("keys").text("a", "1").optional_text("b", None),
        Row::new("keys").text("a", "1"),
    ];
    let mut codes: HashSet<[u8; 32]> = rows.iter().map(|row| *key(1, 1).mac(row).as_bytes()).collect();
    assert_eq!(codes.len(), rows.len());
    for other in [key(2, 1), key(1, 2)] {
        assert!(codes.insert(*other.mac(&rows[0]).as_bytes()), "another root or cluster, another code");
    }
}

#[test]
fn a_value_that_may_be_absent_counts_like_one_that_may_not() {
    let optional = Row::new("keys")
        .optional_text("a", Some("x"))
        .optional_integer("b", Some(7))
        .optional_bytes("c", Some(b"y"));
    let plain = Row::new("keys").text("a", "x").integer("b", 7).bytes("c", b"y");
    assert!(key(1, 1).verify(&optional, &key(1, 1).mac(&plain)));
    let absent = |row: Row| *key(1, 1).mac(&row).as_bytes();
    assert_eq!(
        absent(Row::new("keys").optional_integer("a", None)),
        absent(Row::new("keys").optional_text("a", None))
    );
}

proptest! {
    #[test]
    fn no_bit_of_a_code_can_be_changed(value: i64, place in 0_usize..32, bit in 0_u32..8) {
        let row = Row::new("keys").integer("counter", value);
        let mut bytes = *key(1, 1).mac(&row).as_bytes();
        prop_assert!(key(1, 1).verify(&row, &RowMac::from_bytes(bytes)));
        bytes[place] ^= 1_u8 << bit;
        prop_assert!(!key(1, 1).verify(&row, &RowMac::from_bytes(bytes)));
    }

    #[test]
    fn the_digest_forgets_order_and_what_was_removed(mut macs: Vec<[u8; 32]>, passing: [u8; 32]) {
        let insert = |macs: &[[u8; 32]]| macs.iter().fold(RegistryDigest::new(), |mut digest, mac| {
            digest.insert(&RowMac::from_bytes(*mac));
            digest
        });
        let straight = insert(&macs);
        macs.reverse();
        macs.insert(macs.len() / 2, passing);
        let mut other = insert(&macs);
        prop_assert!(other != straight);
        other.remove(&RowMac::from_bytes(passing));
        prop_assert!(other == straight);
        prop_assert!(RegistryDigest::from_bytes(other.as_bytes()).is_some_and(|read| read == straight));
    }

    /// Which is what the specification says in words: the lanes of one code alone are its digest.
    #[test]
    fn lanes_are_hashes_of_label_code_and_number(mac: [u8; 32]) {
        let mut digest = RegistryDigest::new();
        digest.insert(&RowMac::from_bytes(mac));
        let hash = |number: u8| {
            let message = [b"registry_mac_v1/digest".as_slice(), &mac, &[number]].concat();
            <sha2::Sha256 as sha2::Digest>::digest(message)
        };
        let lanes: Vec<u8> = (0..64).flat_map(hash).collect();
        prop_assert_eq!(digest.as_bytes().as_slice(), lanes);
    }

    #[test]
    fn parts_of_a_set_add_up_to_it(macs: Vec<[u8; 32]>, cut: prop::sample::Index) {
        let insert = |macs: &[[u8; 32]]| macs.iter().fold(RegistryDigest::new(), |mut digest, mac| {
            digest.insert(&RowMac::from_bytes(*mac));
            digest
        });
        let (one, other) = macs.split_at(cut.index(macs.len() + 1));
        let mut sum = insert(one);
        sum.merge(&insert(other));
        prop_assert!(sum == insert(&macs));
    }

    #[test]
    fn epoch_count_and_digest_all_count(epoch: u64, rows: u64, mac: [u8; 32]) {
        let (key, empty) = (key(1, 1), RegistryDigest::new());
        let mut other = RegistryDigest::new();
        other.insert(&RowMac::from_bytes(mac));
        let head = key.head_mac(epoch, rows, &empty);
        prop_assert_ne!(head, key.head_mac(epoch.wrapping_add(1), rows, &empty));
        prop_assert_ne!(head, key.head_mac(epoch, rows.wrapping_add(1), &empty));
        prop_assert_ne!(head, key.head_mac(epoch, rows, &other));
    }
}

#[test]
fn bytes_of_another_length_are_no_digest() {
    assert!(RegistryDigest::from_bytes(&[0; RegistryDigest::LENGTH - 1]).is_none());
    assert!(RegistryDigest::from_bytes(&[]).is_none());
}

/// The attack that rules out a sum by XOR. Whoever has kept old copies of the database holds two vouched versions of
/// many rows; by elimination over GF(2) they find a set of rows which, all put back together, leave the XOR of the
/// codes as it was. The same set put back changes this digest.
#[test]
fn rolling_back_a_set_that_cancels_out_under_xor_is_noticed() {
    let key = key(1, 1);
    let version =
        |row: i64, counter: i64| key.mac(&Row::new("keys").integer("id", row).integer("counter", counter));
    let rows = 257;
    let changes: Vec<[u8; 32]> =
        (0..rows).map(|row| xor(version(row, 1).as_bytes(), version(row, 2).as_bytes())).collect();
    let set = combination_that_vanishes(&changes);
    assert!(!set.is_empty());

    let mut digest = RegistryDigest::new();
    let mut exclusive = [0; 32];
    for row in 0..rows {
        digest.insert(&version(row, 2));
        exclusive = xor(&exclusive, version(row, 2).as_bytes());
    }
    let (before, exclusive_before) = (digest.clone(), exclusive);
    for row in set {
        let row = i64::try_from(row).unwrap();
        digest.remove(&version(row, 2));
        digest.insert(&version(row, 1));
        exclusive = xor(&xor(&exclusive, version(row, 2).as_bytes()), version(row, 1).as_bytes());
    }
    assert_eq!(exclusive, exclusive_before, "the XOR does not notice");
    assert!(digest != before, "the digest does");
}

fn xor(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|place| left[place] ^ right[place])
}

/// Of 257 vectors of 256 bits some non-empty set has the sum zero. Gaussian elimination finds it.
fn combination_that_vanishes(vectors: &[[u8; 32]]) -> Vec<usize> {
    let mut basis: Vec<(usize, [u8; 32], HashSet<usize>)> = Vec::new();
    for (number, vector) in vectors.iter().enumerate() {
        let (mut rest, mut used) = (*vector, HashSet::from([number]));
        for (pivot, base, members) in &basis {
            if rest[pivot / 8] >> (pivot % 8) & 1 == 1 {
                rest = xor(&rest, base);
                used = used.symmetric_difference(members).copied().collect();
            }
        }
        match (0..256).find(|bit| rest[bit / 8] >> (bit % 8) & 1 == 1) {
            Some(pivot) => basis.push((pivot, rest, used)),
            None => return used.into_iter().collect(),
        }
    }
    Vec::new()
}
