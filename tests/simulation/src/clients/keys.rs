//! Keys are made and rotated; token profiles are made at the beginning.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::{Idempotency, KeyView, NewKey, VaultError};
use strongroom_domain::{
    Action, KeyName, KeyPurpose, ProfileName, Protection, Reuse, ScopeName, TokenFormat, TokenProfile,
};

use super::fields::KEYS;
use super::{Oops, body_of, key, shown, text, unexpected};
use crate::asking::{Reply, Who, ask};
use crate::hold;
use crate::model::tokens::Profile;
use crate::world::{Change, TENANTS, World};

/// Makes a key, or tries to make it again.
pub(crate) async fn create(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let name = world.dice.pick(&KEYS).copied().unwrap_or_default();
    let made = {
        let mut model = hold(&world.model);
        let key = model.fields.key(tenant, name);
        key.asked += 1;
        key.made
    };
    let new = NewKey {
        name: KeyName::parse(name)?,
        purpose: KeyPurpose::FieldEncryption,
        protection: Protection::Envelope,
        value_format: None,
        rotation_days: 90,
    };
    let node = world.any_node();
    let who = Who { tenant: tenant_name, service: "key-admin" };
    let (visit, reply) = ask(&world, node, who, Action::KeyCreate, 1, |vault, call| async move {
        let render = |view: &KeyView| text(view.current_version.get().to_string());
        Box::pin(vault.create_key(&call, new, None, render)).await.map(|answer| body_of(&answer))
    })
    .await;
    world.trace.note(format_args!("node {node} {tenant_name} create key {name} -> {}", shown(&reply)));
    match reply {
        Reply::Done(_) => {
            world.released(&visit, 1, false);
            world.trace.rule(made.is_none(), "a key is made once", name);
            let mut model = hold(&world.model);
            let key = model.fields.key(tenant, name);
            key.made = Some(Change::now(&visit));
            key.newest = key.newest.max(1);
        }
        Reply::Refused(error @ VaultError::AlreadyExists) => {
            let others_asked = hold(&world.model).fields.key(tenant, name).asked > 1;
            world.trace.rule(others_asked, "a key is refused only if there is one by its name", name);
            world.refused(&visit, &error);
            hold(&world.model).fields.key(tenant, name).made.get_or_insert(Change::now(&visit));
        }
        Reply::Refused(error) => unexpected(&world, &visit, "a key-admin may make keys", &error),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

/// Gives a key for fields its next version.
pub(crate) async fn rotate(world: Arc<World>) -> Result<(), Oops> {
    let name = world.dice.pick(&KEYS).copied().unwrap_or_default();
    let tenant = world.dice.position(TENANTS.len());
    rotate_one(&world, tenant, name).await
}

/// Gives a tenant's key for tokens its next version.
pub(crate) async fn rotate_for_tokens(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    // A node that has missed two rotations does not know under which versions others leave their traces: once between
    // two quiet times, in which every node hears of it, is what the design allows for.
    {
        let mut model = hold(&world.model);
        let key = model.fields.key(tenant, "tokenization");
        if key.rotation_is_open && !world.plan.rotates_freely {
            return Ok(());
        }
        key.rotation_is_open = true;
    }
    if world.plan.rotates_freely {
        rotate_one(&world, tenant, "tokenization").await?;
    }
    rotate_one(&world, tenant, "tokenization").await
}

async fn rotate_one(world: &Arc<World>, tenant: usize, name: &'static str) -> Result<(), Oops> {
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let once = format!("rotate-{:08}", world.dice.within(0..=99_999_999));
    let attempts = world.dice.within(1..=3);
    let mut answered: Option<String> = None;
    for attempt in 0..attempts {
        let made = hold(&world.model).fields.key(tenant, name).made;
        let node = world.any_node();
        let (key_name, own_key) = (KeyName::parse(name)?, once.clone());
        let who = Who { tenant: tenant_name, service: "key-admin" };
        let (visit, reply) = ask(world, node, who, Action::KeyRotate, 1, |vault, call| async move {
            let render = |view: &KeyView| text(view.current_version.get().to_string());
            let idempotency = Idempotency { key: key(&own_key)?, target: "POST rotate", body: b"" };
            let answer = Box::pin(vault.rotate_key(&call, &key_name, Some(idempotency), render)).await?;
            Ok(body_of(&answer))
        })
        .await;
        world.trace.note(format_args!("node {node} {tenant_name} rotate {name} {once} -> {}", shown(&reply)));
        match reply {
            Reply::Done(body) => {
                world.released(&visit, 1, true);
                let version: u32 = body.parse()?;
                let again = answered.as_ref();
                let rule = "one Idempotency-Key has one answer";
                world.trace.rule(again.is_none_or(|earlier| *earlier == body), rule, &once);
                if again.is_none() {
                    let mut model = hold(&world.model);
                    let key = model.fields.key(tenant, name);
                    let is_new = key.given_out.insert(version);
                    world.trace.rule(is_new, "each rotation gives a version of its own", version);
                    key.newest = key.newest.max(version);
                    key.rotated = Some(if attempt == 0 { Change::now(&visit) } else { Change::somewhere() });
                }
                answered = Some(body);
            }
            Reply::Refused(error @ VaultError::NotFound) => {
                let known = made.is_some_and(|change| world.must_know(&visit, &change));
                world.trace.rule(!known && name != "tokenization", "a key that was made is there", name);
                world.refused(&visit, &error);
            }
            Reply::Refused(error) => unexpected(world, &visit, "a key-admin may rotate keys", &error),
            Reply::Undone | Reply::Unknown => {}
        }
    }
    Ok(())
}

/// Makes the profiles that the model speaks of, in a world without faults.
pub(crate) async fn make_profiles(world: &World) -> Result<(), Oops> {
    for tenant in TENANTS {
        for profile in Profile::ALL.into_iter().filter(|profile| *profile != Profile::Default) {
            let new = described(profile)?;
            let who = Who { tenant, service: "key-admin" };
            let (visit, reply) = ask(world, 0, who, Action::ProfileCreate, 1, |vault, call| async move {
                Box::pin(vault.create_profile(&call, new, None, |_| text(""))).await.map(drop)
            })
            .await;
            match reply {
                Reply::Done(()) => world.released(&visit, 1, false),
                other => return Err(format!("no profile {}: {}", profile.name(), shown(&other)).into()),
            }
        }
    }
    Ok(())
}

fn described(profile: Profile) -> Result<TokenProfile, Oops> {
    let standard = TokenProfile::standard(ProfileName::parse(profile.name())?);
    let same = TokenProfile {
        reuse: Reuse::Deterministic,
        min_card_digits: 15,
        scope: Some(ScopeName::parse(profile.name())?),
        ..standard.clone()
    };
    Ok(match profile {
        Profile::Default => standard,
        Profile::Same => TokenProfile { scope: None, ..same },
        Profile::SameShaped => TokenProfile { format: TokenFormat::Card, ..same },
        Profile::SameBrief => TokenProfile { ttl: Some(Duration::from_secs(45)), ..same },
        Profile::Shaped => TokenProfile { format: TokenFormat::Card, ..standard },
        Profile::OneWay => TokenProfile { reversible: false, ..standard },
        Profile::SameOneWay => TokenProfile { reversible: false, ..same },
        Profile::Once => TokenProfile { single_use: true, ..standard },
    })
}
