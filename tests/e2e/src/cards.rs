//! Made-up card numbers in the issuers' test ranges.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// So many different card numbers, random in all but BIN and check digit.
pub fn card_numbers(count: usize) -> Vec<String> {
    let random = RandomState::new();
    let mut numbers = HashMap::with_capacity(count);
    let mut counter = 0_u64;
    while numbers.len() < count {
        counter += 1;
        let digits = format!("{:020}", random.hash_one(counter));
        let body: String = ["411111", "555555", "601111", "222300"]
            .get(usize::try_from(counter % 4).unwrap_or_default())
            .copied()
            .unwrap_or_default()
            .chars()
            .chain(digits.chars().rev().take(9))
            .collect();
        numbers.insert(with_check_digit(&body), ());
    }
    numbers.into_keys().collect()
}

/// The digits and the check digit that makes them a card number.
pub fn with_check_digit(body: &str) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .zip([true, false].into_iter().cycle())
        .map(|(digit, doubled)| {
            let value = u32::from(digit.saturating_sub(b'0')) * if doubled { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}
