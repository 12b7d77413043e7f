use std::collections::HashMap;

use strongroom_crypto::jwe::{PublicJwk, value_plaintext};
use strongroom_domain::{
    Action, Alias, DetokenizationPurpose, EncryptTo, KeyPurpose, Principal, Reveal, Secret, Shown,
    ShownDigits, TenantId, Token, TokenReference, TokenState, Value, ValueKind, VelocityCounter,
};

use super::delete::fingerprints_of;
use super::live::{check_live, plausible};
use super::named::{find_named, tokens_of_aliases};
use super::value::open_value;
use crate::audit::EventDraft;
use crate::operations::security_codes::forget;
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::ports::store::{Effect, TokenRow};
use crate::registry::{Key, Snapshot};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// Which values, what for, and how much of them.
#[derive(Debug, Clone)]
pub struct DetokenizeRequest {
    /// The tokens, as they are named; what is no token at all keeps its place.
    pub tokens: Vec<Result<TokenReference, VaultError>>,
    /// What for.
    pub purpose: DetokenizationPurpose,
    /// How much.
    pub reveal: Reveal,
    /// To which of the caller's keys, if the values are to leave encrypted.
    pub encrypt_to: Option<EncryptTo>,
}

/// What a token stands for.
pub struct Revealed {
    /// The token.
    pub token: Token,
    /// The value.
    pub value: RevealedValue,
}

/// A value, to the extent that was asked for.
pub enum RevealedValue {
    /// With stars in place of what may not be shown; nobody's name.
    Masked {
        /// The number, the IBAN or the text.
        text: String,
        /// What may be known of it anyway.
        shown: Shown,
    },
    /// All of it.
    Full(Value),
    /// All of it, for the holder of the caller's private key alone.
    Encrypted {
        /// What kind of value it is.
        kind: ValueKind,
        /// The JWE; what it holds stands in the format's specification (`jwe`).
        jwe: String,
    },
}

impl Vault {
    /// Turns tokens back into values. One answer per token, in order; each is on record by itself before any leaves.
    pub async fn detokenize(
        &self,
        call: &Call,
        request: &DetokenizeRequest,
    ) -> Result<Vec<Result<Revealed, VaultError>>, VaultError> {
        run(&self.core, call, &Detokenize { principal: &call.principal, request }).await
    }
}

struct Detokenize<'a> {
    principal: &'a Principal,
    request: &'a DetokenizeRequest,
}

impl Operation for Detokenize<'_> {
    type Output = Vec<Result<Revealed, VaultError>>;

    const ACTION: Action = Action::TokenDetokenize;

    fn access(&self) -> Access {
        let DetokenizeRequest { purpose, reveal, encrypt_to, .. } = self.request;
        let in_clear = *reveal == Reveal::Full && encrypt_to.is_none();
        Access { purpose: Some(*purpose), reveal: Some(*reveal), in_clear, ..Access::default() }
    }

    fn counter(&self) -> Option<VelocityCounter> {
        // What is masked may be shown to anybody who may see the token.
        (self.request.reveal == Reveal::Full).then(|| VelocityCounter::reveal(self.request.purpose))
    }

    fn items(&self, output: &Self::Output) -> usize {
        output.iter().flatten().count()
    }

    const ASKS_FOR_TOKENS: bool = true;

    fn subject(&self) -> EventDraft {
        let subject = EventDraft::success().count(self.request.tokens.len());
        match self.request.tokens.as_slice() {
            [Ok(only)] => subject.presented(only),
            _ => subject,
        }
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let tenant = self.principal.tenant();
        let snapshot = core.snapshot();
        let key = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?;
        let recipient = self.recipient(core, &snapshot)?;
        let mut found = Found::look_up(core, tenant, &self.request.tokens).await?;
        let mut misses = Misses::default();
        let mut work = Work {
            core,
            snapshot: &snapshot,
            key,
            reveal: self.request.reveal,
            recipient,
            effects: Vec::new(),
        };
        let mut output = Vec::with_capacity(self.request.tokens.len());
        let mut events = Vec::with_capacity(self.request.tokens.len());
        for token in &self.request.tokens {
            let event =
                EventDraft::success().purpose(Some(self.request.purpose)).reveal(Some(self.request.reveal));
            let (event, result) = match token {
                Err(error) => (event, Err(error.clone())),
                Ok(reference) => {
                    let event = event.presented(reference);
                    match found.row(core, tenant, reference).await {
                        Err(error) => (event, Err(error)),
                        Ok(row) => {
                            let result = match misses.refusal() {
                                None => work.reveal(row).await,
                                Some(refusal) => Err(refusal),
                            };
                            let event = event.object(&row.token).profile(&row.profile);
                            (event.row_version(row.row_version), result)
                        }
                    }
                }
            };
            let result = misses.count(core, self.principal, result).await?;
            events.push(match &result {
                Ok(_) => event,
                Err(error) => event.failed(error),
            });
            output.push(result);
        }
        Ok(Prepared { output, effects: work.effects, events, on_commit: None })
    }
}

impl Detokenize<'_> {
    /// The key that values are encrypted to. Only the caller's own are looked at: another's is as unknown as none.
    fn recipient<'s>(
        &self,
        core: &Core,
        snapshot: &'s Snapshot,
    ) -> Result<Option<&'s PublicJwk>, VaultError> {
        let Some(encrypt_to) = &self.request.encrypt_to else { return Ok(None) };
        if self.request.reveal != Reveal::Full {
            return Err(VaultError::Invalid("encrypt_to goes with reveal full"));
        }
        let id = &self.principal.id;
        let identity =
            snapshot.identity(id.tenant(), id.service()).ok_or(VaultError::EncryptionKeyUnusable)?;
        let mut in_force = identity.encryption_keys_in_force(core.clock().now());
        let key = match encrypt_to {
            EncryptTo::Newest => in_force.next(),
            EncryptTo::Key(kid) => in_force.find(|key| key.row.kid == *kid),
        };
        key.map(|key| Some(&key.jwk)).ok_or(VaultError::EncryptionKeyUnusable)
    }
}

/// The rows of a request's tokens, and which aliases lead to which of them.
pub(in crate::operations) struct Found {
    aliases: HashMap<Alias, Token>,
    rows: HashMap<Token, TokenRow>,
}

impl Found {
    /// With one question for all aliases and one for all tokens.
    pub(in crate::operations) async fn look_up(
        core: &Core,
        tenant: &TenantId,
        references: &[Result<TokenReference, VaultError>],
    ) -> Result<Self, VaultError> {
        let references = || references.iter().flatten();
        let aliases = tokens_of_aliases(core.store(), tenant, references()).await?;
        let named = references().filter_map(|reference| match reference {
            TokenReference::Token(token) => plausible(token).is_ok().then_some(token),
            TokenReference::Alias(alias) => aliases.get(alias),
        });
        let wanted: Vec<Token> = named.cloned().collect();
        let rows = match wanted.as_slice() {
            [] => Vec::new(),
            [only] => core.store().find_token(tenant, only).await?.into_iter().collect(),
            many => core.store().find_tokens(tenant, many).await?,
        };
        Ok(Self { aliases, rows: rows.into_iter().map(|row| (row.token.clone(), row)).collect() })
    }

    /// The row of the token that is named so: the same one, however often and by whatever name it is asked for.
    pub(in crate::operations) async fn row(
        &mut self,
        core: &Core,
        tenant: &TenantId,
        reference: &TokenReference,
    ) -> Result<&mut TokenRow, VaultError> {
        let token = match reference {
            TokenReference::Token(token) => token.clone(),
            TokenReference::Alias(alias) => {
                let token = self.aliases.get(alias).ok_or(VaultError::NotFound)?;
                if self.rows.get(token).is_some_and(|row| row.aliases.contains(alias)) {
                    token.clone()
                } else {
                    // Moved a moment ago, or by somebody else.
                    let row =
                        find_named(core.store(), tenant, reference).await?.ok_or(VaultError::NotFound)?;
                    let token = row.token.clone();
                    self.rows.entry(token.clone()).or_insert(row);
                    token
                }
            }
        };
        self.rows.get_mut(&token).ok_or(VaultError::NotFound)
    }
}

/// The tokens of a request that do not exist. With the one that is too many the answers end, hits too: otherwise whoever
/// guesses would do so by the thousand, and read on past the refusals.
#[derive(Default)]
struct Misses {
    exceeded: Option<VaultError>,
}

impl Misses {
    fn refusal(&self) -> Option<VaultError> {
        self.exceeded.clone()
    }

    /// What is answered in place of this, once it is counted.
    async fn count<T>(
        &mut self,
        core: &Core,
        principal: &Principal,
        result: Result<T, VaultError>,
    ) -> Result<Result<T, VaultError>, VaultError> {
        if !matches!(result, Err(VaultError::NotFound)) {
            return Ok(result);
        }
        if self.exceeded.is_none() {
            match core.spend(principal, VelocityCounter::MISS, 1).await {
                Ok(spending) => {
                    spending.settle();
                    return Ok(result);
                }
                Err(error @ VaultError::VelocityExceeded { .. }) => self.exceeded = Some(error),
                Err(error) => return Err(error),
            }
        }
        Ok(self.exceeded.clone().map_or(result, Err))
    }
}

/// Opens values, and counts that they were.
pub(in crate::operations) struct Work<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
    key: &'a Key,
    reveal: Reveal,
    recipient: Option<&'a PublicJwk>,
    /// What is to be written because of it.
    pub(in crate::operations) effects: Vec<Effect>,
}

impl<'a> Work<'a> {
    /// For values that are used in full and shown to nobody.
    pub(in crate::operations) const fn unseen(core: &'a Core, snapshot: &'a Snapshot, key: &'a Key) -> Self {
        Self { core, snapshot, key, reveal: Reveal::Full, recipient: None, effects: Vec::new() }
    }
}

impl Work<'_> {
    /// The value, if the token may still be used; used in full, it is counted.
    pub(in crate::operations) async fn take(&mut self, row: &mut TokenRow) -> Result<Value, VaultError> {
        check_live(row, self.core.clock().now())?;
        let value = open_value(self.core, self.snapshot, self.key, row).await?;
        if self.reveal == Reveal::Full {
            self.count_use(row).await?;
        }
        Ok(value)
    }

    async fn reveal(&mut self, row: &mut TokenRow) -> Result<Revealed, VaultError> {
        let value = self.take(row).await?;
        let value = match self.recipient {
            Some(recipient) => self.encrypted(recipient, &row.token, &value)?,
            None => RevealedValue::of(value, row, self.reveal),
        };
        Ok(Revealed { token: row.token.clone(), value })
    }

    fn encrypted(
        &self,
        recipient: &PublicJwk,
        token: &Token,
        value: &Value,
    ) -> Result<RevealedValue, VaultError> {
        let entropy = Secret::build([0; 32], |bytes| self.core.entropy().fill(bytes))?;
        let plaintext = value_plaintext(token, value);
        let plaintext = plaintext.map_err(|_| VaultError::Internal("a value could not be written"))?;
        #[expect(clippy::disallowed_methods, reason = "encrypted at once; only the ciphertext leaves")]
        let jwe = recipient.seal(&entropy, plaintext.expose());
        let jwe = jwe.map_err(|_| VaultError::Internal("a value is too long to be encrypted"))?;
        Ok(RevealedValue::Encrypted { kind: value.kind(), jwe })
    }

    /// If uses are counted, this is one more; the last one uses the token up. The same token again in the same request
    /// finds it so.
    async fn count_use(&mut self, row: &mut TokenRow) -> Result<(), VaultError> {
        let Some(most) = row.max_uses else { return Ok(()) };
        let uses = row.uses.saturating_add(1);
        let mut revised = TokenRow { uses, ..row.revised() };
        if uses >= most.get() {
            self.effects.extend(fingerprints_of(self.core, self.snapshot, row).await?);
            self.effects.push(forget(&row.tenant, &row.token));
            revised = TokenRow { row_version: revised.row_version, ..revised.ended(TokenState::Used) };
        }
        let row_version = self.revise(&revised);
        *row = TokenRow { row_version, ..revised };
        Ok(())
    }

    /// A token that is used several times in one request is written once, as it is in the end. Returns its row version then.
    fn revise(&mut self, row: &TokenRow) -> u32 {
        let at = self.core.clock().now();
        let earlier = self.effects.iter_mut().find_map(|effect| match effect {
            Effect::ReviseToken { row: earlier, .. } if earlier.token == row.token => Some(earlier),
            _ => None,
        });
        match earlier {
            Some(earlier) => {
                let row_version = earlier.row_version;
                **earlier = TokenRow { row_version, ..row.clone() };
                row_version
            }
            None => {
                self.effects.push(Effect::ReviseToken { row: Box::new(row.clone()), at });
                row.row_version
            }
        }
    }
}

impl RevealedValue {
    fn of(value: Value, row: &TokenRow, reveal: Reveal) -> Self {
        match reveal {
            Reveal::Masked => Self::Masked { text: masked(&value, row.shown.digits()), shown: row.shown },
            Reveal::Full => Self::Full(value),
        }
    }
}

fn masked(value: &Value, digits: ShownDigits) -> String {
    match value {
        Value::Card(card) => card.number.masked_to(digits),
        Value::BankAccount(account) => account.iban.masked(),
        Value::IdentityNumber(number) => number.masked(),
        // Not even its length.
        Value::Text(_) => "********".to_owned(),
    }
}
