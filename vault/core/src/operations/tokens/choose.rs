//! Which token a new row gets.

use std::collections::HashSet;

use strongroom_crypto::pan_token_v1::{Shape, uniform_index};
use strongroom_crypto::token_v1;
use strongroom_domain::{Pan, TenantId, Token, TokenFormat, TokenProfile, Value};

use crate::VaultError;
use crate::ports::{Entropy, Store};

/// Tokens tried at a time when the space is sparsely used: one question to the database settles it.
const FEW: u64 = 8;
/// Tried when those were all taken: with even a hundredth of the space free, one of these is free almost surely.
const MANY: u64 = 2048;
/// A space up to this size is searched as a whole, so "exhausted" is a fact there.
const WHOLE: u64 = 4096;

/// A token that is not taken. `planned` are those given out earlier in the same request.
pub(super) async fn choose(
    store: &dyn Store,
    entropy: &dyn Entropy,
    tenant: &TenantId,
    profile: &TokenProfile,
    value: &Value,
    planned: &HashSet<Token>,
) -> Result<Token, VaultError> {
    match profile.format {
        TokenFormat::Opaque => {
            let mut random = [0; 17];
            entropy.fill(&mut random)?;
            Ok(token_v1::from_random(random))
        }
        TokenFormat::Card => {
            let Value::Card(card) = value else {
                return Err(VaultError::Invalid("a profile of the card format makes tokens for cards only"));
            };
            let shape = Shape { keep: profile.keep, luhn: profile.luhn };
            choose_card_shaped(store, entropy, tenant, shape, &card.number, planned).await
        }
    }
}

async fn choose_card_shaped(
    store: &dyn Store,
    entropy: &dyn Entropy,
    tenant: &TenantId,
    shape: Shape,
    pan: &Pan,
    planned: &HashSet<Token>,
) -> Result<Token, VaultError> {
    let space = shape.space(pan);
    for tries in [FEW, MANY] {
        let whole = space <= WHOLE && tries == MANY;
        let candidates =
            if whole { all(shape, pan, space, entropy)? } else { some(shape, pan, space, tries, entropy)? };
        let taken: HashSet<Token> = store.taken_tokens(tenant, &candidates).await?.into_iter().collect();
        if tries == FEW && taken.len() * 2 > candidates.len() {
            // Half full by this sample. The alarm comes long before the space is used up.
            tracing::warn!(
                tenant = tenant.as_str(),
                "card-shaped tokens are running out for a BIN and last four"
            );
            metrics::counter!("strongroom_token_space_low_total").increment(1);
        }
        let free = candidates.into_iter().find(|token| !taken.contains(token) && !planned.contains(token));
        if let Some(token) = free {
            return Ok(token);
        }
    }
    Err(VaultError::TokenSpaceExhausted)
}

fn some(
    shape: Shape,
    pan: &Pan,
    space: u64,
    tries: u64,
    entropy: &dyn Entropy,
) -> Result<Vec<Token>, VaultError> {
    let mut candidates = Vec::new();
    for _ in 0..tries.min(space) {
        let mut random = [0; 16];
        entropy.fill(&mut random)?;
        candidates.extend(shape.token(pan, uniform_index(random, space)));
    }
    Ok(candidates)
}

/// All of them, beginning at a random place.
fn all(shape: Shape, pan: &Pan, space: u64, entropy: &dyn Entropy) -> Result<Vec<Token>, VaultError> {
    let mut random = [0; 16];
    entropy.fill(&mut random)?;
    let start = uniform_index(random, space);
    Ok((start..space).chain(0..start).filter_map(|index| shape.token(pan, index)).collect())
}
