//! One digest for a set of rows, kept up to date row by row.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::RowMac;

/// The digest of a set of row codes, in any order: the sum, lane by lane modulo 2^16, of 1,024 lanes that SHA-256 makes
/// of each (the LtHash of Bellare and Micciancio's AdHash family). A sum by XOR of the codes themselves would be shorter
/// and would not do; the specification of the format says why.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryDigest(Box<[u8; RegistryDigest::LENGTH]>);

impl RegistryDigest {
    /// How many bytes.
    pub const LENGTH: usize = 2048;

    /// The digest of no rows.
    pub fn new() -> Self {
        Self(Box::new([0; Self::LENGTH]))
    }

    /// Adds a row's code.
    pub fn insert(&mut self, mac: &RowMac) {
        self.combine(mac, u16::wrapping_add);
    }

    /// Takes a row's code out again. Meaningful only for one that was added.
    pub fn remove(&mut self, mac: &RowMac) {
        self.combine(mac, u16::wrapping_sub);
    }

    /// Adds all codes of another set, so that parts of a set can be summed side by side.
    pub fn merge(&mut self, other: &Self) {
        let (sums, _) = self.0.as_chunks_mut::<4>();
        for (sum, lanes) in sums.iter_mut().zip(other.0.as_chunks::<4>().0) {
            *sum = two_lanes(*sum, u32::from_be_bytes(*lanes), u16::wrapping_add);
        }
    }

    /// From its bytes, as they stand in a table; none if their number is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        Some(Self(Box::new(*bytes)))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Its SHA-256: what stands in the head's row. Whoever loads all rows recomputes the sums themselves.
    pub fn summary(&self) -> [u8; 32] {
        Sha256::digest(self.as_bytes().as_slice()).into()
    }

    fn combine(&mut self, mac: &RowMac, operation: impl Fn(u16, u16) -> u16 + Copy) {
        let mut message = padded(mac);
        let (blocks, _) = self.0.as_chunks_mut::<32>();
        for (block, number) in blocks.iter_mut().zip(0_u8..) {
            if let Some(place) = message.get_mut(NUMBER_AT) {
                *place = number;
            }
            let mut state = INITIAL_STATE;
            compress256(&mut state, std::slice::from_ref(&message));
            let (sums, _) = block.as_chunks_mut::<4>();
            for (sum, lanes) in sums.iter_mut().zip(state) {
                *sum = two_lanes(*sum, lanes, operation);
            }
        }
    }
}

/// The one block that SHA-256 makes of label, code and number, with the number still to be filled in. Hashing it by the
/// compression function itself takes two thirds of the time, and a start hashes 64 of these for every row there is.
fn padded(mac: &RowMac) -> [u8; 64] {
    let bits = (LENGTH_OF_MESSAGE * 8).to_be_bytes();
    let bytes = LABEL.iter().chain(mac.as_bytes()).chain(&[0, 0x80]).chain(&bits);
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
    block
}

/// Two neighbouring lanes are one word of SHA-256's state.
fn two_lanes(sums: [u8; 4], lanes: u32, operation: impl Fn(u16, u16) -> u16) -> [u8; 4] {
    let [first, second, third, fourth] = sums;
    let [one, two, three, four] = lanes.to_be_bytes();
    let left = operation(u16::from_be_bytes([first, second]), u16::from_be_bytes([one, two])).to_be_bytes();
    let right =
        operation(u16::from_be_bytes([third, fourth]), u16::from_be_bytes([three, four])).to_be_bytes();
    let ([first, second], [third, fourth]) = (left, right);
    [first, second, third, fourth]
}

impl Default for RegistryDigest {
    fn default() -> Self {
        Self::new()
    }
}

/// With the code and the block's number 55 bytes, the most that one compression of SHA-256 takes.
const LABEL: &[u8; 22] = b"registry_mac_v1/digest";
const NUMBER_AT: usize = LABEL.len() + 32;
const LENGTH_OF_MESSAGE: u64 = 55;

/// FIPS 180-4, 5.3.3.
const INITIAL_STATE: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
