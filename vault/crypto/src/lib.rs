//! One folder per byte format: its SPEC.md, its code, its vectors. Pure and synchronous; randomness is handed in.

pub mod audit_v1;
mod crockford;
mod derivation;
pub mod deterministic_v1;
pub mod document_v1;
pub mod envelope_v1;
pub mod ff1;
pub mod fields_v1;
pub mod fingerprint_v1;
mod header;
pub mod hsm_key_v1;
pub mod hsm_v1;
mod injective;
pub mod jwe;
mod keyed_hash;
pub mod mac_v1;
mod material;
mod message_keys;
pub mod pan_token_v1;
pub mod registry_mac_v1;
pub mod row_checksum_v1;
pub mod self_test;
pub mod sign_v1;
pub mod token_v1;
#[cfg(test)]
mod vectors;
pub mod wrapped_key_v1;

pub use header::Header;
pub use injective::Injective;
pub use material::KeyMaterial;
