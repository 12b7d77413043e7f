use sqlx::SqliteConnection;
use strongroom_core::ports::store::{Effect, FingerprintRow};

use super::script::KINDS;
use crate::changes::Changes;
use crate::sqlite::failure::Refusal;
use crate::sqlite::{aliases, answers, fingerprints, jobs, registry, security_codes, tags, tokens};

/// Changes by kind of statement: deterministic fingerprints are refused where others are passed over.
pub(super) struct Kinds<'a> {
    pub(super) changes: Changes<'a>,
    pub(super) deterministic: Vec<&'a FingerprintRow>,
    pub(super) random: Vec<&'a FingerprintRow>,
}

impl<'a> Kinds<'a> {
    /// Sorts effects by kind.
    pub(super) fn of(effects: impl IntoIterator<Item = &'a Effect>) -> Self {
        let changes = Changes::of(effects);
        let (deterministic, random) = changes.fingerprints.iter().partition(|row| row.deterministic);
        Self { changes, deterministic, random }
    }

    /// How many there are of each common kind, in the order they are written.
    pub(super) const fn counts(&self) -> [usize; KINDS] {
        [
            self.changes.gone_fingerprints.len(),
            self.changes.revisions.len(),
            self.changes.tokens.len(),
            self.deterministic.len(),
            self.random.len(),
            self.changes.answers.len(),
        ]
    }

    /// Whether some of them change the registry, names and labels of tokens, security codes, answers that are there, or jobs: for
    /// those there is no text of its own.
    pub(super) const fn are_uncommon(&self) -> bool {
        let changes = &self.changes;
        let registry = !changes.clusters.is_empty()
            || !changes.head_moves.is_empty()
            || !changes.registry_rows.is_empty();
        let aliases = !changes.aliases.is_empty() || !changes.gone_aliases.is_empty();
        let tags = !changes.tags.is_empty() || !changes.gone_tags.is_empty();
        let answers = !changes.completed_answers.is_empty() || !changes.released_answers.is_empty();
        let codes = !changes.security_codes.is_empty();
        registry || aliases || tags || answers || codes || changes.concern_jobs()
    }

    /// Writes them, with a statement or more for each kind.
    pub(super) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), Refusal> {
        let changes = &self.changes;
        fingerprints::DELETE.write(connection, &changes.gone_fingerprints, fingerprints::bind).await?;
        aliases::DELETE.write(connection, &changes.gone_aliases, aliases::bind).await?;
        tags::DELETE.write(connection, &changes.gone_tags, tags::bind).await?;
        let revised = tokens::REVISE.write(connection, &changes.revisions, tokens::bind_revision).await?;
        if revised != changes.revisions.len() as u64 {
            return Err(Refusal::Conflict);
        }
        tokens::INSERT.write(connection, &changes.tokens, tokens::bind).await?;
        let bind = fingerprints::bind_with_shard;
        fingerprints::INSERT_DETERMINISTIC.write(connection, &self.deterministic, bind).await?;
        fingerprints::INSERT_RANDOM.write(connection, &self.random, bind).await?;
        aliases::INSERT.write(connection, &changes.aliases, aliases::bind_with_shard).await?;
        tags::INSERT.write(connection, &changes.tags, tags::bind_with_shard).await?;
        answers::INSERT.write(connection, &changes.answers, answers::bind).await?;
        for row in &changes.completed_answers {
            answers::complete(connection, row).await?;
        }
        for answer in &changes.released_answers {
            answers::release(connection, *answer).await?;
        }
        security_codes::write(connection, &changes.security_codes).await?;
        jobs::write(connection, changes).await?;
        for row in &changes.clusters {
            registry::insert_cluster(connection, row).await?;
        }
        for step in &changes.head_moves {
            registry::move_on(connection, *step).await?;
        }
        registry::put(connection, &changes.registry_rows).await
    }
}
