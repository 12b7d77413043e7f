//! A quiet time: no faults, nothing under way. The nodes come back by themselves, what was in doubt is looked up, and
//! everything must add up.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::clients::auditors::export_from;
use crate::clients::making::make_at;
use crate::clients::tokens::{list_at, look_at, reveal_at, wish_of};
use crate::hold;
use crate::line::Weather;
use crate::model::tokens::{Item, Profile, Told};
use crate::world::{TENANTS, World};

/// How long the nodes may take to come back.
const RECOVERY: Duration = Duration::from_secs(15);
/// By then every node has heard of everything.
const NEWS: Duration = Duration::from_millis(1500);
/// Tokens beside those in doubt that are looked at on every node.
const SAMPLE: usize = 8;

type Oops = Box<dyn std::error::Error + Send + Sync>;

/// Ends all faults and waits until every node serves.
pub(crate) async fn fall_quiet(world: &World) {
    world.set_quiet(true);
    for node in &world.nodes {
        node.store.set(Weather::Calm);
        node.hsm.set(Weather::Calm);
        node.light_fuse(0);
    }
}

/// Looks everything over. Nothing is under way.
pub(crate) async fn look_over(world: &Arc<World>) -> Result<(), Oops> {
    world.trace.note("quiet");
    for node in 0..world.nodes.len() {
        recover(world, node).await?;
    }
    sleep(NEWS).await;
    find_out(world).await?;
    take_stock(world).await?;
    for node in 0..world.nodes.len() {
        let had = export_from(world, node).await?;
        world.trace.rule(had, "a node that has no trouble answers", node);
    }
    let mut model = hold(&world.model);
    for tenant in 0..TENANTS.len() {
        model.fields.key(tenant, "tokenization").rotation_is_open = false;
    }
    Ok(())
}

/// The node serves again, without anybody's help.
async fn recover(world: &Arc<World>, node: usize) -> Result<(), Oops> {
    let item = Item { card: 0, profile: Profile::Default, seconds: None, single_use: false };
    let since = Instant::now();
    for tenant in 0..TENANTS.len() {
        while !make_at(world, node, tenant, &[item]).await? {
            if since.elapsed() > RECOVERY || world.trace.violation().is_some() {
                world.trace.rule(false, "a node recovers by itself when the faults end", node);
                return Ok(());
            }
            sleep(Duration::from_millis(500)).await;
        }
    }
    Ok(())
}

/// Whatever may have ended is looked at on every node, and they agree.
async fn find_out(world: &Arc<World>) -> Result<(), Oops> {
    let mut tokens = Vec::new();
    {
        let model = hold(&world.model);
        for tenant in 0..TENANTS.len() {
            let open = model.tokens.of(tenant).filter(|(_, fact)| !fact.is_settled());
            tokens.extend(open.map(|(token, _)| (tenant, token.clone())));
        }
    }
    for (tenant, token) in tokens {
        for node in 0..world.nodes.len() {
            let answered = look_at(world, node, tenant, &token).await;
            world.trace.rule(answered, "a node that has no trouble answers", node);
            if let Some(fact) = hold(&world.model).tokens.get_mut(tenant, &token) {
                // What was on its way has arrived or never will.
                fact.deletes_asked = 0;
                fact.reveals_asked = 0;
            }
        }
    }
    for _ in 0..SAMPLE {
        let some = {
            let model = hold(&world.model);
            model.tokens.nth(world.dice.position(model.tokens.len()))
        };
        let Some((tenant, token, fact)) = some else { continue };
        for node in 0..world.nodes.len() {
            let answered = reveal_at(world, node, tenant, &token, !fact.single_use).await;
            world.trace.rule(answered, "a node that has no trouble answers", node);
        }
    }
    Ok(())
}

/// Every token that is there was asked for, and for each time it was asked for there is one at most.
async fn take_stock(world: &Arc<World>) -> Result<(), Oops> {
    for tenant in 0..TENANTS.len() {
        let Some(listed) = list_at(world, world.any_node(), tenant, 500).await else {
            world.trace.rule(false, "a node that has no trouble answers", tenant);
            return Ok(());
        };
        let latest = world.clock.latest_ever();
        let mut model = hold(&world.model);
        for view in listed {
            if model.tokens.get(tenant, &view.token).is_some() {
                continue;
            }
            let Some((profile, card)) = wish_of(&view) else { continue };
            let granted = model.tokens.grant_wish((tenant, profile, card));
            let rule = "a request has its effect once at most";
            world.trace.rule(granted, rule, format_args!("card {card} {}", profile.name()));
            let item = Item { card, profile, seconds: None, single_use: view.is_single_use() };
            let single_use = view.is_single_use();
            let told = Told { token: view.token, created: true, expires_at: view.expires_at, single_use };
            if let Err(rule) = model.tokens.learn(tenant, item, &told, latest) {
                world.trace.rule(false, rule, format_args!("card {card} {}", profile.name()));
            }
        }
    }
    hold(&world.model).tokens.forget_wishes();
    Ok(())
}
