//! Identities are made known, appointed, tried, and taken out of office.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::Clock;
use strongroom_core::ports::store::GrantId;
use strongroom_core::{GrantView, Idempotency, NewGrant, NewIdentity, VaultError};
use strongroom_domain::{Action, Role, ServiceName};

use super::{Oops, body_of, key, shown, text, unexpected};
use crate::asking::{Reply, Who, ask};
use crate::hold;
use crate::model::people::Person;
use crate::world::{Change, TENANTS, World};

/// Makes somebody known and appoints them.
pub(crate) async fn appoint(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.position(TENANTS.len());
    let Some(position) = make_known(&world, tenant).await? else { return Ok(()) };
    let Some(person) = person(&world, position) else { return Ok(()) };
    let who = Who { tenant: TENANTS.get(tenant).copied().unwrap_or_default(), service: "identity-admin" };
    let ends = world.dice.happens(250).then(|| {
        let seconds = world.dice.within(60..=600);
        world.clock.now().plus(Duration::from_secs(seconds))
    });
    change(&world, position, |person| {
        person.appointment_asked = true;
        person.appointment_ends = ends;
    });
    for attempt in 0..world.dice.within(1..=3) {
        let service = ServiceName::parse(&person.service)?;
        let grant = NewGrant {
            role: Role::Tokenizer,
            encrypted_only: false,
            reason: "simulated".to_owned(),
            expires_at: ends,
        };
        let once = format!("appoint-{}", person.service);
        let node = world.any_node();
        let (visit, reply) = ask(&world, node, who, Action::GrantCreate, 1, |vault, call| async move {
            let render = |view: &GrantView| text(view.id.to_string());
            let idempotency = Idempotency { key: key(&once)?, target: "POST grant", body: b"" };
            let work = vault.create_grant(&call, &service, grant, Some(idempotency), render);
            Box::pin(work).await.map(|answer| body_of(&answer))
        })
        .await;
        world.trace.note(format_args!(
            "node {node} {} appoint {} -> {}",
            who.tenant,
            person.service,
            shown(&reply)
        ));
        match reply {
            Reply::Done(body) => {
                world.released(&visit, 1, true);
                let id = GrantId::parse(&body).ok_or("a grant's id cannot be read")?;
                let earlier = self::person(&world, position).and_then(|person| person.appointed);
                let same = earlier.is_none_or(|(earlier, _)| earlier == id);
                world.trace.rule(same, "one Idempotency-Key has one answer", &person.service);
                let since = if attempt == 0 { Change::now(&visit) } else { Change::somewhere() };
                change(&world, position, |person| {
                    person.appointed.get_or_insert((id, since));
                });
            }
            Reply::Refused(error @ VaultError::NotFound) => {
                let known = world.must_know(&visit, &person.known_since);
                world.trace.rule(!known, "an identity that was made known is there", &person.service);
                world.refused(&visit, &error);
            }
            Reply::Refused(VaultError::Invalid(_))
                if ends.is_some_and(|end| end <= world.clock.latest_ever()) => {}
            // An earlier attempt that nobody was told of was just done.
            Reply::Refused(VaultError::AlreadyExists) if attempt > 0 => {}
            Reply::Refused(error) => unexpected(&world, &visit, "an identity-admin may appoint", &error),
            Reply::Undone | Reply::Unknown => {}
        }
    }
    Ok(())
}

async fn make_known(world: &World, tenant: usize) -> Result<Option<usize>, Oops> {
    let number = {
        let mut model = hold(&world.model);
        model.people.named += 1;
        model.people.named
    };
    let name = format!("person-{number}");
    let who = Who { tenant: TENANTS.get(tenant).copied().unwrap_or_default(), service: "identity-admin" };
    for attempt in 0..3 {
        let identity = NewIdentity {
            service: ServiceName::parse(&name)?,
            reason: "simulated".to_owned(),
            expires_at: None,
        };
        let once = format!("make-{name}");
        let node = world.any_node();
        let (visit, reply) = ask(world, node, who, Action::IdentityCreate, 1, |vault, call| async move {
            let idempotency = Idempotency { key: key(&once)?, target: "POST identity", body: b"" };
            Box::pin(vault.create_identity(&call, identity, Some(idempotency), |_| text(""))).await.map(drop)
        })
        .await;
        world.trace.note(format_args!("node {node} {} make known {name} -> {}", who.tenant, shown(&reply)));
        match reply {
            Reply::Done(()) => {
                world.released(&visit, 1, true);
                let person = Person {
                    tenant,
                    service: name,
                    known_since: if attempt == 0 { Change::now(&visit) } else { Change::somewhere() },
                    appointment_asked: false,
                    appointed: None,
                    appointment_ends: None,
                    end_asked: false,
                    ended: None,
                };
                let mut model = hold(&world.model);
                model.people.all.push(person);
                return Ok(Some(model.people.all.len() - 1));
            }
            // An earlier attempt that nobody was told of was just done.
            Reply::Refused(VaultError::AlreadyExists) if attempt > 0 => {}
            Reply::Refused(error) => unexpected(world, &visit, "an identity-admin may make known", &error),
            Reply::Undone | Reply::Unknown => {}
        }
    }
    Ok(None)
}

/// Takes somebody out of office.
pub(crate) async fn dismiss(world: Arc<World>) -> Result<(), Oops> {
    let Some((position, person)) = somebody(&world) else { return Ok(()) };
    let Some((grant, appointed)) = person.appointed else { return Ok(()) };
    change(&world, position, |person| person.end_asked = true);
    let revokes = world.dice.happens(500);
    let action = if revokes { Action::GrantRevoke } else { Action::IdentityDisable };
    let service = ServiceName::parse(&person.service)?;
    let node = world.any_node();
    let who =
        Who { tenant: TENANTS.get(person.tenant).copied().unwrap_or_default(), service: "identity-admin" };
    let (visit, reply) = ask(&world, node, who, action, 1, |vault, call| async move {
        if revokes {
            Box::pin(vault.revoke_grant(&call, &service, grant)).await.map(drop)
        } else {
            Box::pin(vault.disable_identity(&call, &service)).await.map(drop)
        }
    })
    .await;
    world.trace.note(format_args!(
        "node {node} {} {action} {} -> {}",
        who.tenant,
        person.service,
        shown(&reply)
    ));
    match reply {
        Reply::Done(()) => {
            world.released(&visit, 1, false);
            let since = Change::now(&visit);
            change(&world, position, |person| {
                person.ended.get_or_insert(since);
            });
        }
        Reply::Refused(error @ VaultError::NotFound) => {
            let known = world.must_know(&visit, &appointed);
            world.trace.rule(!known, "an appointment that was made is there", &person.service);
            world.refused(&visit, &error);
        }
        Reply::Refused(error) => unexpected(&world, &visit, "an identity-admin may dismiss", &error),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

/// Somebody tries what the appointment allows.
pub(crate) async fn try_office(world: Arc<World>) -> Result<(), Oops> {
    let Some((position, before)) = somebody(&world) else { return Ok(()) };
    let node = world.any_node();
    let who =
        Who { tenant: TENANTS.get(before.tenant).copied().unwrap_or_default(), service: &before.service };
    let (visit, reply) = ask(&world, node, who, Action::ProfileList, 1, |vault, call| async move {
        Box::pin(vault.list_profiles(&call)).await.map(drop)
    })
    .await;
    world.trace.note(format_args!(
        "node {node} {} {} tries -> {}",
        who.tenant,
        before.service,
        shown(&reply)
    ));
    let after = person(&world, position).unwrap_or_else(|| before.clone());
    let (earliest, latest) = world.clock.shown_since(visit.mark);
    match reply {
        Reply::Done(()) => {
            world.released(&visit, 1, false);
            world.trace.rule(
                after.appointment_asked,
                "nobody may do what they were not appointed to",
                &before.service,
            );
            let must_be_refused = before.ended.is_some_and(|change| world.must_know(&visit, &change))
                || before.appointment_ends.is_some_and(|end| end <= earliest);
            let rule = "who was dismissed is refused: at once where that was acknowledged, elsewhere within a second";
            world.trace.rule(!must_be_refused, rule, &before.service);
        }
        Reply::Refused(error @ VaultError::PermissionDenied) => {
            let must_be_let = before.appointed.is_some_and(|(_, change)| world.must_know(&visit, &change))
                && !after.end_asked
                && after.appointment_ends.is_none_or(|end| end > latest);
            world.trace.rule(!must_be_let, "who was appointed may do what that allows", &before.service);
            world.refused(&visit, &error);
        }
        Reply::Refused(error) => unexpected(&world, &visit, "a tokenizer may list profiles", &error),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

/// Somebody, by preference of late.
fn somebody(world: &World) -> Option<(usize, Person)> {
    let model = hold(&world.model);
    let length = model.people.all.len();
    let recent = world.dice.position(length.min(6));
    let position = length.checked_sub(recent + 1)?;
    Some((position, model.people.all.get(position)?.clone()))
}

fn person(world: &World, position: usize) -> Option<Person> {
    hold(&world.model).people.all.get(position).cloned()
}

fn change(world: &World, position: usize, change: impl FnOnce(&mut Person)) {
    if let Some(person) = hold(&world.model).people.all.get_mut(position) {
        change(person);
    }
}
