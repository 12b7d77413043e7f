//! The one wrapper for values that must not be seen.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A value that is wiped when dropped and that nothing can print, copy, compare or serialize by accident.
///
/// It is boxed, so moving the wrapper moves a pointer and leaves no copy behind. Reading it is [`Secret::expose`],
/// which the lint configuration bans: each use carries an `#[expect(clippy::disallowed_methods, reason = "…")]`, so
/// searching for that attribute lists every place where a secret is read, with its reason.
pub struct Secret<T: Zeroize>(Box<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes a value in. The caller's own copy, if the value was `Copy`, is the caller's to wipe.
    pub fn new(value: T) -> Self {
        Self(Box::new(value))
    }

    /// Fills a value in place, so that it never exists outside the box.
    pub fn build<E>(empty: T, fill: impl FnOnce(&mut T) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new(empty));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Reads the value. Banned by lint; give the reason where you use it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Compares in time that depends on the lengths alone.
    pub fn ct_eq(&self, other: &[u8]) -> bool {
        bool::from(self.0.as_ref().as_ref().ct_eq(other))
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
