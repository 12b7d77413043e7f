//! Tokens are made: singly and several at a time, with an `Idempotency-Key` and without.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use strongroom_core::{Idempotency, Metadata, NewToken, Tokenized, VaultError};
use strongroom_domain::{Action, ProfileName, Timestamp, Token};

use super::{Oops, body_of, card, key, shown, text};
use crate::asking::{Reply, Visit, Who, ask};
use crate::hold;
use crate::model::tokens::{CARDS, Item, Kept, Profile, Told};
use crate::world::{TENANTS, World};

const TARGET: &str = "POST /v1/tokens";

/// Asks for some tokens, again if the answer does not come, perhaps at the other node, perhaps at both at once.
pub(crate) async fn make(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let count = if world.dice.happens(700) { 1 } else { world.dice.within(2..=4) };
    let items: Vec<Item> = (0..count).map(|_| some_item(&world)).collect();
    if world.dice.happens(500) {
        make_once(&world, tenant, items).await
    } else {
        let node = world.any_node();
        make_at(&world, node, tenant, &items).await.map(drop)
    }
}

/// Asks for some tokens once; whether it was answered.
pub(crate) async fn make_at(world: &World, node: usize, tenant: usize, items: &[Item]) -> Result<bool, Oops> {
    hold(&world.model).tokens.wish(tenant, items);
    let (visit, reply) = try_to_make(world, node, tenant, items, None).await?;
    match reply {
        Reply::Done(body) => {
            take_in(world, &visit, std::slice::from_ref(&visit), tenant, items, &body)?;
            hold(&world.model).tokens.wish_is_settled(tenant, items);
            return Ok(true);
        }
        Reply::Undone => hold(&world.model).tokens.wish_is_settled(tenant, items),
        Reply::Unknown => {}
        Reply::Refused(error) => super::unexpected(world, &visit, "a tokenizer may make tokens", &error),
    }
    Ok(false)
}

async fn make_once(world: &Arc<World>, tenant: usize, items: Vec<Item>) -> Result<(), Oops> {
    let name = format!("order-{:012}", world.dice.within(0..=999_999_999_999));
    if hold(&world.model).tokens.answers.iter().any(|kept| kept.key == name) {
        return Ok(());
    }
    hold(&world.model).tokens.wish(tenant, &items);
    let mut answered: Option<String> = None;
    let mut certain = true;
    let mut visits = Vec::new();
    let attempts = world.dice.within(1..=4);
    for _ in 0..attempts {
        let node = world.any_node();
        let both = world.dice.happens(100);
        let mut replies = Vec::with_capacity(2);
        if both {
            let other = world.any_node();
            let twin = {
                let (world, items, name) = (Arc::clone(world), items.clone(), name.clone());
                tokio::spawn(async move { try_to_make(&world, other, tenant, &items, Some(&name)).await })
            };
            replies.push(try_to_make(world, node, tenant, &items, Some(&name)).await?);
            replies.push(twin.await??);
        } else {
            replies.push(try_to_make(world, node, tenant, &items, Some(&name)).await?);
        }
        visits.extend(replies.iter().map(|(visit, _)| visit.clone()));
        for (visit, reply) in replies {
            match reply {
                Reply::Done(body) => {
                    let same = answered.as_ref().is_none_or(|earlier| *earlier == body);
                    world.trace.rule(same, "one Idempotency-Key has one answer", &name);
                    take_in(world, &visit, &visits, tenant, &items, &body)?;
                    answered = Some(body);
                }
                Reply::Unknown => certain = false,
                Reply::Undone => {}
                Reply::Refused(VaultError::IdempotencyInProgress) if both => {}
                Reply::Refused(error) => {
                    super::unexpected(world, &visit, "a tokenizer may make tokens", &error);
                }
            }
        }
        if answered.is_some() && world.dice.happens(800) {
            break;
        }
    }
    let mut model = hold(&world.model);
    if answered.is_some() || certain {
        model.tokens.wish_is_settled(tenant, &items);
    }
    if let Some(answer) = answered {
        model.tokens.answers.push(Kept { tenant, key: name, items, answer });
    }
    Ok(())
}

/// Asks again for what was answered long ago; or for something else under the same key.
pub(crate) async fn ask_again(world: Arc<World>) -> Result<(), Oops> {
    let kept = {
        let model = hold(&world.model);
        let position = world.dice.position(model.tokens.answers.len());
        model.tokens.answers.get(position).cloned()
    };
    let Some(kept) = kept else { return Ok(()) };
    let node = world.any_node();
    if world.dice.happens(300) {
        let other = vec![Item { card: CARDS, profile: Profile::Default, seconds: None, single_use: false }];
        let (visit, reply) = try_to_make(&world, node, kept.tenant, &other, Some(&kept.key)).await?;
        match reply {
            Reply::Refused(error @ VaultError::IdempotencyConflict) => world.refused(&visit, &error),
            // Somebody else is asking again at this moment.
            Reply::Refused(VaultError::IdempotencyInProgress) | Reply::Undone | Reply::Unknown => {}
            _ => world.trace.rule(false, "an Idempotency-Key is for one request", shown(&reply)),
        }
        return Ok(());
    }
    let (visit, reply) = try_to_make(&world, node, kept.tenant, &kept.items, Some(&kept.key)).await?;
    match reply {
        Reply::Done(body) => {
            world.trace.rule(body == kept.answer, "one Idempotency-Key has one answer", &kept.key);
            world.released(&visit, 1, true);
        }
        Reply::Undone | Reply::Unknown => {}
        Reply::Refused(VaultError::IdempotencyInProgress) => {}
        Reply::Refused(error) => super::unexpected(&world, &visit, "an answer is given again", &error),
    }
    Ok(())
}

/// One request at one node, with its line in the history.
pub(crate) async fn try_to_make(
    world: &World,
    node: usize,
    tenant: usize,
    items: &[Item],
    name: Option<&str>,
) -> Result<(Visit, Reply<String>), Oops> {
    let mut new = Vec::with_capacity(items.len());
    for item in items {
        new.push(Ok(NewToken {
            value: card(item.card),
            profile: ProfileName::parse(item.profile.name())?,
            ttl: item.seconds.map(Duration::from_secs),
            max_uses: item.single_use.then_some(NonZeroU32::MIN),
            metadata: Metadata::default(),
            aliases: BTreeSet::new(),
            tags: BTreeSet::new(),
            security_code: None,
            security_code_ttl: None,
        }));
    }
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let who = Who { tenant: tenant_name, service: "tokenizer" };
    let body = format!("{items:?}");
    let name_owned = name.map(str::to_owned);
    let (visit, reply) = ask(world, node, who, Action::TokenCreate, items.len(), |vault, call| async move {
        let idempotency = match &name_owned {
            None => None,
            Some(name) => Some(Idempotency { key: key(name)?, target: TARGET, body: body.as_bytes() }),
        };
        Box::pin(vault.tokenize(&call, new, idempotency, |output| render(output)))
            .await
            .map(|answer| body_of(&answer))
    })
    .await;
    let described: Vec<_> = items
        .iter()
        .map(|item| {
            format!("card {} {}{}", item.card, item.profile.name(), if item.single_use { "!" } else { "" })
        })
        .collect();
    world.trace.note(format_args!(
        "node {node} {tenant_name} tokenize [{}] {} -> {}",
        described.join(", "),
        name.unwrap_or(""),
        shown(&reply)
    ));
    Ok((visit, reply))
}

fn render(output: &[Result<Tokenized, VaultError>]) -> strongroom_core::Answer {
    let line = |result: &Result<Tokenized, VaultError>| match result {
        Ok(made) => format!(
            "ok {} {} {} {}",
            made.token.token,
            made.created,
            made.token.expires_at.map_or(0, Timestamp::unix_millis),
            made.token.is_single_use()
        ),
        Err(error) => format!("err {}", error.code()),
    };
    text(output.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn read_line(line: &str) -> Option<Result<Told, String>> {
    let mut words = line.split(' ');
    match words.next()? {
        "ok" => {
            let token = Token::parse(words.next()?).ok()?;
            let created = words.next()?.parse().ok()?;
            let expires: i64 = words.next()?.parse().ok()?;
            let single_use = words.next()?.parse().ok()?;
            let expires_at = (expires != 0).then(|| Timestamp::from_unix_millis(expires));
            Some(Ok(Told { token, created, expires_at, single_use }))
        }
        "err" => Some(Err(words.next()?.to_owned())),
        _ => None,
    }
}

/// An answer came: each item is checked against the model. Of several visits with the same request any may have made
/// the answer, and the others been given it again.
fn take_in(
    world: &World,
    visit: &Visit,
    visits: &[Visit],
    tenant: usize,
    items: &[Item],
    body: &str,
) -> Result<(), Oops> {
    let again = visits.len() > 1;
    let results: Option<Vec<_>> = body.lines().map(read_line).collect();
    let results = results.ok_or("an answer cannot be read")?;
    let successes = results.iter().filter(|result| result.is_ok()).count();
    world.released(visit, successes, again);
    world.trace.rule(results.len() == items.len(), "there is one answer for each item", results.len());
    let latest = world.clock.latest_ever();
    let (earliest_now, latest_now) = world.clock.shown_since(visit.mark);
    for (item, result) in items.iter().zip(results) {
        match result {
            Ok(told) => {
                let rule = "a token lives as long as was asked for";
                let lives = told.expires_at.is_some()
                    == (item.seconds.is_some() || item.profile == Profile::SameBrief);
                world.trace.rule(lives, rule, item.profile.name());
                if let (Some(end), Some(seconds), true, false) =
                    (told.expires_at, item.seconds, told.created, again)
                {
                    let length = Duration::from_secs(seconds);
                    let fits = end >= earliest_now.plus(length) && end <= latest_now.plus(length);
                    world.trace.rule(fits, rule, seconds);
                }
                let learned = hold(&world.model).tokens.learn(tenant, *item, &told, latest);
                if let Err(rule) = learned {
                    world.trace.rule(false, rule, format_args!("card {} {}", item.card, item.profile.name()));
                }
            }
            Err(code) => {
                let cannot_be =
                    item.single_use && (item.profile.is_deterministic() || item.profile.is_one_way());
                let expected = cannot_be && code == "invalid_request" || explains(world, visits, &code);
                world.trace.rule(expected, "a token is refused only for a reason", &code);
            }
        }
    }
    Ok(())
}

fn explains(world: &World, visits: &[Visit], code: &str) -> bool {
    let errors = [VaultError::StoreUnavailable, VaultError::HsmUnavailable, VaultError::AuditUnavailable];
    let error = errors.iter().find(|error| error.code() == code);
    error.is_some_and(|error| world.explains(visits, error))
}

fn some_item(world: &World) -> Item {
    let profile = world.dice.pick(&Profile::ALL).copied().unwrap_or(Profile::Default);
    let fixed_time =
        matches!(profile, Profile::Same | Profile::SameShaped | Profile::SameBrief | Profile::SameOneWay);
    Item {
        card: world.dice.position(CARDS),
        profile,
        seconds: (!fixed_time && world.dice.happens(150)).then(|| world.dice.within(1..=120)),
        single_use: world.dice.happens(if fixed_time { 20 } else { 200 }),
    }
}
