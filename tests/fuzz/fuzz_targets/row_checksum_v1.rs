//! Two rows have one code exactly if all that counts is equal, sums come out whatever the order, and texts are read as
//! they are written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::row_checksum_v1::{Row, RowChecksum, RowChecksumKey};
use strongroom_domain::Secret;

type Facts<'a> = (u64, &'a str, &'a str, &'a [u8]);

fuzz_target!(|input: (Facts<'_>, Facts<'_>, &str)| {
    let (one, other, text) = input;
    let key = RowChecksumKey::new(&Secret::new([7; 32]));
    let code = |(number, token, kind, value): Facts<'_>| key.row(Row { number, token, kind, value, expiry: None });
    let (left, right) = (code(one), code(other));
    assert_eq!(left == right, one == other);

    let none = RowChecksum::default();
    assert_eq!(none.and(left).and(right), none.and(right).and(left));
    let sum = none.and(left).and(right);
    assert_eq!(RowChecksum::parse(&sum.to_string()), Some(sum));
    if let Some(read) = RowChecksum::parse(text) {
        assert_eq!(read.to_string(), text);
    }
});
