//! What happens, drawn from the dice: requests side by side, bad weather, crashes, jumps of the clock.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::clients::{auditors, fields, identities, intruders, keys, making, tokens};
use crate::line::Weather;
use crate::quiet::{fall_quiet, look_over};
use crate::world::World;

/// Requests under way at the same time.
const SIDE_BY_SIDE: usize = 8;
/// Steps from one quiet time to the next, at most and at least.
const RESTLESS: std::ops::RangeInclusive<u64> = 100..=350;

type Oops = Box<dyn std::error::Error + Send + Sync>;
type Errand = fn(Arc<World>) -> Pin<Box<dyn Future<Output = Result<(), Oops>> + Send>>;

macro_rules! errand {
    ($function:path) => {
        |world| Box::pin($function(world))
    };
}

/// What clients ask for, and how often among each other.
const ERRANDS: &[(u64, Errand)] = &[
    (220, errand!(making::make)),
    (40, errand!(making::ask_again)),
    (200, errand!(tokens::reveal)),
    (25, errand!(tokens::race_to_reveal)),
    (60, errand!(tokens::look)),
    (60, errand!(tokens::delete)),
    (6, errand!(tokens::list)),
    (50, errand!(tokens::search)),
    (70, errand!(fields::encrypt)),
    (80, errand!(fields::decrypt)),
    (15, errand!(keys::create)),
    (25, errand!(keys::rotate)),
    (6, errand!(keys::rotate_for_tokens)),
    (20, errand!(identities::appoint)),
    (25, errand!(identities::dismiss)),
    (80, errand!(identities::try_office)),
    (25, errand!(intruders::reveal_without_right)),
    (15, errand!(intruders::reveal_of_another_tenant)),
    (12, errand!(auditors::search)),
    (2, errand!(auditors::export)),
];

/// Plays so many steps, or up to the first broken rule. Returns how many.
pub(crate) async fn play(world: &Arc<World>, steps: u64) -> Result<u64, Oops> {
    for node in &world.nodes {
        tokio::spawn(Arc::clone(node).keep_running(Arc::clone(world)));
    }
    while world.nodes.iter().any(|node| node.running().is_none()) {
        sleep(Duration::from_millis(10)).await;
    }
    keys::make_profiles(world).await?;
    sleep(Duration::from_millis(1500)).await;
    world.set_quiet(false);
    let mut under_way = JoinSet::new();
    let mut quiet_at = world.dice.within(RESTLESS);
    let mut step = 0;
    while step < steps && world.trace.violation().is_none() {
        step = world.trace.next_step();
        if step >= quiet_at || step == steps {
            fall_quiet(world).await;
            while let Some(ended) = under_way.join_next().await {
                ended??;
            }
            if world.trace.violation().is_none() {
                look_over(world).await?;
            }
            quiet_at = step + world.dice.within(RESTLESS);
            world.set_quiet(false);
            continue;
        }
        take_step(world, &mut under_way).await?;
        if world.dice.happens(500) {
            sleep(Duration::from_millis(world.dice.within(0..=20))).await;
        }
    }
    Ok(step)
}

async fn take_step(world: &Arc<World>, under_way: &mut JoinSet<Result<(), Oops>>) -> Result<(), Oops> {
    match world.dice.within(1..=1000) {
        1..=10 => change_weather(world),
        11..=18 => crash(world),
        19..=30 => jump(world),
        31..=60 => sleep(Duration::from_millis(world.dice.within(100..=3000))).await,
        _ => {
            while under_way.len() >= SIDE_BY_SIDE {
                if let Some(ended) = under_way.join_next().await {
                    ended??;
                }
            }
            let errand = some_errand(world);
            under_way.spawn(errand(Arc::clone(world)));
        }
    }
    Ok(())
}

fn some_errand(world: &World) -> Errand {
    let total: u64 = ERRANDS.iter().map(|(weight, _)| weight).sum();
    let mut drawn = world.dice.within(1..=total);
    for (weight, errand) in ERRANDS {
        if drawn <= *weight {
            return *errand;
        }
        drawn -= weight;
    }
    errand!(tokens::look)
}

/// One node, or both, or an HSM: for some time nothing goes as it should.
fn change_weather(world: &Arc<World>) {
    let lasts = Duration::from_millis(world.dice.within(200..=12_000));
    let weather = *world
        .dice
        .pick(&[Weather::Flaky, Weather::Flaky, Weather::Slow, Weather::Outage])
        .unwrap_or(&Weather::Flaky);
    let everywhere = world.dice.happens(300);
    let of_hsm = world.dice.happens(400);
    let first = world.any_node();
    for node in world.nodes.iter().filter(|node| everywhere || node.index == first) {
        let line = Arc::clone(if of_hsm { &node.hsm } else { &node.store });
        let what = if of_hsm { "HSM" } else { "store" };
        world.trace.note(format_args!("{}: {what} {weather:?} for {lasts:?}", node.name));
        line.set(weather);
        tokio::spawn(async move {
            sleep(lasts).await;
            line.set(Weather::Calm);
        });
    }
}

/// A node will crash, at one of its next steps.
fn crash(world: &World) {
    let points = world.dice.within(1..=60);
    if let Some(node) = world.nodes.get(world.any_node()) {
        world.trace.note(format_args!("{} is to crash after {points} more points", node.name));
        node.light_fuse(points);
    }
}

fn jump(world: &World) {
    let seconds = world.dice.within(1..=7200);
    let millis = i64::try_from(seconds * 1000).unwrap_or(0);
    let millis = if world.dice.happens(500) { -millis } else { millis };
    world.trace.note(format_args!("the clock jumps by {millis} ms"));
    world.clock.jump(millis);
}
