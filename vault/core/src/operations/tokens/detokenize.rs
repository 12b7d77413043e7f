use std::collections::HashMap;

use strongroom_domain::{
    Action, Card, DetokenizationPurpose, Expiry, Holder, KeyPurpose, Pan, Principal, Reveal, Token,
    TokenState,
};

use super::delete::fingerprints_of;
use super::live::{check_live, plausible};
use super::value::open_card;
use crate::audit::EventDraft;
use crate::pipeline::{Access, Operation, Permit, Prepared, run};
use crate::ports::store::{Effect, TokenRow};
use crate::registry::{Key, Snapshot};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// Which values, what for, and how much of them.
#[derive(Debug, Clone)]
pub struct DetokenizeRequest {
    /// The tokens; what is no token at all keeps its place.
    pub tokens: Vec<Result<Token, VaultError>>,
    /// What for.
    pub purpose: DetokenizationPurpose,
    /// How much.
    pub reveal: Reveal,
}

/// What a token stands for.
pub struct Revealed {
    /// The token.
    pub token: Token,
    /// The card.
    pub card: RevealedCard,
}

/// A card, to the extent that was asked for.
pub enum RevealedCard {
    /// First six and last four digits; no holder.
    Masked {
        /// With stars between.
        number: String,
        /// When it expires.
        expiry: Option<Expiry>,
    },
    /// All of it.
    Full {
        /// The number.
        number: Pan,
        /// When it expires.
        expiry: Option<Expiry>,
        /// Whose it is.
        holder: Option<Holder>,
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
        Access { purpose: Some(self.request.purpose), reveal: Some(self.request.reveal), ..Access::default() }
    }

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
        let wanted: Vec<Token> =
            self.request.tokens.iter().flatten().filter(|token| plausible(token).is_ok()).cloned().collect();
        let mut rows = find(core, tenant, &wanted).await?;
        let mut work =
            Work { core, snapshot: &snapshot, key, reveal: self.request.reveal, effects: Vec::new() };
        let mut output = Vec::with_capacity(self.request.tokens.len());
        let mut events = Vec::with_capacity(self.request.tokens.len());
        for token in &self.request.tokens {
            let event =
                EventDraft::success().purpose(Some(self.request.purpose)).reveal(Some(self.request.reveal));
            let (event, result) = match token {
                Err(error) => (event, Err(error.clone())),
                Ok(token) => match rows.get_mut(token) {
                    None => (event.presented(token), Err(VaultError::NotFound)),
                    Some(row) => {
                        let result = work.reveal(row).await;
                        (event.object(&row.token).profile(&row.profile).row_version(row.row_version), result)
                    }
                },
            };
            events.push(match &result {
                Ok(_) => event,
                Err(error) => event.failed(error),
            });
            output.push(result);
        }
        Ok(Prepared { output, effects: work.effects, events, on_commit: None })
    }
}

async fn find(
    core: &Core,
    tenant: &strongroom_domain::TenantId,
    wanted: &[Token],
) -> Result<HashMap<Token, TokenRow>, VaultError> {
    let rows = match wanted {
        [] => Vec::new(),
        [only] => core.store().find_token(tenant, only).await?.into_iter().collect(),
        many => core.store().find_tokens(tenant, many).await?,
    };
    Ok(rows.into_iter().map(|row| (row.token.clone(), row)).collect())
}

struct Work<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
    key: &'a Key,
    reveal: Reveal,
    effects: Vec<Effect>,
}

impl Work<'_> {
    async fn reveal(&mut self, row: &mut TokenRow) -> Result<Revealed, VaultError> {
        check_live(row, self.core.clock().now())?;
        let card = open_card(self.core, self.snapshot, self.key, row).await?;
        if row.single_use && self.reveal == Reveal::Full {
            self.use_up(row).await?;
        }
        Ok(Revealed { token: row.token.clone(), card: RevealedCard::of(card, self.reveal) })
    }

    /// The same token again in the same request finds it used.
    async fn use_up(&mut self, row: &mut TokenRow) -> Result<(), VaultError> {
        self.effects.extend(fingerprints_of(self.core, self.snapshot, row).await?);
        self.effects.push(Effect::EndToken {
            tenant: row.tenant.clone(),
            token: row.token.clone(),
            expected_row_version: row.row_version,
            state: TokenState::Used,
            at: self.core.clock().now(),
        });
        row.state = TokenState::Used;
        row.row_version = row.row_version.saturating_add(1);
        Ok(())
    }
}

impl RevealedCard {
    fn of(card: Card, reveal: Reveal) -> Self {
        match reveal {
            Reveal::Masked => Self::Masked { number: card.number.masked(), expiry: card.expiry },
            Reveal::Full => Self::Full { number: card.number, expiry: card.expiry, holder: card.holder },
        }
    }
}
