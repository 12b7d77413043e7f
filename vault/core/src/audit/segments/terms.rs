//! Which terms the records of a segment hold: a Bloom filter. Stored, so its rules can never change under one version.
//!
//! ```text
//! 0      1 byte    version, 01
//! 1      n bytes   bits; bit i is bit i mod 8 (least significant first) of byte i div 8
//! ```
//!
//! A term is a kind and a text; its hash is FNV-1a over both, mixed once more (the finalizer of MurmurHash3). A term
//! sets seven bits: `(low + i × high) mod 8n` for i from 0 to 6, of the hash's halves, `high` made odd (Kirsch and
//! Mitzenmacher, 2006). With twelve bits a term, a term that is not there seems to be in about 3 of 1,000 segments.

use strongroom_crypto::audit_v1::Event;
use strongroom_domain::Alias;

const VERSION: u8 = 1;
const BITS_PER_TERM: usize = 12;
const PROBES: u64 = 7;

/// Something that can be looked for, as its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::audit) struct Term(u64);

impl Term {
    pub(in crate::audit) fn tenant(text: &str) -> Self {
        Self::of(0, text)
    }

    pub(in crate::audit) fn actor(text: &str) -> Self {
        Self::of(1, text)
    }

    pub(in crate::audit) fn action(text: &str) -> Self {
        Self::of(2, text)
    }

    pub(in crate::audit) fn object(text: &str) -> Self {
        Self::of(3, text)
    }

    /// An alias is looked for as it is written where a token may stand, among objects.
    pub(in crate::audit) fn alias(alias: &str) -> Self {
        Self::object(&format!("{}{alias}", Alias::MARK))
    }

    pub(in crate::audit) fn outcome(text: &str) -> Self {
        Self::of(4, text)
    }

    pub(in crate::audit) fn request_id(text: &str) -> Self {
        Self::of(5, text)
    }

    pub(in crate::audit) fn destination(text: &str) -> Self {
        Self::of(6, text)
    }

    /// Everything by which a record can be looked for.
    pub(super) fn all_of(event: &Event) -> impl Iterator<Item = Self> {
        [
            Self::tenant(event.tenant.as_str()),
            Self::actor(&event.actor),
            Self::action(&event.action),
            Self::outcome(&event.outcome),
            Self::request_id(&event.request_id),
        ]
        .into_iter()
        .chain(event.object.as_deref().map(Self::object))
        .chain(event.alias.as_deref().map(Self::alias))
        .chain(event.destination.as_deref().map(Self::destination))
    }

    fn of(kind: u8, text: &str) -> Self {
        let hash = std::iter::once(kind).chain(text.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        Self(hash ^ (hash >> 33))
    }

    fn places(self, bits: u64) -> impl Iterator<Item = u64> {
        let (low, high) = (self.0 & 0xffff_ffff, (self.0 >> 32) | 1);
        (0..PROBES).map(move |probe| (low + probe * high) % bits)
    }
}

/// The filter of a segment.
pub(in crate::audit) struct TermFilter {
    bytes: Vec<u8>,
}

impl TermFilter {
    /// Of these terms.
    pub(super) fn of<'a>(terms: impl IntoIterator<Item = &'a Term, IntoIter: ExactSizeIterator>) -> Self {
        let terms = terms.into_iter();
        let length = (terms.len() * BITS_PER_TERM).div_ceil(8).max(1);
        let mut bytes = vec![0; length + 1];
        let bits = length as u64 * 8;
        if let Some((version, filter)) = bytes.split_first_mut() {
            *version = VERSION;
            for place in terms.flat_map(|term| term.places(bits)) {
                if let Some(byte) = filter.get_mut((place / 8) as usize) {
                    *byte |= 1 << (place % 8);
                }
            }
        }
        Self { bytes }
    }

    /// As it is stored.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether the terms of a stored filter may include all of these. A filter that cannot be read rules nothing out.
    pub(in crate::audit) fn may_hold(stored: &[u8], wanted: &[Term]) -> bool {
        let Some((&VERSION, filter)) = stored.split_first() else { return true };
        let bits = filter.len() as u64 * 8;
        let is_set =
            |place: u64| filter.get((place / 8) as usize).is_none_or(|byte| byte & (1 << (place % 8)) != 0);
        bits == 0 || wanted.iter().all(|term| term.places(bits).all(is_set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(range: std::ops::Range<u32>) -> Vec<Term> {
        range.map(|number| Term::object(&format!("tok_{number}"))).collect()
    }

    #[test]
    fn what_is_in_is_found_and_hardly_anything_else() {
        let held = terms(0..3000);
        let stored = TermFilter::of(&held).into_bytes();
        assert!(held.iter().all(|term| TermFilter::may_hold(&stored, &[*term])));
        let mistaken =
            terms(3000..103_000).iter().filter(|term| TermFilter::may_hold(&stored, &[**term])).count();
        assert!((100..600).contains(&mistaken), "{mistaken} of 100,000");
    }

    #[test]
    fn all_terms_must_be_there() {
        let stored = TermFilter::of(&terms(0..10)).into_bytes();
        let known = Term::object("tok_1");
        assert!(TermFilter::may_hold(&stored, &[]));
        assert!(TermFilter::may_hold(&stored, &[known, Term::object("tok_2")]));
        assert!(!TermFilter::may_hold(&stored, &[known, Term::actor("tok_1")]));
    }

    #[test]
    fn an_unreadable_filter_rules_nothing_out() {
        for stored in [&[][..], &[1], &[2, 0, 0], &[0]] {
            assert!(TermFilter::may_hold(stored, &terms(0..1)), "{stored:?}");
        }
        assert!(!TermFilter::may_hold(&TermFilter::of(&[]).into_bytes(), &terms(0..1)));
    }

    #[test]
    fn the_rules_have_not_changed() {
        let stored = TermFilter::of(&[Term::tenant("acme"), Term::request_id("req_1")]).into_bytes();
        // Worked out with another program.
        assert_eq!(stored, [1, 15, 240, 231]);
    }
}
