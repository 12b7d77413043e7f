//! The Merkle tree of RFC 6962, section 2.1, kept as its right edge.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash: of a leaf, a node or a whole tree.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 ‖ event)`. The prefix keeps leaves and nodes apart, so that no node can be passed
/// off as an event.
pub fn leaf_hash(event: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(event).finalize().into()
}

/// The hash of a node: `SHA-256(0x01 ‖ left ‖ right)`.
pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// Why bytes are no state of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the state of a tree is its size in 8 bytes, at most 2^62, and one hash of 32 bytes for each bit set in the size"
)]
pub struct CompactRangeError;

/// A tree that grows at its end and remembers only what it needs for that: the roots of its perfect subtrees, one for
/// each bit set in its size, largest first. So a log of any length is hashed in constant time and about 2 kB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompactRange {
    size: u64,
    subtrees: Vec<Hash>,
}

impl CompactRange {
    /// No stream is longer; far enough from the end of u64 that counting on from here never overflows.
    pub const MAX_SIZE: u64 = 1 << 62;

    /// The empty tree.
    pub const fn new() -> Self {
        Self { size: 0, subtrees: Vec::new() }
    }

    /// Adds a leaf by its hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut subtree = leaf;
        let mut bits = self.size;
        // Each trailing one is a perfect subtree as large as the one in hand: the two become one of twice the size.
        while bits & 1 == 1 {
            let Some(left) = self.subtrees.pop() else { break };
            subtree = node_hash(&left, &subtree);
            bits >>= 1;
        }
        self.subtrees.push(subtree);
        self.size += 1;
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves; of the empty tree, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev();
        let Some(first) = smallest_first.next() else { return Sha256::digest([]).into() };
        smallest_first.fold(*first, |right, left| node_hash(left, &right))
    }

    /// The state as bytes: size (u64, big-endian), then the subtrees' roots, largest first.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.subtrees.iter().flatten());
        bytes
    }

    /// Reads a state. The hashes cannot be checked here: they are as good as the root they lead to.
    pub fn decode(bytes: &[u8]) -> Result<Self, CompactRangeError> {
        let (size, hashes) = bytes.split_first_chunk().ok_or(CompactRangeError)?;
        let size = u64::from_be_bytes(*size);
        let (subtrees, rest) = hashes.as_chunks();
        let expected = size.count_ones() as usize;
        if size > Self::MAX_SIZE || subtrees.len() != expected || !rest.is_empty() {
            return Err(CompactRangeError);
        }
        Ok(Self { size, subtrees: subtrees.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_v1::proof::reference;

    /// The inputs and roots that implementations of Certificate Transparency test themselves with.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn hexadecimal(hash: Hash) -> String {
        data_encoding::HEXLOWER.encode(&hash)
    }

    #[test]
    fn agrees_with_certificate_transparency() {
        let mut tree = CompactRange::new();
        assert_eq!(hexadecimal(tree.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            tree.append(leaf_hash(leaf));
            assert_eq!(hexadecimal(tree.root()), *root);
        }
        assert_eq!(tree.size(), 8);
    }

    #[test]
    fn agrees_with_the_definition_at_every_size() {
        let leaves: Vec<Hash> = (0_u32..200).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let mut tree = CompactRange::new();
        for (index, leaf) in leaves.iter().enumerate() {
            tree.append(*leaf);
            assert_eq!(tree.root(), reference::root(&leaves[..=index]));
        }
    }

    #[test]
    fn goes_on_from_its_bytes_as_if_never_stopped() {
        let mut tree = CompactRange::new();
        for number in 0_u32..70 {
            let mut again = CompactRange::decode(&tree.encode()).unwrap();
            assert_eq!(again, tree);
            again.append(leaf_hash(&number.to_be_bytes()));
            tree.append(leaf_hash(&number.to_be_bytes()));
            assert_eq!(again.root(), tree.root());
        }
    }

    #[test]
    fn refuses_states_of_no_tree() {
        let mut tree = CompactRange::new();
        (0_u8..3).for_each(|number| tree.append(leaf_hash(&[number])));
        let good = tree.encode();
        let one_hash_too_many = [good.as_slice(), &[0; 32]].concat();
        let size_beyond_end = [&[0xff; 8][..], &[0; 64 * 32]].concat();
        for refused in
            [&[][..], &good[..7], &good[..8], &good[..good.len() - 1], &one_hash_too_many, &size_beyond_end]
        {
            assert_eq!(CompactRange::decode(refused), Err(CompactRangeError));
        }
    }
}
