//! Two rows have one code exactly if they are equal, and a digest depends on the set of rows alone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::registry_mac_v1::{RegistryDigest, RegistryMacKey, Row, RowMac};
use strongroom_domain::Secret;

/// Name, kind, and the values that the kinds take.
type Column<'a> = (&'a str, u8, &'a str, i64);
type Table<'a> = (&'a str, Vec<Column<'a>>);
/// Name, kind, and the value that the kind takes.
type Fact<'a> = (&'a str, u8, Option<&'a str>, Option<i64>);

fuzz_target!(|input: (Table<'_>, Table<'_>, Vec<[u8; 32]>, &[u8])| {
    let (one, other, codes, bytes) = input;
    let key = RegistryMacKey::from_root(Secret::new(vec![7; 32]), &[9; 16]).expect("32 bytes");
    let (left, right) = (key.mac(&row(&one)), key.mac(&row(&other)));
    assert!(key.verify(&row(&one), &left));
    assert_eq!(key.verify(&row(&other), &left), facts(&one) == facts(&other));
    assert_eq!(left == right, facts(&one) == facts(&other));

    let mut digest = RegistryDigest::new();
    for code in &codes {
        digest.insert(&RowMac::from_bytes(*code));
    }
    let head = key.head_mac(1, 2, &digest);
    digest.insert(&left);
    assert_ne!(key.head_mac(1, 2, &digest), head);
    for code in codes.iter().rev() {
        digest.remove(&RowMac::from_bytes(*code));
    }
    digest.remove(&left);
    assert_eq!(digest.as_bytes(), RegistryDigest::new().as_bytes());

    assert_eq!(RegistryDigest::from_bytes(bytes).is_some(), bytes.len() == RegistryDigest::LENGTH);
});

fn row((table, columns): &Table<'_>) -> Row {
    columns.iter().take(16).fold(Row::new(table), |row, (name, kind, text, integer)| match kind % 4 {
        0 => row.optional_bytes(name, None),
        1 => row.text(name, text),
        2 => row.bytes(name, text.as_bytes()),
        _ => row.integer(name, *integer),
    })
}

/// What the row says, without the values that its kinds do not take.
fn facts<'a>((table, columns): &Table<'a>) -> (&'a str, Vec<Fact<'a>>) {
    let columns = columns.iter().take(16).map(|(name, kind, text, integer)| {
        let kind = kind % 4;
        (*name, kind, matches!(kind, 1 | 2).then_some(*text), (kind == 3).then_some(*integer))
    });
    (table, columns.collect())
}
