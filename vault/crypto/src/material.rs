//! The material of one key version.

use strongroom_domain::Secret;

/// 256 bits from the HSM's generator, unsealed. Nothing is encrypted under it directly: each format derives its own
/// keys from it with HKDF-SHA256 and a label of its own.
pub struct KeyMaterial(Secret<[u8; 32]>);

impl KeyMaterial {
    /// How many bytes.
    pub const LENGTH: usize = 32;

    /// Takes exactly 32 bytes; the source is wiped when it is dropped here.
    pub fn from_secret(bytes: Secret<Vec<u8>>) -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "copied into the fixed-size box that replaces it; the source is wiped on return"
        )]
        let source = bytes.expose();
        if source.len() != Self::LENGTH {
            return None;
        }
        Secret::build([0; 32], |target| {
            target.copy_from_slice(source);
            Ok::<(), std::convert::Infallible>(())
        })
        .ok()
        .map(Self)
    }

    /// The bytes, for the key derivations of this crate.
    pub(crate) fn secret(&self) -> &Secret<[u8; 32]> {
        &self.0
    }
}
