//! Tokens are used: revealed, looked at, deleted, listed, searched for.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_core::ports::store::TokenCursor;
use strongroom_core::{DetokenizeRequest, RevealedValue, TokenQuery, TokenView, VaultError};
use strongroom_domain::{Action, DetokenizationPurpose, ProfileName, Reveal, Shown, Token};

use super::{Oops, card, card_number, shown, unexpected};
use crate::asking::{Reply, Visit, Who, ask};
use crate::hold;
use crate::model::tokens::{CARDS, Fact, Profile};
use crate::world::{TENANTS, World};

/// Some token, by preference a new one.
pub(crate) fn some_token(world: &World) -> Option<(usize, Token, Fact)> {
    let model = hold(&world.model);
    let length = model.tokens.len();
    if length == 0 { None } else { model.tokens.nth(world.dice.position(length)) }
}

/// Reveals some token.
pub(crate) async fn reveal(world: Arc<World>) -> Result<(), Oops> {
    let Some((tenant, token, fact)) = some_token(&world) else { return Ok(()) };
    let node = world.any_node();
    let full = world.dice.happens(if fact.single_use { 400 } else { 700 });
    reveal_at(&world, node, tenant, &token, full).await;
    Ok(())
}

/// Two ask for a single-use token at the same time, at both nodes.
pub(crate) async fn race_to_reveal(world: Arc<World>) -> Result<(), Oops> {
    let candidate = {
        let model = hold(&world.model);
        let single: Vec<usize> = (0..TENANTS.len())
            .flat_map(|tenant| {
                model.tokens.of(tenant).filter(|(_, fact)| fact.single_use && !fact.may_have_ended())
            })
            .map(|(_, fact)| fact.number)
            .collect();
        let wanted = world.dice.pick(&single).copied();
        wanted.and_then(|wanted| {
            (0..model.tokens.len())
                .filter_map(|at| model.tokens.nth(at))
                .find(|found| found.2.number == wanted)
        })
    };
    let Some((tenant, token, _)) = candidate else { return Ok(()) };
    let twin = {
        let (world, token) = (Arc::clone(&world), token.clone());
        tokio::spawn(async move { reveal_at(&world, 1, tenant, &token, true).await })
    };
    reveal_at(&world, 0, tenant, &token, true).await;
    twin.await?;
    Ok(())
}

/// Reveals a token at a node, and checks the answer. `true`: the node is in order and said how the token stands.
pub(crate) async fn reveal_at(world: &World, node: usize, tenant: usize, token: &Token, full: bool) -> bool {
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let Some(before) = hold(&world.model).tokens.get(tenant, token).cloned() else { return false };
    let mine = u32::from(full);
    change(world, tenant, token, |fact| fact.reveals_asked += mine);
    let request = DetokenizeRequest {
        tokens: vec![Ok(token.into())],
        purpose: DetokenizationPurpose::Authorisation,
        reveal: if full { Reveal::Full } else { Reveal::Masked },
        encrypt_to: None,
    };
    let who = Who { tenant: tenant_name, service: "detokenizer" };
    let (visit, reply) = ask(world, node, who, Action::TokenDetokenize, 1, |vault, call| async move {
        Box::pin(vault.detokenize(&call, &request)).await.map(|mut items| items.pop())
    })
    .await;
    let item = match reply {
        Reply::Done(Some(item)) => item,
        Reply::Done(None) => {
            world.trace.rule(false, "there is one answer for each item", "none");
            return false;
        }
        Reply::Undone => {
            change(world, tenant, token, |fact| fact.reveals_asked -= mine);
            note(world, &visit, tenant_name, &before, "undone");
            return false;
        }
        Reply::Unknown => {
            note(world, &visit, tenant_name, &before, "unknown");
            return false;
        }
        Reply::Refused(error) => {
            unexpected(world, &visit, "a detokenizer may reveal tokens", &error);
            return false;
        }
    };
    let (earliest, latest) = world.clock.shown_since(visit.mark);
    match item {
        Ok(revealed) => {
            note(world, &visit, tenant_name, &before, if full { "in full" } else { "masked" });
            world.released(&visit, 1, false);
            world.trace.rule(
                before.may_be_shown(earliest),
                "a token that has ended is not shown",
                before.number,
            );
            world.trace.rule(!before.profile.is_one_way(), "a one-way token is not shown", before.number);
            let right = shows(&revealed.value, &card_number(before.card));
            world.trace.rule(right, "a token stands for the card it was made for", before.number);
            if full && before.single_use {
                change(world, tenant, token, |fact| {
                    fact.revealed += 1;
                    fact.used = true;
                });
                let revealed = hold(&world.model).tokens.get(tenant, token).map_or(0, |fact| fact.revealed);
                let on_record = hold(&world.model).record.reveals_of(token.as_str());
                let once = revealed == 1 && on_record == 1;
                let detail = format!("token {}: seen {revealed} times, {on_record} on record", before.number);
                world.trace.rule(once, "a single-use token is revealed once", detail);
            }
            true
        }
        Err(error) => {
            note(world, &visit, tenant_name, &before, error.code());
            change(world, tenant, token, |fact| fact.reveals_asked -= mine);
            if world.is_trouble(&visit, &error) {
                return false;
            }
            let now = hold(&world.model).tokens.get(tenant, token).cloned().unwrap_or(before);
            let may = now.may_be_refused(&error, latest, 0, true);
            let detail = format_args!("token {}: {}", now.number, error.code()).to_string();
            world.trace.rule(may, "a token is refused only if it may have ended", detail);
            world.refused(&visit, &error);
            settle(world, tenant, token, &error);
            true
        }
    }
}

/// Looks at some token.
pub(crate) async fn look(world: Arc<World>) -> Result<(), Oops> {
    let Some((tenant, token, _)) = some_token(&world) else { return Ok(()) };
    let node = world.any_node();
    look_at(&world, node, tenant, &token).await;
    Ok(())
}

/// Looks at a token; `true` if the node said how it stands.
pub(crate) async fn look_at(world: &World, node: usize, tenant: usize, token: &Token) -> bool {
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let Some(before) = hold(&world.model).tokens.get(tenant, token).cloned() else { return false };
    let wanted = token.clone();
    let who = Who { tenant: tenant_name, service: "gateway" };
    let (visit, reply) = ask(world, node, who, Action::TokenGet, 1, |vault, call| async move {
        Box::pin(vault.get_token(&call, &wanted)).await
    })
    .await;
    note(world, &visit, tenant_name, &before, shown(&reply));
    let (earliest, latest) = world.clock.shown_since(visit.mark);
    match reply {
        Reply::Done(view) => {
            world.released(&visit, 1, false);
            world.trace.rule(
                before.may_be_shown(earliest),
                "a token that has ended is not shown",
                before.number,
            );
            let right = is_of(&view, &before) && view.token == *token;
            world.trace.rule(right, "a token is what it was made as", before.number);
            true
        }
        Reply::Refused(error) => {
            let now = hold(&world.model).tokens.get(tenant, token).cloned().unwrap_or(before);
            let may = now.may_be_refused(&error, latest, 0, false);
            let detail = format!("token {}: {}", now.number, error.code());
            world.trace.rule(may, "a token is refused only if it may have ended", detail);
            world.refused(&visit, &error);
            settle(world, tenant, token, &error);
            true
        }
        Reply::Undone | Reply::Unknown => false,
    }
}

/// Deletes some token.
pub(crate) async fn delete(world: Arc<World>) -> Result<(), Oops> {
    let Some((tenant, token, before)) = some_token(&world) else { return Ok(()) };
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    change(&world, tenant, &token, |fact| fact.deletes_asked += 1);
    let wanted = token.clone();
    let who = Who { tenant: tenant_name, service: "tokenizer" };
    let node = world.any_node();
    let (visit, reply) = ask(&world, node, who, Action::TokenDelete, 1, |vault, call| async move {
        Box::pin(vault.delete_token(&call, &wanted)).await
    })
    .await;
    note(&world, &visit, tenant_name, &before, shown(&reply));
    match reply {
        Reply::Done(()) => {
            world.released(&visit, 1, false);
            world.trace.rule(!before.has_surely_ended(), "a token ends once", before.number);
            change(&world, tenant, &token, |fact| fact.deleted = true);
        }
        Reply::Refused(error) => {
            change(&world, tenant, &token, |fact| fact.deletes_asked -= 1);
            let now = hold(&world.model).tokens.get(tenant, &token).cloned().unwrap_or(before);
            let may = error == VaultError::NotFound && now.may_have_ended();
            world.trace.rule(may, "a token that is there can be deleted", now.number);
            world.refused(&visit, &error);
        }
        Reply::Undone => change(&world, tenant, &token, |fact| fact.deletes_asked -= 1),
        Reply::Unknown => {}
    }
    Ok(())
}

/// Lists a tenant's tokens, page by page.
pub(crate) async fn list(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let node = world.any_node();
    let page = u32::try_from(world.dice.within(20..=200))?;
    list_at(&world, node, tenant, page).await;
    Ok(())
}

/// Lists a tenant's tokens at a node; what came of it if every page was answered.
pub(crate) async fn list_at(world: &World, node: usize, tenant: usize, page: u32) -> Option<Vec<TokenView>> {
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let before: Vec<(Token, usize)> = {
        let model = hold(&world.model);
        let there = model.tokens.of(tenant).filter(|(_, fact)| fact.deletes_asked == 0 && !fact.deleted);
        there.map(|(token, fact)| (token.clone(), fact.number)).collect()
    };
    let mut listed: Vec<TokenView> = Vec::new();
    let mut after: Option<TokenCursor> = None;
    loop {
        let query = TokenQuery { after: after.clone(), limit: page, ..TokenQuery::default() };
        let who = Who { tenant: tenant_name, service: "tokenizer" };
        let (visit, reply) = ask(world, node, who, Action::TokenList, 1, |vault, call| async move {
            Box::pin(vault.list_tokens(&call, &query)).await
        })
        .await;
        world.trace.note(format_args!("node {node} {tenant_name} list -> {}", shown(&reply)));
        match reply {
            Reply::Done(part) => {
                world.released(&visit, 1, false);
                listed.extend(part.tokens);
                after = part.next;
            }
            Reply::Refused(error) => {
                unexpected(world, &visit, "a tokenizer may list tokens", &error);
                return None;
            }
            Reply::Undone | Reply::Unknown => return None,
        }
        if after.is_none() {
            break;
        }
    }
    let tokens: BTreeSet<&Token> = listed.iter().map(|view| &view.token).collect();
    world.trace.rule(tokens.len() == listed.len(), "a list names each token once", listed.len());
    let model = hold(&world.model);
    for (token, number) in &before {
        let may_be_gone =
            model.tokens.get(tenant, token).is_none_or(|fact| fact.deleted || fact.deletes_asked > 0);
        let rule = "a list names every token that is there";
        world.trace.rule(may_be_gone || tokens.contains(token), rule, number);
    }
    for view in &listed {
        let known = model.tokens.get(tenant, &view.token);
        let fits = match known {
            Some(fact) => is_of(view, fact),
            None => wish_of(view)
                .is_some_and(|(profile, card)| model.tokens.is_wished_for((tenant, profile, card))),
        };
        let detail = known.map_or("one nobody asked for".to_owned(), |fact| format!("token {}", fact.number));
        world.trace.rule(fits, "a list names only the tenant's own tokens, as they were made", detail);
    }
    drop(model);
    Some(listed)
}

/// Looks for the tokens of a card.
pub(crate) async fn search(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let index = world.dice.position(CARDS);
    let profile = world.dice.pick(&Profile::ALL).copied().unwrap_or(Profile::Default);
    let of_card = |fact: &Fact| (fact.card, fact.profile) == (index, profile);
    let before: Vec<(Token, Fact)> = {
        let model = hold(&world.model);
        let known = model.tokens.of(tenant).filter(|(_, fact)| of_card(fact));
        known.map(|(token, fact)| (token.clone(), fact.clone())).collect()
    };
    let rotation = {
        let mut model = hold(&world.model);
        let key = model.fields.key(tenant, "tokenization");
        (key.rotation_is_open, key.rotated)
    };
    let name = ProfileName::parse(profile.name())?;
    let node = world.any_node();
    let who = Who { tenant: tenant_name, service: "tokenizer" };
    let (visit, reply) = ask(&world, node, who, Action::TokenSearch, 1, |vault, call| async move {
        Box::pin(vault.search_tokens(&call, &card(index), &name)).await
    })
    .await;
    let shown = shown(&reply);
    world
        .trace
        .note(format_args!("node {node} {tenant_name} search card {index} {} -> {shown}", profile.name()));
    let found = match reply {
        Reply::Done(found) => found,
        Reply::Refused(error) => {
            unexpected(&world, &visit, "a tokenizer may search", &error);
            return Ok(());
        }
        Reply::Undone | Reply::Unknown => return Ok(()),
    };
    world.released(&visit, 1, false);
    let (earliest, _) = world.clock.shown_since(visit.mark);
    // A token that was replaced after its end is not found again when the clock is set back.
    let latest = world.clock.latest_ever();
    // A token made under a version that this node has not heard of yet is found a moment later.
    let (rotating, rotated) = rotation;
    let knows_all_versions = !rotating && rotated.is_none_or(|change| world.must_know(&visit, &change));
    let model = hold(&world.model);
    for (token, fact) in &before {
        let is_found = found.iter().any(|view| view.token == *token);
        let lives = model.tokens.get(tenant, token).is_some_and(|now| !now.may_have_ended())
            && fact.expires_at.is_none_or(|end| end > latest);
        let rule = "a search finds every live token of the card";
        world.trace.rule(is_found || !lives || !knows_all_versions, rule, fact.number);
        let rule = "a search finds no token that has ended";
        world.trace.rule(!is_found || fact.may_be_shown(earliest), rule, fact.number);
    }
    for view in &found {
        let fits = model.tokens.get(tenant, &view.token).map_or_else(
            || model.tokens.is_wished_for((tenant, profile, index)),
            |fact| of_card(fact) && is_of(view, fact),
        );
        world.trace.rule(fits, "a search finds only tokens of the card", index);
    }
    Ok(())
}

/// By which profile and for which card a token nobody was told of was made.
pub(crate) fn wish_of(view: &TokenView) -> Option<(Profile, usize)> {
    let profile = Profile::named(view.profile.as_str())?;
    let Shown::Card { last_four: Some(last_four), .. } = view.shown else { return None };
    let ends = |index: &usize| card_number(*index).ends_with(&last_four.to_string());
    Some((profile, (0..CARDS).find(ends)?))
}

fn is_of(view: &TokenView, fact: &Fact) -> bool {
    wish_of(view) == Some((fact.profile, fact.card))
        && view.expires_at == fact.expires_at
        && view.is_single_use() == fact.single_use
}

/// A refusal tells how the token stands.
fn settle(world: &World, tenant: usize, token: &Token, error: &VaultError) {
    change(world, tenant, token, |fact| match error {
        VaultError::NotFound => fact.deleted = true,
        VaultError::TokenUsed => fact.used = true,
        _ => {}
    });
}

fn change(world: &World, tenant: usize, token: &Token, change: impl FnOnce(&mut Fact)) {
    if let Some(fact) = hold(&world.model).tokens.get_mut(tenant, token) {
        change(fact);
    }
}

fn note(world: &World, visit: &Visit, tenant: &str, fact: &Fact, outcome: &str) {
    world.trace.note(format_args!(
        "node {} {tenant} {} token {} (card {} {}) -> {outcome}",
        visit.node,
        visit.action,
        fact.number,
        fact.card,
        fact.profile.name()
    ));
}

fn shows(shown: &RevealedValue, wanted: &str) -> bool {
    match shown {
        RevealedValue::Full(value) => value.identity() == wanted.as_bytes(),
        RevealedValue::Encrypted { .. } => false,
        RevealedValue::Masked { text, .. } => {
            text.len() == wanted.len()
                && text.bytes().zip(wanted.bytes()).all(|(seen, digit)| seen == b'*' || seen == digit)
        }
    }
}
