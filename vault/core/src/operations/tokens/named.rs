//! Tokens by the names that callers give them: the token itself or one of its aliases, and its tags.

use std::collections::{BTreeSet, HashMap};

use strongroom_domain::{Alias, Tag, TenantId, Token, TokenReference};

use super::live::plausible;
use crate::VaultError;
use crate::ports::Store;
use crate::ports::store::{AliasRow, Effect, TagRow, TokenRow};

/// How often a look by alias that met a change is made again.
const LOOKS: usize = 3;

/// The row of the token that a caller names, whatever its state.
pub(in crate::operations) async fn find_named(
    store: &dyn Store,
    tenant: &TenantId,
    reference: &TokenReference,
) -> Result<Option<TokenRow>, VaultError> {
    match reference {
        TokenReference::Token(token) => {
            plausible(token)?;
            Ok(store.find_token(tenant, token).await?)
        }
        TokenReference::Alias(alias) => find_by_alias(store, tenant, alias).await,
    }
}

/// The alias leads to a token, and that must have it among its own names, which are sealed with its value: a row that was
/// pointed at another token is noticed. If the alias has just been moved, both are read again.
async fn find_by_alias(
    store: &dyn Store,
    tenant: &TenantId,
    alias: &Alias,
) -> Result<Option<TokenRow>, VaultError> {
    for _ in 0..LOOKS {
        let Some(found) = store.find_aliases(tenant, std::slice::from_ref(alias)).await?.pop() else {
            return Ok(None);
        };
        match store.find_token(tenant, &found.token).await? {
            Some(row) if row.aliases.contains(alias) => return Ok(Some(row)),
            _ => {}
        }
    }
    Err(VaultError::IntegrityFailure)
}

/// Which tokens these aliases lead to. Whether the tokens agree is still to be seen.
pub(super) async fn tokens_of_aliases(
    store: &dyn Store,
    tenant: &TenantId,
    references: impl Iterator<Item = &TokenReference>,
) -> Result<HashMap<Alias, Token>, VaultError> {
    let aliases: Vec<Alias> = references
        .filter_map(|reference| match reference {
            TokenReference::Alias(alias) => Some(alias.clone()),
            TokenReference::Token(_) => None,
        })
        .collect();
    if aliases.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store.find_aliases(tenant, &aliases).await?;
    Ok(rows.into_iter().map(|row| (row.alias, row.token)).collect())
}

/// What is to become of a set of names: said by what comes and what goes, so that two callers' changes both hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetChange<T> {
    /// These are in it from now on.
    pub add: BTreeSet<T>,
    /// These no longer are.
    pub remove: BTreeSet<T>,
}

impl<T> Default for SetChange<T> {
    fn default() -> Self {
        Self { add: BTreeSet::new(), remove: BTreeSet::new() }
    }
}

impl<T: Ord + Clone> SetChange<T> {
    /// The set as it is to be.
    pub(super) fn applied_to(&self, set: &BTreeSet<T>) -> Result<BTreeSet<T>, VaultError> {
        if self.add.intersection(&self.remove).next().is_some() {
            return Err(VaultError::Invalid("what is to be added cannot be removed as well"));
        }
        Ok(set.difference(&self.remove).chain(&self.add).cloned().collect())
    }
}

/// A token has few names and few labels.
pub(super) fn check_counts(aliases: &BTreeSet<Alias>, tags: &BTreeSet<Tag>) -> Result<(), VaultError> {
    if aliases.len() > Alias::MOST_PER_TOKEN {
        return Err(VaultError::Invalid("a token has at most 8 aliases"));
    }
    if tags.len() > Tag::MOST_PER_TOKEN {
        return Err(VaultError::Invalid("a token has at most 16 tags"));
    }
    Ok(())
}

/// What leads from a token's names and labels to it, as the row before has them and as the row after is to have them.
pub(super) fn renamed(before: Option<&TokenRow>, after: &TokenRow) -> Vec<Effect> {
    let alias_row = |alias: &Alias| AliasRow {
        tenant: after.tenant.clone(),
        alias: alias.clone(),
        token: after.token.clone(),
    };
    let tag_row = |tag: &Tag| TagRow {
        tenant: after.tenant.clone(),
        tag: tag.clone(),
        created_at: after.created_at,
        token: after.token.clone(),
    };
    let (no_aliases, no_tags) = (BTreeSet::new(), BTreeSet::new());
    let old_aliases = before.map_or(&no_aliases, |row| &row.aliases);
    let old_tags = before.map_or(&no_tags, |row| &row.tags);
    let gone = old_aliases.difference(&after.aliases).map(|alias| Effect::DeleteAlias(alias_row(alias)));
    let new = after.aliases.difference(old_aliases).map(|alias| Effect::InsertAlias(alias_row(alias)));
    let gone_tags = old_tags.difference(&after.tags).map(|tag| Effect::DeleteTag(tag_row(tag)));
    let new_tags = after.tags.difference(old_tags).map(|tag| Effect::InsertTag(tag_row(tag)));
    gone.chain(new).chain(gone_tags).chain(new_tags).collect()
}
