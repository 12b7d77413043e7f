//! Random histories: whatever is asked in whatever order, the vault agrees with a model that holds no secrets, and the
//! record of it all proves itself.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::*;
use strongroom_core::{NewToken, VaultError};
use strongroom_crypto::audit_v1::Verifier;
use strongroom_domain::{Reuse, Reveal, Timestamp, Token, TokenProfile};

use crate::asking::{
    card_for, card_number, create_profile, detokenize, profile, rotate_key, search_card, shows, tokenize_one,
};
use crate::audit_export::export;
use crate::world::{World, call};

const PROFILES: [&str; 3] = ["default", "same", "one-way"];

#[derive(Debug, Clone)]
enum Step {
    Tokenize { card: u64, profile: usize, seconds: Option<u64>, single_use: bool },
    Reveal { token: usize, full: bool },
    Get { token: usize },
    Delete { token: usize },
    Search { card: u64, profile: usize },
    Wait { seconds: u64 },
    Rotate,
    FailNext,
}

fn step() -> impl Strategy<Value = Step> {
    let card = || 0_u64..4;
    let profile = || 0..PROFILES.len();
    let token = || 0_usize..12;
    prop_oneof![
        5 => (card(), profile(), proptest::option::of(1_u64..60), proptest::bool::weighted(0.2)).prop_map(
            |(card, profile, seconds, single_use)| Step::Tokenize { card, profile, seconds, single_use }
        ),
        5 => (token(), any::<bool>()).prop_map(|(token, full)| Step::Reveal { token, full }),
        2 => token().prop_map(|token| Step::Get { token }),
        2 => token().prop_map(|token| Step::Delete { token }),
        2 => (card(), profile()).prop_map(|(card, profile)| Step::Search { card, profile }),
        2 => (1_u64..30).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Rotate),
        1 => Just(Step::FailNext),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_vault_agrees_with_the_model(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut history = History::begin().await;
            for step in &steps {
                history.take(step).await;
            }
            history.record_is_whole().await;
        });
    }
}

/// What the model knows of a token.
struct Known {
    token: Token,
    card: u64,
    profile: usize,
    ends: Option<Timestamp>,
    single_use: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Live,
    Used,
    Deleted,
}

impl Known {
    /// What asking for it gives, before looking at what it may show.
    fn refusal(&self, now: Timestamp) -> Option<VaultError> {
        match self.state {
            State::Deleted => Some(VaultError::NotFound),
            State::Used => Some(VaultError::TokenUsed),
            State::Live if self.ends.is_some_and(|end| end <= now) => Some(VaultError::TokenExpired),
            State::Live => None,
        }
    }
}

struct History {
    world: World,
    known: Vec<Known>,
    failing: bool,
}

impl History {
    async fn begin() -> Self {
        let world = World::open().await;
        let same = TokenProfile { reuse: Reuse::Deterministic, ..profile("same") };
        create_profile(&world.vault, same).await.unwrap();
        create_profile(&world.vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
        Self { world, known: Vec::new(), failing: false }
    }

    async fn take(&mut self, step: &Step) {
        let failed = std::mem::take(&mut self.failing);
        self.world.fail_commits(failed);
        match step {
            Step::Tokenize { card, profile, seconds, single_use } => {
                self.tokenize(failed, *card, *profile, *seconds, *single_use).await;
            }
            Step::Reveal { token, full } => self.reveal(failed, *token, *full).await,
            Step::Get { token } => self.get(failed, *token).await,
            Step::Delete { token } => self.delete(failed, *token).await,
            Step::Search { card, profile } => self.search(failed, *card, *profile).await,
            Step::Wait { seconds } => self.world.clock.advance(Duration::from_secs(*seconds)),
            Step::Rotate => {
                let rotated = rotate_key(&self.world.vault, "tokenization").await;
                assert_eq!(rotated.is_err(), failed);
            }
            Step::FailNext => self.failing = true,
        }
        self.world.fail_commits(false);
    }

    async fn tokenize(
        &mut self,
        failed: bool,
        card: u64,
        profile: usize,
        seconds: Option<u64>,
        single_use: bool,
    ) {
        let now = self.world.vault.now();
        let ttl = seconds.map(Duration::from_secs);
        let max_uses = single_use.then_some(NonZeroU32::MIN);
        let item = NewToken { ttl, max_uses, ..card_for(PROFILES[profile], &card_number(card)) };
        let outcome = tokenize_one(&self.world.vault, &call("acme", "tokenizer"), item).await;
        if failed {
            assert_eq!(outcome, Err(VaultError::AuditUnavailable));
            return;
        }
        if single_use && PROFILES[profile] != "default" {
            assert!(matches!(outcome, Err(VaultError::Invalid(_))));
            return;
        }
        let made = outcome.unwrap();
        let stands = self.known.iter().find(|known| {
            PROFILES[profile] == "same"
                && (known.card, known.profile) == (card, profile)
                && known.refusal(now).is_none()
        });
        assert_eq!(made.created, stands.is_none());
        match stands {
            Some(known) => assert_eq!(known.token, made.token.token),
            None => self.known.push(Known {
                token: made.token.token,
                card,
                profile,
                ends: ttl.map(|ttl| now.plus(ttl)),
                single_use,
                state: State::Live,
            }),
        }
    }

    async fn reveal(&mut self, failed: bool, token: usize, full: bool) {
        let now = self.world.vault.now();
        let Some(known) = self.known.get_mut(token) else { return };
        let asked = if full { Reveal::Full } else { Reveal::Masked };
        let reader = call("acme", "detokenizer");
        let outcome = detokenize(&self.world.vault, &reader, &known.token, asked).await;
        let one_way = (PROFILES[known.profile] == "one-way").then_some(VaultError::TokenNotReversible);
        let expected = failed.then_some(VaultError::AuditUnavailable).or(known.refusal(now)).or(one_way);
        match outcome {
            Err(error) => assert_eq!(Some(error), expected),
            Ok(card) => {
                assert_eq!(expected, None);
                assert_eq!(shows(&card, &card_number(known.card)), full);
                if full && known.single_use {
                    known.state = State::Used;
                }
            }
        }
    }

    async fn get(&self, failed: bool, token: usize) {
        let Some(known) = self.known.get(token) else { return };
        let outcome = self.world.vault.get_token(&call("acme", "gateway"), &known.token).await;
        let unavailable = failed.then_some(VaultError::AuditUnavailable);
        assert_eq!(outcome.err(), unavailable.or(known.refusal(self.world.vault.now())));
    }

    async fn delete(&mut self, failed: bool, token: usize) {
        let Some(known) = self.known.get_mut(token) else { return };
        let outcome = self.world.vault.delete_token(&call("acme", "tokenizer"), &known.token).await;
        if failed {
            assert_eq!(outcome, Err(VaultError::AuditUnavailable));
        } else if known.state == State::Live {
            assert_eq!(outcome, Ok(()));
            known.state = State::Deleted;
        } else {
            assert_eq!(outcome, Err(VaultError::NotFound));
        }
    }

    async fn search(&self, failed: bool, card: u64, profile: usize) {
        let now = self.world.vault.now();
        let caller = call("acme", "tokenizer");
        let outcome = search_card(&self.world.vault, &caller, &card_number(card), PROFILES[profile]).await;
        if failed {
            assert_eq!(outcome, Err(VaultError::AuditUnavailable));
            return;
        }
        let mut found = outcome.unwrap();
        let of_card =
            |known: &&Known| (known.card, known.profile) == (card, profile) && known.refusal(now).is_none();
        let mut expected: Vec<Token> =
            self.known.iter().filter(of_card).map(|known| known.token.clone()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }

    async fn record_is_whole(&self) {
        let records = self.world.records().await;
        let mut by_token: HashMap<&str, u64> = HashMap::new();
        for (expected, record) in (0..).zip(&records) {
            assert_eq!(record.sequence, expected);
            if record.action == "token.create" && record.outcome == "success" {
                *by_token.entry(record.object.as_deref().unwrap()).or_default() += 1;
            }
        }
        assert!(self.known.iter().all(|known| by_token.contains_key(known.token.as_str())));
        assert_eq!(by_token.len(), self.known.len());
        let export = export(&self.world.vault, &call("platform", "auditor")).await;
        let verifier = Verifier::new(self.world.vault.verifier_key().parse().unwrap());
        assert_eq!(verifier.verify(export.as_slice()).unwrap().findings, []);
    }
}
