//! How much may leave the vault, and how fast.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::DetokenizationPurpose;
use crate::key::named;

named!(
    /// What is counted of what an identity does.
    VelocityKind {
        /// Values of tokens, given out in full. Each purpose is counted by itself.
        Reveal = "reveal",
        /// Protected fields, opened.
        Decrypt = "decrypt",
        /// Values that tokens were looked for by.
        Search = "search",
        /// Tokens asked for that do not exist.
        Miss = "miss",
    }
);

/// One of an identity's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VelocityCounter {
    kind: VelocityKind,
    purpose: Option<DetokenizationPurpose>,
}

impl VelocityCounter {
    /// Of what is counted whatever it is for.
    pub const DECRYPT: Self = Self { kind: VelocityKind::Decrypt, purpose: None };
    /// Of searches by value.
    pub const SEARCH: Self = Self { kind: VelocityKind::Search, purpose: None };
    /// Of tokens that do not exist.
    pub const MISS: Self = Self { kind: VelocityKind::Miss, purpose: None };

    /// Of values given out in full for a purpose.
    pub const fn reveal(purpose: DetokenizationPurpose) -> Self {
        Self { kind: VelocityKind::Reveal, purpose: Some(purpose) }
    }

    /// What is counted.
    pub const fn kind(self) -> VelocityKind {
        self.kind
    }

    /// What for, if that is told apart.
    pub const fn purpose(self) -> Option<DetokenizationPurpose> {
        self.purpose
    }

    /// Reads `reveal/refund` or `search`.
    pub fn parse(text: &str) -> Option<Self> {
        let scope = LimitScope::parse(text)?;
        let is_whole = (scope.kind == VelocityKind::Reveal) == scope.purpose.is_some();
        is_whole.then_some(Self { kind: scope.kind, purpose: scope.purpose })
    }
}

impl fmt::Display for VelocityCounter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        LimitScope { kind: self.kind, purpose: self.purpose }.fmt(formatter)
    }
}

/// What a limit is for: a kind, or values given out for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LimitScope {
    kind: VelocityKind,
    purpose: Option<DetokenizationPurpose>,
}

impl LimitScope {
    /// A kind, for one purpose or, if none is named, for each that has no limit of its own.
    pub fn new(
        kind: VelocityKind,
        purpose: Option<DetokenizationPurpose>,
    ) -> Result<Self, VelocityLimitError> {
        if purpose.is_some() && kind != VelocityKind::Reveal {
            return Err(VelocityLimitError::Purpose);
        }
        Ok(Self { kind, purpose })
    }

    /// A kind, whatever it is for.
    pub const fn of_kind(kind: VelocityKind) -> Self {
        Self { kind, purpose: None }
    }

    /// What is counted.
    pub const fn kind(self) -> VelocityKind {
        self.kind
    }

    /// For which purpose alone.
    pub const fn purpose(self) -> Option<DetokenizationPurpose> {
        self.purpose
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, purpose) = match text.split_once('/') {
            Some((kind, purpose)) => (kind, Some(DetokenizationPurpose::parse(purpose)?)),
            None => (text, None),
        };
        Self::new(VelocityKind::parse(kind)?, purpose).ok()
    }
}

impl fmt::Display for LimitScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.purpose {
            Some(purpose) => write!(formatter, "{}/{purpose}", self.kind),
            None => write!(formatter, "{}", self.kind),
        }
    }
}

/// At most so many items in any stretch of time as long as the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VelocityLimit {
    items: NonZeroU32,
    window_seconds: NonZeroU32,
}

/// Why a limit, or a set of them, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VelocityLimitError {
    /// No items, no time, or a window longer than anybody watches.
    #[error("a velocity limit must be at least 1 item in a window of 1 to 2678400 seconds (31 days)")]
    Range,
    /// A purpose where none is told apart.
    #[error("a velocity limit may name a purpose for reveal alone")]
    Purpose,
    /// Two limits for the same.
    #[error("two velocity limits are for the same kind and purpose")]
    Twice,
}

impl VelocityLimit {
    /// The strictest there is: one item a second.
    pub const STRICTEST: Self = Self { items: NonZeroU32::MIN, window_seconds: NonZeroU32::MIN };
    const LONGEST_WINDOW_SECONDS: u32 = 31 * 24 * 3600;

    /// Checks the bounds.
    pub const fn new(items: u32, window_seconds: u32) -> Result<Self, VelocityLimitError> {
        let (Some(items), Some(window_seconds)) = (NonZeroU32::new(items), NonZeroU32::new(window_seconds))
        else {
            return Err(VelocityLimitError::Range);
        };
        if window_seconds.get() > Self::LONGEST_WINDOW_SECONDS {
            return Err(VelocityLimitError::Range);
        }
        Ok(Self { items, window_seconds })
    }

    /// How many.
    pub const fn items(self) -> u32 {
        self.items.get()
    }

    /// In how long a time.
    pub const fn window_seconds(self) -> u32 {
        self.window_seconds.get()
    }

    /// In how long a time.
    pub const fn window(self) -> Duration {
        Duration::from_secs(self.window_seconds.get() as u64)
    }

    fn parse(text: &str) -> Option<Self> {
        let (items, window_seconds) = text.split_once('/')?;
        Self::new(items.parse().ok()?, window_seconds.parse().ok()?).ok()
    }
}

impl fmt::Display for VelocityLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.items, self.window_seconds)
    }
}

/// The limits that an identity has of its own, in place of those that everybody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VelocityLimits(Vec<(LimitScope, VelocityLimit)>);

impl VelocityLimits {
    /// None.
    pub const NONE: Self = Self(Vec::new());

    /// At most one for each scope.
    pub fn new(mut limits: Vec<(LimitScope, VelocityLimit)>) -> Result<Self, VelocityLimitError> {
        limits.sort_by_key(|(scope, _)| *scope);
        let twice = limits.iter().zip(limits.iter().skip(1)).any(|(one, next)| one.0 == next.0);
        if twice { Err(VelocityLimitError::Twice) } else { Ok(Self(limits)) }
    }

    /// The one that bounds a counter: for its purpose if there is one, else for its kind.
    pub fn of(&self, counter: VelocityCounter) -> Option<VelocityLimit> {
        let for_scope = |purpose| {
            let scope = LimitScope { kind: counter.kind, purpose };
            self.0.iter().find(|(known, _)| *known == scope).map(|(_, limit)| *limit)
        };
        for_scope(counter.purpose).or_else(|| for_scope(None))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (LimitScope, VelocityLimit)> + '_ {
        self.0.iter().copied()
    }

    /// Reads what [`Display`](fmt::Display) writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::NONE);
        }
        let limit = |part: &str| {
            let (scope, limit) = part.split_once('=')?;
            Some((LimitScope::parse(scope)?, VelocityLimit::parse(limit)?))
        };
        let limits = Self::new(text.split(' ').map(limit).collect::<Option<_>>()?).ok()?;
        (limits.to_string() == text).then_some(limits)
    }
}

/// `reveal=10000/3600 reveal/refund=50/86400`: scope, items, seconds.
impl fmt::Display for VelocityLimits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (scope, limit)) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(formatter, "{gap}{scope}={limit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(items: u32) -> VelocityLimit {
        VelocityLimit::new(items, 60).unwrap()
    }

    #[test]
    fn a_purpose_of_its_own_comes_before_the_kind() {
        let scope = |purpose| LimitScope::new(VelocityKind::Reveal, purpose).unwrap();
        let limits = VelocityLimits::new(vec![
            (scope(Some(DetokenizationPurpose::Refund)), limit(1)),
            (scope(None), limit(2)),
        ])
        .unwrap();
        assert_eq!(limits.of(VelocityCounter::reveal(DetokenizationPurpose::Refund)), Some(limit(1)));
        assert_eq!(limits.of(VelocityCounter::reveal(DetokenizationPurpose::Display)), Some(limit(2)));
        assert_eq!(limits.of(VelocityCounter::SEARCH), None);
        assert_eq!(limits.to_string(), "reveal=2/60 reveal/refund=1/60");
        assert_eq!(VelocityLimits::parse(&limits.to_string()), Some(limits));
        assert_eq!(VelocityLimits::parse(""), Some(VelocityLimits::NONE));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (items, window) in [(0, 1), (1, 0), (1, 2_678_401)] {
            assert_eq!(VelocityLimit::new(items, window), Err(VelocityLimitError::Range));
        }
        let purpose = Some(DetokenizationPurpose::Refund);
        assert_eq!(LimitScope::new(VelocityKind::Search, purpose), Err(VelocityLimitError::Purpose));
        let search = LimitScope::new(VelocityKind::Search, None).unwrap();
        let twice = vec![(search, limit(1)), (search, limit(2))];
        assert_eq!(VelocityLimits::new(twice), Err(VelocityLimitError::Twice));
        for text in [
            "search",
            "search=1",
            "search=01/60",
            "search=1/60 ",
            "decrypt=1/60 reveal=1/60",
            "miss/refund=1/60",
        ] {
            assert_eq!(VelocityLimits::parse(text), None, "{text}");
        }
    }

    #[test]
    fn counters_have_one_text_each() {
        let purposes = DetokenizationPurpose::ALL.iter().map(|purpose| VelocityCounter::reveal(*purpose));
        let others = [VelocityCounter::DECRYPT, VelocityCounter::SEARCH, VelocityCounter::MISS];
        for counter in purposes.chain(others) {
            assert_eq!(VelocityCounter::parse(&counter.to_string()), Some(counter));
        }
        for text in ["reveal", "search/refund", "reveal/nothing", ""] {
            assert_eq!(VelocityCounter::parse(text), None, "{text}");
        }
    }
}
