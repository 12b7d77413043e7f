//! Whatever format is accepted, a value of it becomes one of it and comes back; whatever is not of it is refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::ff1::Ff1Key;
use strongroom_domain::{Alphabet, Secret, ValueFormat};

fuzz_target!(|input: (&str, (u8, u8), (u8, u8), &[u8], &[u8], &str)| {
    let (characters, lengths, kept, place, value, text) = input;
    if let Some(format) = ValueFormat::parse(text) {
        assert_eq!(format.to_string(), text, "one text, one format");
    }
    let Some(alphabet) = Alphabet::parse(characters) else { return };
    let Ok(format) = ValueFormat::new(alphabet, lengths, kept) else { return };
    assert_eq!(ValueFormat::parse(&format.to_string()).as_ref(), Some(&format));
    // Bytes at random are hardly ever of the alphabet: take them as numerals.
    let radix = format.alphabet().radix();
    let of_alphabet: Vec<u8> = value
        .iter()
        .filter_map(|byte| format.alphabet().character(u8::try_from(u32::from(*byte) % radix).ok()?))
        .collect();
    let key = Ff1Key::derive(&KeyMaterial::from_secret(Secret::new(vec![7; 32])).expect("32 bytes"));
    for value in [value, &of_alphabet] {
        let encrypted = key.encrypt(&format, place, value);
        assert_eq!(encrypted.is_ok(), format.split(value).is_ok());
        let Ok(encrypted) = encrypted else { continue };
        let encrypted = encrypted.expose();
        assert!(format.split(encrypted).is_ok(), "of the same format");
        assert_eq!(encrypted.len(), value.len());
        assert!(key.decrypt(&format, place, encrypted).is_ok_and(|opened| opened.ct_eq(value)));
    }
});
