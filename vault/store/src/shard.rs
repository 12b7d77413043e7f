//! Which of 4096 partitions a row belongs to. Stored with the row, so the rules here can never change.

use strongroom_domain::{Alias, Token};

/// A token's partition, from a hash of its text (FNV-1a, folded to twelve bits). Spreads load and protects nothing.
pub(crate) fn of_token(token: &Token) -> u16 {
    of_text(token.as_str())
}

/// An alias's partition, likewise.
pub(crate) fn of_alias(alias: &Alias) -> u16 {
    of_text(alias.as_str())
}

fn of_text(text: &str) -> u16 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let folded = hash ^ (hash >> 12) ^ (hash >> 24) ^ (hash >> 36) ^ (hash >> 48) ^ (hash >> 60);
    (folded & 0x0fff) as u16
}

/// A fingerprint's partition: its first twelve bits, which are uniform.
pub(crate) fn of_fingerprint(fingerprint: &[u8; 32]) -> u16 {
    let [first, second, ..] = fingerprint;
    (u16::from(*first) << 4) | (u16::from(*second) >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_have_not_changed() {
        let token = |text| of_token(&Token::parse(text).unwrap());
        assert_eq!(token("tok_0123456789abcdefghijklmnopqrstuv"), 762);
        assert_eq!(token("9999990000001234"), 166);
        let mut fingerprint = [0; 32];
        fingerprint[0] = 0xab;
        fingerprint[1] = 0xcd;
        assert_eq!(of_fingerprint(&fingerprint), 0xabc);
    }

    #[test]
    fn tokens_spread_over_all_partitions() {
        let mut counts = vec![0_u32; 4096];
        for number in 0..409_600_u64 {
            let token = Token::parse(&format!("99{number:014}")).unwrap();
            counts[usize::from(of_token(&token))] += 1;
        }
        assert!(counts.iter().all(|count| (40..=180).contains(count)));
    }
}
