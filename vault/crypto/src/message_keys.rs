//! HKDF-SHA256 (RFC 5869) in the one shape in which every message needs it: salt 16 bytes, key 32, out 76.
//!
//! The general HKDF and HMAC of the libraries carry their states through buffers that they copy and wipe at each step,
//! which costs more than the hashing. Here every length is known, and what is left is the fourteen compressions of
//! SHA-256 that the derivation consists of: four to extract, two to take the extracted key in, two for the first block
//! and three for each of the others. It must give what the general one gives, and is tested against it.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// How many bytes are derived.
pub(crate) const LENGTH: usize = 76;

/// Derives the bytes. Whatever was computed on the way is wiped, once, at the end.
pub(crate) fn derive<const INFO: usize>(
    salt: &[u8; 16],
    key: &[u8; 32],
    info: &[u8; INFO],
    derived: &mut [u8; LENGTH],
) {
    const { assert!(HASH + INFO < MOST, "a block's input fits the room for it") };
    let mut workings = Workings::EMPTY;
    workings.key(salt);
    workings.code(&[key]);
    workings.key_from_code();
    for (counter, part) in (1_u8..).zip(derived.chunks_mut(HASH)) {
        if counter == 1 {
            workings.code(&[info, &[counter]]);
        } else {
            workings.chained_code(&[info, &[counter]]);
        }
        if let Some(code) = workings.code.get(..part.len()) {
            part.copy_from_slice(code);
        }
    }
}

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) of short messages, with all its state in one place that is wiped as a whole.
struct Workings {
    /// What is hashed next: the key with its padding, or the message with its.
    blocks: [[u8; BLOCK]; 2],
    /// The hash after the key with the inner padding, and after the key with the outer one.
    inner: [u32; 8],
    outer: [u32; 8],
    /// The hash under way.
    state: [u32; 8],
    /// The code of the last message.
    code: [u8; HASH],
}

impl Workings {
    const EMPTY: Self =
        Self { blocks: [[0; BLOCK]; 2], inner: INITIAL, outer: INITIAL, state: INITIAL, code: [0; HASH] };

    /// Takes a key in, of a block at most.
    fn key<const KEY: usize>(&mut self, key: &[u8; KEY]) {
        const { assert!(KEY <= BLOCK, "a longer key would have to be hashed first") };
        let [block, _] = &mut self.blocks;
        *block = [INNER; BLOCK];
        for (to, from) in block.iter_mut().zip(key) {
            *to ^= from;
        }
        self.inner = INITIAL;
        compress256(&mut self.inner, std::slice::from_ref(block));
        for byte in block.iter_mut() {
            *byte ^= INNER ^ OUTER;
        }
        self.outer = INITIAL;
        compress256(&mut self.outer, std::slice::from_ref(block));
    }

    /// Takes the last code in as the key.
    fn key_from_code(&mut self) {
        let mut key = self.code;
        self.key(&key);
        key.as_mut_slice().zeroize();
    }

    /// Computes the code of the parts, of [`MOST`] bytes at most.
    fn code(&mut self, parts: &[&[u8]]) {
        self.hash(0, parts);
    }

    /// Computes the code of the last code and the parts, of [`MOST`] bytes at most.
    fn chained_code(&mut self, parts: &[&[u8]]) {
        let [block, _] = &mut self.blocks;
        if let Some(front) = block.first_chunk_mut() {
            *front = self.code;
        }
        self.hash(HASH, parts);
    }

    /// The message is what stands in front already, and the parts.
    fn hash(&mut self, front: usize, parts: &[&[u8]]) {
        let mut length = front;
        for part in parts {
            let end = length.saturating_add(part.len());
            if let Some(room) = self.blocks.as_flattened_mut().get_mut(length..end) {
                room.copy_from_slice(part);
            }
            length = end;
        }
        self.state = self.inner;
        self.pad_and_compress(length);
        self.take_state();
        let [block, _] = &mut self.blocks;
        if let Some(front) = block.first_chunk_mut() {
            *front = self.code;
        }
        self.state = self.outer;
        self.pad_and_compress(HASH);
        self.take_state();
    }

    /// Ends a message of that length that follows a block of key (FIPS 180-4, 5.1.1).
    fn pad_and_compress(&mut self, length: usize) {
        let blocks = if length < BLOCK - 8 { 1 } else { 2 };
        let (used, _) = self.blocks.split_at_mut(blocks);
        if let Some(([mark, zeros @ ..], bits)) =
            used.as_flattened_mut().get_mut(length..).and_then(|rest| rest.split_last_chunk_mut::<8>())
        {
            *mark = 0x80;
            zeros.fill(0);
            *bits = u64::try_from(8 * (BLOCK + length)).unwrap_or_default().to_be_bytes();
        }
        compress256(&mut self.state, used);
    }

    fn take_state(&mut self) {
        for (to, from) in self.code.as_chunks_mut().0.iter_mut().zip(&self.state) {
            *to = from.to_be_bytes();
        }
    }
}

impl Drop for Workings {
    fn drop(&mut self) {
        self.blocks.as_flattened_mut().zeroize();
        self.inner.as_mut_slice().zeroize();
        self.outer.as_mut_slice().zeroize();
        self.state.as_mut_slice().zeroize();
        self.code.as_mut_slice().zeroize();
    }
}

const HASH: usize = 32;
const BLOCK: usize = 64;
/// What two blocks hold beside the mark and the length that end a message.
const MOST: usize = 2 * BLOCK - 9;
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;
/// FIPS 180-4, 5.3.3.
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[cfg(test)]
mod tests {
    use hkdf::Hkdf;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    fn agrees<const INFO: usize>(salt: &[u8; 16], key: &[u8; 32], info: &[u8; INFO]) -> bool {
        let mut ours = [0; LENGTH];
        derive(salt, key, info, &mut ours);
        let mut general = [0; LENGTH];
        Hkdf::<Sha256>::new(Some(salt), key).expand(info, &mut general).unwrap();
        ours == general
    }

    proptest! {
        #[test]
        fn gives_what_the_general_derivation_gives(salt: [u8; 16], key: [u8; 32], long: [u8; 32], longer: [u8; 31]) {
            prop_assert!(agrees(&salt, &key, b""));
            let mut info = [0; 43];
            info.iter_mut().zip(long.iter().chain(&longer)).for_each(|(to, from)| *to = *from);
            prop_assert!(agrees(&salt, &key, &info));
        }
    }

    /// Around the lengths at which a message needs one block more.
    #[test]
    fn pads_at_every_boundary() {
        assert!(agrees(&[1; 16], &[2; 32], &[3; 21]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 22]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 23]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 54]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 55]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 56]));
        assert!(agrees(&[1; 16], &[2; 32], &[3; 86]));
    }
}
