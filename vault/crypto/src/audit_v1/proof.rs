//! Checks inclusion and consistency proofs (RFC 6962, section 2.1; the algorithms of RFC 9162, section 2.1).

use super::tree::{Hash, node_hash};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead from what is claimed to the root")]
pub struct ProofError;

/// Checks that the leaf stands at the index in the tree of that size and root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let mut last = size.checked_sub(1).ok_or(ProofError)?;
    if index > last {
        return Err(ProofError);
    }
    let mut index = index;
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError);
        }
        if index & 1 == 1 || index == last {
            hash = node_hash(sibling, &hash);
            skip_lone_levels(&mut index, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(ProofError) }
}

/// Checks that the tree of the second size grew out of the tree of the first: nothing was changed, only added.
pub fn verify_consistency(
    first_size: u64,
    first_root: &Hash,
    second_size: u64,
    second_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if first_size == second_size {
        return if proof.is_empty() && first_root == second_root { Ok(()) } else { Err(ProofError) };
    }
    if first_size == 0 || first_size > second_size {
        // Anything grows out of the empty tree, so there is nothing to prove, and nothing shrinks.
        return Err(ProofError);
    }
    let mut index = first_size - 1;
    let mut last = second_size - 1;
    while index & 1 == 1 {
        index >>= 1;
        last >>= 1;
    }
    // A first tree that is perfect is itself a node of the second, so its root is known and not sent.
    let (start, path) = if first_size.is_power_of_two() {
        (first_root, proof)
    } else {
        proof.split_first().ok_or(ProofError)?
    };
    let (mut first, mut second) = (*start, *start);
    for sibling in path {
        if last == 0 {
            return Err(ProofError);
        }
        if index & 1 == 1 || index == last {
            first = node_hash(sibling, &first);
            second = node_hash(sibling, &second);
            skip_lone_levels(&mut index, &mut last);
        } else {
            second = node_hash(&second, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    if last == 0 && first == *first_root && second == *second_root { Ok(()) } else { Err(ProofError) }
}

/// At the right edge a node without sibling stands for itself on the levels above.
fn skip_lone_levels(index: &mut u64, last: &mut u64) {
    while *index & 1 == 0 && *index != 0 {
        *index >>= 1;
        *last >>= 1;
    }
}

/// The definitions of RFC 6962 word by word: slow, and written differently from what they test.
#[cfg(test)]
pub(super) mod reference {
    use super::super::tree::{Hash, node_hash};
    use sha2::{Digest as _, Sha256};

    pub(in super::super) fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node_hash(&root(left), &root(right))
            }
        }
    }

    pub(in super::super) fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut proof, sibling) = if index < left.len() {
            (path(index, left), root(right))
        } else {
            (path(index - left.len(), right), root(left))
        };
        proof.push(sibling);
        proof
    }

    pub(in super::super) fn consistency(first: usize, leaves: &[Hash]) -> Vec<Hash> {
        subproof(first, leaves, true)
    }

    fn subproof(first: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if first == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut proof, sibling) = if first <= left.len() {
            (subproof(first, left, whole), root(right))
        } else {
            (subproof(first - left.len(), right, false), root(left))
        };
        proof.push(sibling);
        proof
    }

    /// The largest power of two below the number.
    fn split(number: usize) -> usize {
        number.next_power_of_two() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_v1::tree::leaf_hash;

    const SIZE: usize = 33;

    fn leaves() -> Vec<Hash> {
        (0..SIZE).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    #[test]
    fn every_leaf_of_every_tree_is_included_and_nowhere_else() {
        let leaves = leaves();
        for size in 1..=SIZE {
            let tree = &leaves[..size];
            let root = reference::root(tree);
            for (index, leaf) in tree.iter().enumerate() {
                let proof = reference::path(index, tree);
                for claimed in 0..=size {
                    let verdict = verify_inclusion(leaf, claimed as u64, size as u64, &root, &proof);
                    assert_eq!(verdict.is_ok(), claimed == index);
                }
                for position in 0..proof.len() {
                    let mut altered = proof.clone();
                    altered[position][5] ^= 1;
                    assert!(verify_inclusion(leaf, index as u64, size as u64, &root, &altered).is_err());
                }
                let longer = [proof.as_slice(), &[root]].concat();
                assert!(verify_inclusion(leaf, index as u64, size as u64, &root, &longer).is_err());
            }
        }
    }

    #[test]
    fn every_tree_grows_out_of_every_smaller_one() {
        let leaves = leaves();
        for second in 1..=SIZE {
            let second_root = reference::root(&leaves[..second]);
            for first in 1..=second {
                let first_root = reference::root(&leaves[..first]);
                let proof = reference::consistency(first, &leaves[..second]);
                let verify = |first_root: &Hash, second_root: &Hash, proof: &[Hash]| {
                    verify_consistency(first as u64, first_root, second as u64, second_root, proof)
                };
                assert_eq!(verify(&first_root, &second_root, &proof), Ok(()));
                let other = leaf_hash(b"another history");
                assert!(verify(&other, &second_root, &proof).is_err());
                assert!(verify(&first_root, &other, &proof).is_err());
                let longer = [proof.as_slice(), &[other]].concat();
                assert!(verify(&first_root, &second_root, &longer).is_err());
                for position in 0..proof.len() {
                    let mut altered = proof.clone();
                    altered[position][5] ^= 1;
                    assert!(verify(&first_root, &second_root, &altered).is_err());
                }
            }
        }
    }

    #[test]
    fn nothing_shrinks_and_the_empty_tree_proves_nothing() {
        let root = leaf_hash(b"root");
        assert!(verify_consistency(2, &root, 1, &root, &[root]).is_err());
        assert!(verify_consistency(0, &root, 1, &root, &[root]).is_err());
        assert!(verify_inclusion(&root, 0, 0, &root, &[]).is_err());
    }
}
