#![doc = include_str!("SPEC.md")]

mod luhn;
#[cfg(test)]
mod tests;

use strongroom_domain::{KeptDigits, LuhnStyle, Pan, Token};
use subtle::ConstantTimeEq;

/// What a profile's card-shaped tokens look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Which digits of the card number stay.
    pub keep: KeptDigits,
    /// How a token is kept apart from card numbers.
    pub luhn: LuhnStyle,
}

impl Shape {
    /// How many tokens this card number can have: one for each index below. 0 if the shape does not fit.
    pub fn space(&self, pan: &Pan) -> u64 {
        let Some(chosen) = self.chosen(pan.len()) else { return 0 };
        match (self.luhn, u64::checked_pow(10, chosen)) {
            (_, None) => 0,
            (LuhnStyle::Invalid, Some(space)) => space.saturating_mul(WRONG_LAST_DIGITS),
            (LuhnStyle::PrivatePrefix, Some(space)) => space,
        }
    }

    /// The token of that index. None beyond the space, and for the one index that may give the card number itself
    /// (possible only where the profile takes numbers with a wrong check digit or that begin with 9): draw again.
    pub fn token(&self, pan: &Pan, index: u64) -> Option<Token> {
        if index >= self.space(pan) {
            return None;
        }
        let mut token = [0; Pan::MAX_LENGTH];
        let token = token.get_mut(..pan.len())?;
        self.keep_digits(pan, token)?;
        let free = token.get_mut(self.front()..pan.len().checked_sub(self.keep.back())?)?;
        let (last, chosen) = free.split_last_mut()?;
        let number = match self.luhn {
            LuhnStyle::Invalid => index / WRONG_LAST_DIGITS,
            LuhnStyle::PrivatePrefix => index,
        };
        write_digits(number, chosen);
        *last = b'0';
        let last_place = pan.len().checked_sub(self.keep.back())?.checked_sub(1)?;
        let right = luhn::digit_that_completes(token, last_place)?;
        *token.get_mut(last_place)? = match self.luhn {
            LuhnStyle::Invalid => skipping(right, index % WRONG_LAST_DIGITS)?,
            LuhnStyle::PrivatePrefix => right,
        };
        if is_the_card_number(pan, token) {
            return None;
        }
        Token::parse(std::str::from_utf8(token).ok()?).ok()
    }

    /// How many free digits an index chooses: all but the last of them. None if the shape does not fit.
    fn chosen(&self, length: usize) -> Option<u32> {
        if self.luhn == LuhnStyle::PrivatePrefix && self.keep != KeptDigits::ZeroFour {
            return None;
        }
        let free = length.checked_sub(self.front())?.checked_sub(self.keep.back())?;
        u32::try_from(free.checked_sub(1)?).ok()
    }

    /// How many digits at the front are settled: those kept, or the private prefix.
    fn front(&self) -> usize {
        match self.luhn {
            LuhnStyle::Invalid => self.keep.front(),
            LuhnStyle::PrivatePrefix => 1,
        }
    }

    /// Writes the digits that are settled. Those kept are the ones that may be shown (first six, last four), so the
    /// secret ones are not read here.
    fn keep_digits(&self, pan: &Pan, token: &mut [u8]) -> Option<()> {
        let bin = pan.bin();
        match self.luhn {
            LuhnStyle::Invalid => {
                let front = bin.as_bytes().get(..self.keep.front())?;
                token.get_mut(..front.len())?.copy_from_slice(front);
            }
            LuhnStyle::PrivatePrefix => *token.first_mut()? = b'9',
        }
        *token.last_chunk_mut()? = *pan.last_four().as_bytes();
        Some(())
    }
}

/// An index below `space`, each as likely as any other: the remainder of 128 random bits, whose bias is below 2^-64 as
/// no space reaches 2^64. 0 for an empty space, which has no token for it either.
pub fn uniform_index(random: [u8; 16], space: u64) -> u64 {
    u128::from_be_bytes(random)
        .checked_rem(u128::from(space))
        .and_then(|index| u64::try_from(index).ok())
        .unwrap_or_default()
}

/// Writes the number in decimal, filling all places.
fn write_digits(mut number: u64, places: &mut [u8]) {
    for place in places.iter_mut().rev() {
        *place = ascii(number % 10);
        number /= 10;
    }
}

/// The digit number `index` of the nine that are not `right`.
fn skipping(right: u8, index: u64) -> Option<u8> {
    (b'0'..=b'9').filter(|digit| *digit != right).nth(usize::try_from(index).ok()?)
}

fn ascii(digit: u64) -> u8 {
    b'0'.saturating_add(u8::try_from(digit % 10).unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared in constant time with the token made; only the answer leaves"
)]
fn is_the_card_number(pan: &Pan, token: &[u8]) -> bool {
    pan.expose_digits().ct_eq(token).into()
}

/// Of the ten digits that the last free place can hold, one makes the check digit right.
const WRONG_LAST_DIGITS: u64 = 9;
