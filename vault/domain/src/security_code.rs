//! A card's security code: the three or four digits that are printed and not stamped (CVC2, CVV2, CID).

use zeroize::Zeroize;

use crate::{Brand, Secret};

/// Why a security code was refused. Never repeats a digit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityCodeError {
    /// Not three or four digits.
    #[error("a security code is three or four digits")]
    Form,
    /// Too short or too long for the card it stands beside.
    #[error("a security code has four digits on American Express cards and three on those of other schemes")]
    Brand,
}

/// A security code. Sensitive authentication data: it may be kept until the payment is authorised, and no longer (PCI DSS
/// 3.3.1.2).
pub struct SecurityCode(Secret<String>);

impl SecurityCode {
    /// Reads exactly three or four digits.
    pub fn parse(mut text: String) -> Result<Self, SecurityCodeError> {
        if (3..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(Secret::new(text)))
        } else {
            text.zeroize();
            Err(SecurityCodeError::Form)
        }
    }

    /// Whether cards of this brand have codes of this length. Of an unknown brand both may be.
    pub fn fits(&self, brand: Brand) -> Result<(), SecurityCodeError> {
        #[expect(clippy::disallowed_methods, reason = "counted, not read")]
        let length = self.0.expose().len();
        match brand {
            Brand::Unknown => Ok(()),
            Brand::Amex if length == 4 => Ok(()),
            Brand::Amex => Err(SecurityCodeError::Brand),
            _ if length == 3 => Ok(()),
            _ => Err(SecurityCodeError::Brand),
        }
    }

    /// The secret digits.
    pub const fn secret(&self) -> &Secret<String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_or_four_digits_and_as_many_as_the_brand_has() {
        let code = |text: &str| SecurityCode::parse(text.to_owned());
        for refused in ["", "12", "12345", "12a", " 123", "123 ", "१२३", "-12"] {
            assert_eq!(code(refused).err(), Some(SecurityCodeError::Form), "{refused}");
        }
        let (three, four) = (code("007").ok().unwrap(), code("0071").ok().unwrap());
        assert!(three.secret().ct_eq(b"007") && four.secret().ct_eq(b"0071"), "zeros in front stay");
        for brand in [Brand::Visa, Brand::Mastercard, Brand::Unionpay, Brand::Maestro] {
            assert_eq!((three.fits(brand), four.fits(brand)), (Ok(()), Err(SecurityCodeError::Brand)));
        }
        assert_eq!(
            (three.fits(Brand::Amex), four.fits(Brand::Amex)),
            (Err(SecurityCodeError::Brand), Ok(()))
        );
        assert_eq!((three.fits(Brand::Unknown), four.fits(Brand::Unknown)), (Ok(()), Ok(())));
    }
}
