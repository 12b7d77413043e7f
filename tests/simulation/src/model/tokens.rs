//! Tokens: what each stands for, and whether it has ended as far as anybody can tell.

use std::collections::BTreeMap;

use strongroom_core::VaultError;
use strongroom_domain::{Timestamp, Token};

/// How many cards there are. Few, so that the same one comes again and again.
pub(crate) const CARDS: usize = 8;

/// The profiles of every tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Profile {
    Default,
    /// One token for a card.
    Same,
    /// One card-shaped token for a card, in a scope of its own.
    SameShaped,
    /// One token for a card, for some time.
    SameBrief,
    Shaped,
    OneWay,
    /// One token for a card, without a value.
    SameOneWay,
    Once,
}

impl Profile {
    pub(crate) const ALL: [Self; 8] = [
        Self::Default,
        Self::Same,
        Self::SameShaped,
        Self::SameBrief,
        Self::Shaped,
        Self::OneWay,
        Self::SameOneWay,
        Self::Once,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Same => "same",
            Self::SameShaped => "same-shaped",
            Self::SameBrief => "same-brief",
            Self::Shaped => "shaped",
            Self::OneWay => "one-way",
            Self::SameOneWay => "same-one-way",
            Self::Once => "once",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    pub(crate) const fn is_deterministic(self) -> bool {
        matches!(self, Self::Same | Self::SameShaped | Self::SameBrief | Self::SameOneWay)
    }

    pub(crate) const fn is_one_way(self) -> bool {
        matches!(self, Self::OneWay | Self::SameOneWay)
    }
}

/// What is known of a token.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// The token's name in the history.
    pub(crate) number: usize,
    pub(crate) card: usize,
    pub(crate) profile: Profile,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) single_use: bool,
    /// Requests to reveal it in full that may still take effect, or have.
    pub(crate) reveals_asked: u32,
    pub(crate) revealed: u32,
    /// Requests to delete it that may still take effect, or have.
    pub(crate) deletes_asked: u32,
    pub(crate) deleted: bool,
    pub(crate) used: bool,
}

impl Fact {
    pub(crate) const fn has_surely_ended(&self) -> bool {
        self.deleted || self.used
    }

    pub(crate) const fn may_have_ended(&self) -> bool {
        self.has_surely_ended() || self.deletes_asked > 0 || self.single_use && self.reveals_asked > 0
    }

    /// Whether this is known at last.
    pub(crate) const fn is_settled(&self) -> bool {
        self.has_surely_ended() || !self.may_have_ended()
    }

    /// Whether a token of this kind may be refused so, having been shown these times.
    pub(crate) fn may_be_refused(
        &self,
        error: &VaultError,
        latest: Timestamp,
        asked_besides: u32,
        reveals: bool,
    ) -> bool {
        match error {
            VaultError::NotFound => self.deletes_asked > 0 || self.deleted,
            VaultError::TokenUsed => self.single_use && (self.used || self.reveals_asked > asked_besides),
            VaultError::TokenExpired => self.expires_at.is_some_and(|end| end <= latest),
            VaultError::TokenNotReversible => reveals && self.profile.is_one_way(),
            _ => false,
        }
    }

    /// Whether it may be shown at all, of what was known when it was asked for.
    pub(crate) fn may_be_shown(&self, earliest: Timestamp) -> bool {
        !self.has_surely_ended() && self.expires_at.is_none_or(|end| end > earliest)
    }
}

/// What somebody asked to have a token for.
pub(crate) type Wish = (usize, Profile, usize);

/// The tokens of all tenants.
#[derive(Default)]
pub(crate) struct Tokens {
    known: BTreeMap<(usize, Token), Fact>,
    /// Requests for tokens whose outcome is open.
    open_wishes: BTreeMap<Wish, u32>,
    /// Answers under an `Idempotency-Key`, to be asked for again.
    pub(crate) answers: Vec<Kept>,
}

/// A request that must happen once, and its answer.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) tenant: usize,
    pub(crate) key: String,
    pub(crate) items: Vec<Item>,
    pub(crate) answer: String,
}

/// A token to be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) card: usize,
    pub(crate) profile: Profile,
    pub(crate) seconds: Option<u64>,
    pub(crate) single_use: bool,
}

/// A token as an answer tells of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) token: Token,
    pub(crate) created: bool,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) single_use: bool,
}

impl Tokens {
    pub(crate) fn get(&self, tenant: usize, token: &Token) -> Option<&Fact> {
        self.known.get(&(tenant, token.clone()))
    }

    pub(crate) fn get_mut(&mut self, tenant: usize, token: &Token) -> Option<&mut Fact> {
        self.known.get_mut(&(tenant, token.clone()))
    }

    pub(crate) fn of(&self, tenant: usize) -> impl Iterator<Item = (&Token, &Fact)> {
        self.known.iter().filter(move |((of, _), _)| *of == tenant).map(|((_, token), fact)| (token, fact))
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn nth(&self, position: usize) -> Option<(usize, Token, Fact)> {
        let ((tenant, token), fact) = self.known.iter().nth(position)?;
        Some((*tenant, token.clone(), fact.clone()))
    }

    pub(crate) fn wish(&mut self, tenant: usize, items: &[Item]) {
        for item in items {
            *self.open_wishes.entry((tenant, item.profile, item.card)).or_default() += 1;
        }
    }

    /// Its outcome is known: nothing more will come of it.
    pub(crate) fn wish_is_settled(&mut self, tenant: usize, items: &[Item]) {
        for item in items {
            if let Some(open) = self.open_wishes.get_mut(&(tenant, item.profile, item.card)) {
                *open = open.saturating_sub(1);
            }
        }
    }

    /// Whether a token that nobody was told of may be there.
    pub(crate) fn is_wished_for(&self, wish: Wish) -> bool {
        self.open_wishes.get(&wish).is_some_and(|open| *open > 0)
    }

    /// A token is there that nobody was told of; whether there was a wish for it, which is granted now.
    pub(crate) fn grant_wish(&mut self, wish: Wish) -> bool {
        match self.open_wishes.get_mut(&wish) {
            Some(open) if *open > 0 => {
                *open -= 1;
                true
            }
            _ => false,
        }
    }

    /// All that was on its way has arrived: what is not there now never will be.
    pub(crate) fn forget_wishes(&mut self) {
        self.open_wishes.clear();
    }

    /// Somebody was told of this token; checks it against what is known. `latest` is the latest time ever shown.
    pub(crate) fn learn(
        &mut self,
        tenant: usize,
        item: Item,
        told: &Told,
        latest: Timestamp,
    ) -> Result<usize, &'static str> {
        if told.single_use != (item.single_use || item.profile == Profile::Once) {
            return Err("a token is for single use if, and only if, it was asked to be");
        }
        if self.known.keys().any(|(of, token)| *of != tenant && *token == told.token) {
            return Err("no two tenants share a token");
        }
        let is_over = told.expires_at.is_some_and(|end| end <= latest);
        if item.profile.is_deterministic() && !is_over {
            let is_twin = |(token, fact): (&Token, &Fact)| {
                *token != told.token
                    && (fact.card, fact.profile) == (item.card, item.profile)
                    && !fact.may_have_ended()
                    && fact.expires_at.is_none_or(|end| end > latest)
            };
            if self.of(tenant).any(is_twin) {
                return Err("a card has one deterministic token in a scope");
            }
        }
        let number = self.known.len();
        match self.known.get(&(tenant, told.token.clone())) {
            None => {
                let fact = Fact {
                    number,
                    card: item.card,
                    profile: item.profile,
                    expires_at: told.expires_at,
                    single_use: told.single_use,
                    reveals_asked: 0,
                    revealed: 0,
                    deletes_asked: 0,
                    deleted: false,
                    used: false,
                };
                self.known.insert((tenant, told.token.clone()), fact);
                Ok(number)
            }
            Some(fact) if (fact.card, fact.profile) != (item.card, item.profile) => {
                Err("a token stands for one card, by one profile")
            }
            Some(fact) if fact.expires_at != told.expires_at => Err("a token's end never moves"),
            Some(fact) if told.created => {
                // Told again under an Idempotency-Key, or found in a list before its maker was told.
                Ok(fact.number)
            }
            Some(_) if !item.profile.is_deterministic() => Err("a random token is never given out again"),
            Some(fact) => Ok(fact.number),
        }
    }
}
