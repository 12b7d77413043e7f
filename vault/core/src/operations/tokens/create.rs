use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use strongroom_domain::{
    Action, Alias, KeyPurpose, KeyVersion, LuhnRule, Principal, ProfileName, Reuse, Secret, Tag, Token,
    TokenState, Value,
};

use super::choose::choose;
use super::input::ValueInput;
use super::live::live;
use super::named::renamed;
use super::plan::{Plan, plan};
use super::value::{open_metadata, seal_metadata, seal_value};
use super::{Metadata, TokenView, Tokenized};
use crate::audit::EventDraft;
use crate::operations::security_codes::seal_security_code;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run, run_once};
use crate::ports::store::{Effect, FingerprintKey, FingerprintRow, TokenRow};
use crate::registry::{Key, KeyVersionEntry, Snapshot, WorkingKey};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A value that is to be given a token.
pub struct NewToken {
    /// The value.
    pub value: ValueInput,
    /// By which profile.
    pub profile: ProfileName,
    /// For how long, if shorter than the profile's.
    pub ttl: Option<Duration>,
    /// How often the value may be revealed, if less often than the profile says.
    pub max_uses: Option<NonZeroU32>,
    /// The caller's own pairs.
    pub metadata: Metadata,
    /// Its other names.
    pub aliases: BTreeSet<Alias>,
    /// Its labels.
    pub tags: BTreeSet<Tag>,
    /// The card's security code, to be kept until its payment is authorised.
    pub security_code: Option<Secret<String>>,
    /// For how long it is kept at most.
    pub security_code_ttl: Option<Duration>,
}

impl Vault {
    /// Gives each value a token. The items are independent of each other: one answer per item, in order, and all that
    /// succeeded are durable on return.
    pub async fn tokenize(
        &self,
        call: &Call,
        items: Vec<Result<NewToken, VaultError>>,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&Vec<Result<Tokenized, VaultError>>) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, CreateTokens { principal: &call.principal, items }, idempotency, render)
            .await
    }

    /// As [`Vault::tokenize`], with the tokens themselves for an answer, which is not kept to be given again.
    pub async fn tokenize_each(
        &self,
        call: &Call,
        items: Vec<Result<NewToken, VaultError>>,
    ) -> Result<Vec<Result<Tokenized, VaultError>>, VaultError> {
        run(&self.core, call, &CreateTokens { principal: &call.principal, items }).await
    }
}

pub(in crate::operations) struct CreateTokens<'a> {
    pub(in crate::operations) principal: &'a Principal,
    /// What could not even be read as a request keeps its place, and its place in the record.
    pub(in crate::operations) items: Vec<Result<NewToken, VaultError>>,
}

impl Operation for CreateTokens<'_> {
    type Output = Vec<Result<Tokenized, VaultError>>;

    const ACTION: Action = Action::TokenCreate;

    fn subject(&self) -> EventDraft {
        let subject = EventDraft::success().count(self.items.len());
        match self.items.as_slice() {
            [Ok(only)] => subject.profile(&only.profile),
            _ => subject,
        }
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let tenant = self.principal.tenant();
        let snapshot = core.snapshot();
        let state = snapshot.tenant(tenant)?;
        let key = state.built_in_key(KeyPurpose::Tokenization)?;
        let current = key.current()?;
        let keys = fingerprint_working_keys(core, &snapshot, key).await?;
        let mut plans: Vec<Result<Plan<'_>, VaultError>> = Vec::with_capacity(self.items.len());
        for item in &self.items {
            plans.push(match item {
                Ok(item) => plan(core, &snapshot, item, state, &keys).await,
                Err(error) => Err(error.clone()),
            });
        }
        let mut work = Work {
            core,
            snapshot: &snapshot,
            principal: self.principal,
            key,
            current,
            working: &keys.first().ok_or(VaultError::IntegrityFailure)?.1,
            known: HashMap::new(),
            taken: HashSet::new(),
            planned: HashSet::new(),
            effects: Vec::new(),
        };
        work.look_up(&plans).await?;
        work.look_up_aliases(&plans).await?;
        let mut output = Vec::with_capacity(plans.len());
        let mut events = Vec::with_capacity(plans.len());
        for plan in plans {
            let (event, result) = match plan {
                Err(error) => (EventDraft::success(), Err(error)),
                Ok(plan) => (EventDraft::success().profile(&plan.profile.name), work.tokenize(plan).await),
            };
            events.push(match &result {
                Ok(done) => {
                    event.object(&done.token.token).row_version(1).key(key.row.key_id, current.row.version)
                }
                Err(error) => event.failed(error),
            });
            if let Ok(Tokenized { token, security_code_expires_at: Some(_), .. }) = &result {
                events.push(EventDraft::success().doing(Action::PutSecurityCode).object(&token.token));
            }
            output.push(result);
        }
        Ok(Prepared { output, effects: work.effects, events, on_commit: None })
    }
}

/// The tenant's fingerprint keys that may still find something, newest first.
pub(super) async fn fingerprint_working_keys(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
) -> Result<Vec<(KeyVersion, Arc<WorkingKey>)>, VaultError> {
    let mut keys = Vec::with_capacity(1);
    for version in key.readable() {
        keys.push((version.row.version, core.working_key(snapshot, version).await?));
    }
    Ok(keys)
}

struct Work<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
    principal: &'a Principal,
    key: &'a Key,
    current: &'a KeyVersionEntry,
    working: &'a WorkingKey,
    /// The deterministic tokens of these values: stored ones, and those planned earlier in this request.
    known: HashMap<FingerprintKey, Known>,
    /// Aliases that lead somewhere already: stored ones, and those planned earlier in this request.
    taken: HashSet<Alias>,
    planned: HashSet<Token>,
    effects: Vec<Effect>,
}

enum Known {
    Live(Box<TokenView>),
    /// It leads to a token that has ended; to be removed when a new one takes its place.
    Ended(FingerprintRow),
}

impl Work<'_> {
    /// One question for all values whose token may exist already.
    async fn look_up(&mut self, plans: &[Result<Plan<'_>, VaultError>]) -> Result<(), VaultError> {
        let deterministic = plans.iter().flatten().filter(|plan| plan.profile.reuse == Reuse::Deterministic);
        let wanted: Vec<_> = deterministic.flat_map(|plan| plan.known_as.iter().cloned()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let tenant = self.principal.tenant();
        let mut rows = self.core.store().find_fingerprints(tenant, &wanted).await?;
        rows.retain(|row| row.deterministic);
        let tokens: Vec<_> = rows.iter().map(|row| row.token.clone()).collect();
        let found = self.core.store().find_tokens(tenant, &tokens).await?;
        let mut found: HashMap<Token, TokenRow> =
            found.into_iter().map(|row| (row.token.clone(), row)).collect();
        let now = self.core.clock().now();
        for row in rows {
            let known = match live(found.remove(&row.token), now) {
                Ok(token) => {
                    let metadata = open_metadata(self.core, self.snapshot, self.key, &token).await?;
                    Known::Live(Box::new(TokenView::of(&token, metadata, None)))
                }
                Err(_) => Known::Ended(row.clone()),
            };
            self.known.insert(row.key, known);
        }
        Ok(())
    }

    /// One question for all aliases.
    async fn look_up_aliases(&mut self, plans: &[Result<Plan<'_>, VaultError>]) -> Result<(), VaultError> {
        let wanted: Vec<Alias> = plans.iter().flatten().flat_map(|plan| plan.aliases).cloned().collect();
        if !wanted.is_empty() {
            let rows = self.core.store().find_aliases(self.principal.tenant(), &wanted).await?;
            self.taken.extend(rows.into_iter().map(|row| row.alias));
        }
        Ok(())
    }

    async fn tokenize(&mut self, plan: Plan<'_>) -> Result<Tokenized, VaultError> {
        let mut done = self.find_or_make(&plan).await?;
        if let Some(checked) = &plan.security_code {
            let (tenant, token) = (self.principal.tenant(), &done.token);
            let sealed =
                seal_security_code(self.core, tenant, (&token.token, token.expires_at), checked).await?;
            done.security_code_expires_at = Some(sealed.expires_at);
            // The same card twice in one request: the later code counts.
            self.effects.retain(
                |effect| !matches!(effect, Effect::PutSecurityCode(earlier) if earlier.token == sealed.token),
            );
            self.effects.push(Effect::PutSecurityCode(Box::new(sealed)));
        }
        Ok(done)
    }

    async fn find_or_make(&mut self, plan: &Plan<'_>) -> Result<Tokenized, VaultError> {
        if plan.profile.reuse == Reuse::Deterministic {
            for known_as in &plan.known_as {
                if let Some(Known::Live(view)) = self.known.get(known_as) {
                    if !plan.aliases.is_subset(&view.aliases) {
                        return Err(VaultError::Invalid(
                            "the value has its token already, without all of these aliases: add them to that token",
                        ));
                    }
                    let token = TokenView { fingerprint: plan.fingerprint, ..TokenView::clone(view) };
                    return Ok(Tokenized { token, created: false, security_code_expires_at: None });
                }
            }
        }
        if plan.aliases.iter().any(|alias| self.taken.contains(alias)) {
            return Err(VaultError::AliasTaken);
        }
        self.refuse_token(plan).await?;
        let row = self.new_row(plan).await?;
        let view = TokenView::of(&row, plan.metadata.clone(), plan.fingerprint);
        self.planned.insert(row.token.clone());
        self.taken.extend(row.aliases.iter().cloned());
        self.add_fingerprint(plan, &row.token, &view);
        self.effects.extend(renamed(None, &row));
        self.effects.push(Effect::InsertToken(Box::new(row)));
        Ok(Tokenized { token: view, created: true, security_code_expires_at: None })
    }

    /// A card-shaped token that could pass for a card number is looked for among the tenant's tokens.
    async fn refuse_token(&self, plan: &Plan<'_>) -> Result<(), VaultError> {
        let Value::Card(card) = &plan.value else { return Ok(()) };
        #[expect(
            clippy::disallowed_methods,
            reason = "asks whether these digits are a token, which they may be only where no card is"
        )]
        let digits = card.number.expose_digits();
        if plan.profile.card_check_digit == LuhnRule::Required && !digits.starts_with(b"9") {
            return Ok(());
        }
        let candidate = std::str::from_utf8(digits).ok().and_then(|digits| Token::parse(digits).ok());
        let Some(candidate) = candidate else { return Ok(()) };
        if self.core.store().taken_tokens(self.principal.tenant(), &[candidate]).await?.is_empty() {
            Ok(())
        } else {
            Err(VaultError::CardNumberIsToken)
        }
    }

    async fn new_row(&self, plan: &Plan<'_>) -> Result<TokenRow, VaultError> {
        let (store, entropy) = (self.core.store(), self.core.entropy());
        let tenant = self.principal.tenant();
        let token = choose(store, entropy, tenant, plan.profile, &plan.value, &self.planned).await?;
        let created_at = self.core.clock().now();
        let mut row = TokenRow {
            tenant: tenant.clone(),
            profile: plan.profile.name.clone(),
            envelope: None,
            metadata_envelope: None,
            shown: plan.value.shown(plan.profile.show),
            aliases: plan.aliases.clone(),
            tags: plan.tags.clone(),
            max_uses: plan.max_uses,
            created_by: self.principal.id.service().clone(),
            created_at,
            expires_at: plan.ttl.map(|ttl| created_at.plus(ttl)),
            state: TokenState::Active,
            uses: 0,
            row_version: 1,
            token,
        };
        let (working, version) = (self.working, self.current);
        if plan.profile.reversible {
            row.envelope = Some(seal_value(&plan.value, working, version, entropy, &row)?);
        }
        row.metadata_envelope = seal_metadata(plan.metadata, working, version, entropy, &row)?;
        Ok(row)
    }

    fn add_fingerprint(&mut self, plan: &Plan<'_>, token: &Token, view: &TokenView) {
        let deterministic = plan.profile.reuse == Reuse::Deterministic;
        let mut keys = plan.known_as.as_slice();
        if deterministic {
            for known_as in keys {
                if let Some(Known::Ended(row)) = self.known.remove(known_as) {
                    self.effects.push(Effect::DeleteFingerprint(row));
                }
                self.known.insert(known_as.clone(), Known::Live(Box::new(view.clone())));
            }
            // Under the version before as well: a node that has not heard of the rotation yet, or a request that began
            // before it, looks and inserts there, and must meet this token.
            keys = keys.get(..2).unwrap_or(keys);
        } else {
            keys = keys.get(..1).unwrap_or(keys);
        }
        let tenant = self.principal.tenant();
        self.effects.extend(keys.iter().rev().map(|key| {
            Effect::InsertFingerprint(FingerprintRow {
                tenant: tenant.clone(),
                key: key.clone(),
                token: token.clone(),
                deterministic,
            })
        }));
    }
}
