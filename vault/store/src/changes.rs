//! The changes of a batch by kind, so that an adapter writes each kind with as few statements as can be.

use strongroom_core::ports::store::{
    AnswerRow, ClusterRow, Effect, FingerprintRow, RegistryHead, RegistryRow, TokenRow,
};
use strongroom_domain::{TenantId, Timestamp, Token, TokenState};

/// What ends one token.
#[derive(Clone, Copy)]
pub(crate) struct Ending<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) token: &'a Token,
    pub(crate) expected_row_version: u32,
    pub(crate) state: TokenState,
    pub(crate) at: Timestamp,
}

/// A step of the registry's head.
#[derive(Clone, Copy)]
pub(crate) struct HeadMove<'a> {
    pub(crate) expected_epoch: u64,
    pub(crate) head: &'a RegistryHead,
}

/// Effects by kind, each kind in the order in which they were given.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    pub(crate) clusters: Vec<&'a ClusterRow>,
    pub(crate) head_moves: Vec<HeadMove<'a>>,
    pub(crate) registry_rows: Vec<&'a RegistryRow>,
    pub(crate) gone_fingerprints: Vec<&'a FingerprintRow>,
    pub(crate) endings: Vec<Ending<'a>>,
    pub(crate) tokens: Vec<&'a TokenRow>,
    pub(crate) fingerprints: Vec<&'a FingerprintRow>,
    pub(crate) answers: Vec<&'a AnswerRow>,
}

impl<'a> Changes<'a> {
    /// Sorts effects by kind.
    pub(crate) fn of(effects: impl IntoIterator<Item = &'a Effect>) -> Self {
        let mut changes = Self::default();
        for effect in effects {
            changes.add(effect);
        }
        changes
    }

    /// Whether there is nothing but new tokens, fingerprints and answers: what requests for tokens consist of.
    pub(crate) fn only_add(&self) -> bool {
        self.clusters.is_empty()
            && self.head_moves.is_empty()
            && self.registry_rows.is_empty()
            && self.gone_fingerprints.is_empty()
            && self.endings.is_empty()
    }

    fn add(&mut self, effect: &'a Effect) {
        match effect {
            Effect::InsertCluster(row) => self.clusters.push(row),
            Effect::PutRegistry(row) => self.registry_rows.push(row),
            Effect::MoveRegistryHead { expected_epoch, head } => {
                self.head_moves.push(HeadMove { expected_epoch: *expected_epoch, head });
            }
            Effect::InsertToken(row) => self.tokens.push(row),
            Effect::EndToken { tenant, token, expected_row_version, state, at } => {
                let expected_row_version = *expected_row_version;
                self.endings.push(Ending { tenant, token, expected_row_version, state: *state, at: *at });
            }
            Effect::InsertFingerprint(row) => self.fingerprints.push(row),
            Effect::DeleteFingerprint(row) => self.gone_fingerprints.push(row),
            Effect::InsertAnswer(row) => self.answers.push(row),
        }
    }
}
