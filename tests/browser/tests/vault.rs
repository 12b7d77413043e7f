//! The card field against the vault's own code.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use serde_json::{Value, json};
use strongroom_browser_tests::Script;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::jwe::{Jwe, RecipientKey};
use strongroom_domain::{Bin, Brand, LuhnRule, Pan, Secret};

fn key(byte: u8) -> RecipientKey {
    RecipientKey::derive(&KeyMaterial::from_secret(Secret::new(vec![byte; 32])).unwrap())
}

/// What the vault's operator serves as `keys.json`, newest first.
fn jwks(keys: &[&RecipientKey]) -> Value {
    keys.iter().map(|key| serde_json::from_str::<Value>(&key.public().to_string()).unwrap()).collect()
}

fn open(key: &RecipientKey, jwe: &Value, expected: &str) -> bool {
    let jwe = Jwe::parse(jwe.as_str().unwrap()).unwrap();
    key.open(&jwe).is_ok_and(|opened| opened.ct_eq(expected.as_bytes()))
}

/// Typed into the field, submitted by the shop's page, opened by the vault.
#[test]
fn the_vault_opens_what_was_typed() {
    let (old, new) = (key(1), key(2));
    let cards = [
        json!({"number": "4111 1111 1111 1111", "expiry": "1230", "code": "123", "holder": "A N Other"}),
        json!({"number": "378282246310005", "expiry": "0131", "code": "1234", "holder": "王小明"}),
        json!({"number": "6205500000000000004", "expiry": "12/2099", "code": "000", "holder": "O\"Neil \\ Ünal"}),
    ];
    let plaintexts = [
        r#"{"number":"4111111111111111","exp_month":12,"exp_year":2030,"holder":"A N Other","security_code":"123"}"#,
        r#"{"number":"378282246310005","exp_month":1,"exp_year":2031,"holder":"王小明","security_code":"1234"}"#,
        r#"{"number":"6205500000000000004","exp_month":12,"exp_year":2099,"holder":"O\"Neil \\ Ünal","security_code":"000"}"#,
    ];
    let turns = [json!(jwks(&[&old])), json!(jwks(&[&new, &old]))];
    let answer = Script::named("typed").unwrap().ask(&json!({"turns": turns, "cards": cards})).unwrap();
    for (turn, key) in [&old, &new].into_iter().enumerate() {
        for (number, plaintext) in plaintexts.iter().enumerate() {
            assert!(open(key, &answer[turn][number], plaintext), "turn {turn}, card {number}");
        }
    }
}

/// The thousand that `jose` is also asked to open; here the vault is.
#[test]
fn the_vault_opens_a_thousand() {
    let key = key(3);
    let answer =
        Script::named("sealed").unwrap().ask(&json!({"key": jwks(&[&key])[0], "count": 1000})).unwrap();
    let sealed = answer.as_array().unwrap();
    assert_eq!(sealed.len(), 1000);
    for (number, jwe) in sealed.iter().enumerate() {
        assert!(open(&key, jwe, &"7".repeat(number)), "{number}");
    }
}

/// For each of a million first digits the field shows the brand that the vault will tell.
#[test]
fn brands_are_the_vaults() {
    let answer = Script::named("brands").unwrap().ask(&json!({})).unwrap();
    let mut changes = answer.as_array().unwrap().iter().peekable();
    let mut brand = String::new();
    for bin in 0..1_000_000_u32 {
        if let Some(change) = changes.next_if(|change| change[0] == bin) {
            brand = change[1].as_str().unwrap().to_owned();
        }
        let of_vault = Brand::of(Bin::parse(&format!("{bin:06}")).unwrap()).as_str();
        assert_eq!(brand, of_vault, "{bin:06}");
    }
    assert!(changes.next().is_none());
}

/// What the field takes, the vault takes: number by number, for every brand and length.
#[test]
fn numbers_that_the_field_takes_are_the_vaults() {
    let answer = Script::named("numbers").unwrap().ask(&json!({})).unwrap();
    let numbers = answer.as_array().unwrap();
    assert!(numbers.len() > 400);
    for case in numbers {
        let (number, brand) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
        let pan = Pan::parse(number, LuhnRule::Required);
        assert!(pan.is_ok_and(|pan| pan.brand().as_str() == brand), "a number of {brand}");
    }
}
