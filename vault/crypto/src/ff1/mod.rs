#![doc = include_str!("SPEC.md")]

mod rounds;
#[cfg(test)]
mod tests;

use aes::Aes256Enc;
use aes::cipher::KeyInit;
use strongroom_domain::{Secret, ValueError, ValueFormat, ValueParts};
use zeroize::Zeroize;

use crate::{Injective, KeyMaterial, derivation};

/// The working key of values encrypted in their own format, derived from the material of one key version.
pub struct Ff1Key(Box<Aes256Enc>);

impl Ff1Key {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        let key = derivation::derive::<32>(material, LABEL);
        #[expect(clippy::disallowed_methods, reason = "goes into the cipher's own state, which wipes itself")]
        let key = key.expose();
        Self(Box::new(Aes256Enc::new(key.into())))
    }

    /// Encrypts a value into another one of the same format. The same value at the same `place` gives the same.
    pub fn encrypt(
        &self,
        format: &ValueFormat,
        place: &[u8],
        value: &[u8],
    ) -> Result<Secret<Vec<u8>>, ValueError> {
        self.apply(format, place, value, rounds::encrypt)
    }

    /// Decrypts. There is nothing to check: every value of the format decrypts to some value of it.
    pub fn decrypt(
        &self,
        format: &ValueFormat,
        place: &[u8],
        value: &[u8],
    ) -> Result<Secret<Vec<u8>>, ValueError> {
        self.apply(format, place, value, rounds::decrypt)
    }

    fn apply(
        &self,
        format: &ValueFormat,
        place: &[u8],
        value: &[u8],
        rounds: fn(&Aes256Enc, u32, &[u8], &mut [u8]),
    ) -> Result<Secret<Vec<u8>>, ValueError> {
        let ValueParts { first, middle, last } = format.split(value)?;
        let tweak = Injective::new(TWEAK).part(place).part(first).part(last).finish();
        let alphabet = format.alphabet();
        // Allocated once and full size: growing would leave a copy behind.
        Secret::build(Vec::with_capacity(value.len()), |result| {
            result.extend_from_slice(first);
            let mut numerals: Vec<u8> = middle.iter().filter_map(|byte| alphabet.numeral(*byte)).collect();
            rounds(&self.0, alphabet.radix(), &tweak, &mut numerals);
            result.extend(numerals.iter().filter_map(|numeral| alphabet.character(*numeral)));
            numerals.zeroize();
            result.extend_from_slice(last);
            Ok(())
        })
    }
}

const LABEL: &str = "strongroom/ff1";
const TWEAK: &str = "strongroom/ff1/tweak";
