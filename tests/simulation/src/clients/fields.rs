//! Fields are sealed, opened and sealed anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use strongroom_core::{DecryptItem, EncryptItem, VaultError};
use strongroom_domain::{Action, Context, KeyName, Secret};

use super::{Oops, shown, unexpected};
use crate::asking::{Reply, Who, ask};
use crate::hold;
use crate::model::fields::Sealed;
use crate::world::{Change, TENANTS, World};

/// The names that keys for fields are given.
pub(crate) const KEYS: [&str; 4] = ["notes", "letters", "postcards", "diaries"];

/// Seals a field.
pub(crate) async fn encrypt(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let name = world.dice.pick(&KEYS).copied().unwrap_or_default();
    let (made, newest, rotated) = {
        let mut model = hold(&world.model);
        let key = model.fields.key(tenant, name);
        (key.made, key.newest, key.rotated)
    };
    let key = KeyName::parse(name)?;
    let text = format!("text {}", world.dice.within(0..=u64::MAX));
    let place = format!("place {}", world.dice.within(0..=3));
    let item = EncryptItem { plaintext: Secret::new(text.clone().into_bytes()), context: context(&place)? };
    let node = world.any_node();
    let who = Who { tenant: tenant_name, service: "encryptor" };
    let (visit, reply) = ask(&world, node, who, Action::Encrypt, 1, |vault, call| async move {
        Box::pin(vault.encrypt(&call, &key, &[item])).await.map(|mut items| items.pop())
    })
    .await;
    world.trace.note(format_args!("node {node} {tenant_name} encrypt {name} -> {}", shown(&reply)));
    match reply {
        Reply::Done(Some(Ok(sealed))) => {
            world.released(&visit, 1, false);
            let knows = rotated.is_some_and(|change| world.must_know(&visit, &change));
            let version = sealed.key_version.get();
            world.trace.rule(
                !knows || version >= newest,
                "new fields are sealed under the newest version",
                name,
            );
            let since = Change::now(&visit);
            let ciphertext = sealed.ciphertext;
            hold(&world.model).fields.sealed.push(Sealed {
                tenant,
                key: name.to_owned(),
                ciphertext,
                text,
                place,
                since,
            });
        }
        Reply::Refused(error @ VaultError::NotFound) => {
            let known = made.is_some_and(|change| world.must_know(&visit, &change));
            world.trace.rule(!known, "a key that was made is there", name);
            world.refused(&visit, &error);
        }
        Reply::Refused(error) => unexpected(&world, &visit, "an encryptor may seal fields", &error),
        Reply::Done(_) => world.trace.rule(false, "what is short enough can be sealed", name),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

/// Opens a field, at times in the wrong place or as the wrong tenant; or seals it anew.
pub(crate) async fn decrypt(world: Arc<World>) -> Result<(), Oops> {
    let sealed = {
        let model = hold(&world.model);
        let position = world.dice.position(model.fields.sealed.len());
        model.fields.sealed.get(position).cloned()
    };
    let Some(sealed) = sealed else { return Ok(()) };
    let (right_place, right_tenant) = (world.dice.happens(850), world.dice.happens(900));
    let anew = right_place && right_tenant && world.dice.happens(250);
    let tenant = if right_tenant { sealed.tenant } else { (sealed.tenant + 1) % TENANTS.len() };
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let place = if right_place { sealed.place.as_str() } else { "elsewhere" };
    let item =
        DecryptItem { ciphertext: sealed.ciphertext.clone(), key_version: None, context: context(place)? };
    let key = KeyName::parse(&sealed.key)?;
    let node = world.any_node();
    if anew {
        return seal_anew(&world, node, sealed, item, key).await;
    }
    let who = Who { tenant: tenant_name, service: "decryptor" };
    let (visit, reply) = ask(&world, node, who, Action::Decrypt, 1, |vault, call| async move {
        Box::pin(vault.decrypt(&call, &key, &[item])).await.map(|mut items| items.pop())
    })
    .await;
    world.trace.note(format_args!(
        "node {node} {tenant_name} decrypt {} (right place: {right_place}, right tenant: {right_tenant}) -> {}",
        sealed.key,
        match &reply {
            Reply::Done(Some(Err(error))) => error.code(),
            other => shown(other),
        }
    ));
    let must_know = world.must_know(&visit, &sealed.since);
    match reply {
        Reply::Done(Some(Ok(opened))) => {
            world.released(&visit, 1, false);
            let rule = "a field opens only where it was sealed, and for whom";
            world.trace.rule(right_place && right_tenant, rule, &sealed.key);
            let same = opened.plaintext.ct_eq(sealed.text.as_bytes());
            world.trace.rule(same, "a field opens to what was sealed", &sealed.key);
        }
        Reply::Done(Some(Err(error))) => {
            let expected = world.is_trouble(&visit, &error)
                || match error {
                    VaultError::ContextMismatch => !right_place && right_tenant,
                    VaultError::CiphertextMalformed => !right_tenant || !must_know,
                    _ => false,
                };
            world.trace.rule(expected, "a field can be opened ever after", error.code());
        }
        Reply::Refused(error) => {
            let expected = error == VaultError::NotFound && (!right_tenant || !must_know);
            world.trace.rule(expected, "a field can be opened ever after", error.code());
            world.refused(&visit, &error);
        }
        Reply::Done(None) => world.trace.rule(false, "there is one answer for each item", "none"),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

async fn seal_anew(
    world: &World,
    node: usize,
    sealed: Sealed,
    item: DecryptItem,
    key: KeyName,
) -> Result<(), Oops> {
    let who = Who { tenant: TENANTS.get(sealed.tenant).copied().unwrap_or_default(), service: "encryptor" };
    let (visit, reply) = ask(world, node, who, Action::Reencrypt, 1, |vault, call| async move {
        Box::pin(vault.reencrypt(&call, &key, &[item])).await.map(|mut items| items.pop())
    })
    .await;
    world.trace.note(format_args!(
        "node {node} {} reencrypt {} -> {}",
        who.tenant,
        sealed.key,
        shown(&reply)
    ));
    let must_know = world.must_know(&visit, &sealed.since);
    match reply {
        Reply::Done(Some(Ok(anew))) => {
            world.released(&visit, 1, false);
            let since = Change::now(&visit);
            hold(&world.model).fields.sealed.push(Sealed { ciphertext: anew.ciphertext, since, ..sealed });
        }
        Reply::Done(Some(Err(error))) => {
            let excused =
                error == VaultError::CiphertextMalformed && !must_know || world.is_trouble(&visit, &error);
            world.trace.rule(excused, "a field can be sealed anew ever after", error.code());
        }
        Reply::Refused(error) => {
            let excused = error == VaultError::NotFound && !must_know;
            world.trace.rule(excused, "a field can be sealed anew ever after", error.code());
        }
        Reply::Done(None) => world.trace.rule(false, "there is one answer for each item", "none"),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

fn context(place: &str) -> Result<Context, Oops> {
    Ok(Context::new(BTreeMap::from([("field".to_owned(), place.to_owned())]))?)
}
