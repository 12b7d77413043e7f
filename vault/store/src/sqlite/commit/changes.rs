use sqlx::SqliteConnection;
use strongroom_core::ports::store::{AnswerRow, ClusterRow, Effect, FingerprintRow, RegistryRow, TokenRow};

use crate::sqlite::failure::Refusal;
use crate::sqlite::tokens::Ending;
use crate::sqlite::{answers, fingerprints, registry, tokens};

/// Changes by kind, so that each kind is written with as few statements as can be.
#[derive(Default)]
pub(super) struct Changes<'a> {
    clusters: Vec<&'a ClusterRow>,
    steps: Vec<registry::Move<'a>>,
    rows: Vec<&'a RegistryRow>,
    gone_fingerprints: Vec<&'a FingerprintRow>,
    endings: Vec<Ending<'a>>,
    tokens: Vec<&'a TokenRow>,
    fingerprints: Vec<&'a FingerprintRow>,
    answers: Vec<&'a AnswerRow>,
}

impl<'a> Changes<'a> {
    /// Sorts effects by kind.
    pub(super) fn of(effects: impl IntoIterator<Item = &'a Effect>) -> Self {
        let mut changes = Self::default();
        for effect in effects {
            changes.add(effect);
        }
        changes
    }

    /// Writes them. What makes room comes first: a fingerprint that moves to another token is removed, then added.
    pub(super) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), Refusal> {
        fingerprints::delete(connection, &self.gone_fingerprints).await?;
        tokens::end(connection, &self.endings).await?;
        tokens::insert(connection, &self.tokens).await?;
        fingerprints::insert(connection, &self.fingerprints).await?;
        answers::insert(connection, &self.answers).await?;
        for row in &self.clusters {
            registry::insert_cluster(connection, row).await?;
        }
        for step in &self.steps {
            registry::move_on(connection, *step).await?;
        }
        registry::put(connection, &self.rows).await
    }

    fn add(&mut self, effect: &'a Effect) {
        match effect {
            Effect::InsertCluster(row) => self.clusters.push(row),
            Effect::PutRegistry(row) => self.rows.push(row),
            Effect::MoveRegistryHead { expected_epoch, head } => {
                self.steps.push(registry::Move { expected_epoch: *expected_epoch, head });
            }
            Effect::InsertToken(row) => self.tokens.push(row),
            Effect::EndToken { tenant, token, expected_row_version, state, at } => {
                self.endings.push(Ending {
                    tenant,
                    token,
                    expected_row_version: *expected_row_version,
                    state: *state,
                    at: *at,
                })
            }
            Effect::InsertFingerprint(row) => self.fingerprints.push(row),
            Effect::DeleteFingerprint(row) => self.gone_fingerprints.push(row),
            Effect::InsertAnswer(row) => self.answers.push(row),
        }
    }
}
