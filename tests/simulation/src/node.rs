//! A node: a vault that is started, crashes and is started again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use strongroom_core::ports::HsmError;
use strongroom_core::ports::store::StoreError;
use strongroom_core::{StartError, Vault, VaultError};
use strongroom_domain::NodeName;
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::hold;
use crate::life::Life;
use crate::line::Line;
use crate::world::World;

/// One of the nodes, whether or not it runs at the moment.
pub(crate) struct Node {
    pub(crate) index: usize,
    pub(crate) name: NodeName,
    pub(crate) store: Arc<Line>,
    pub(crate) hsm: Arc<Line>,
    dice: Dice,
    lives: AtomicU64,
    life: Mutex<Option<Arc<Life>>>,
    running: Mutex<Option<Running>>,
}

/// A vault that serves.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) vault: Vault,
    pub(crate) life: Arc<Life>,
    /// Which of the node's lives it is.
    pub(crate) number: u64,
    /// When it had read the registry at its start, or later.
    pub(crate) since: Instant,
}

impl Node {
    pub(crate) fn new(seed: u64, index: usize, name: NodeName) -> Self {
        let line = |what: &str| Arc::new(Line::new(Dice::named(seed, &format!("{name} {what}"))));
        Self {
            index,
            store: line("store"),
            hsm: line("hsm"),
            dice: Dice::named(seed, name.as_str()),
            name,
            lives: AtomicU64::new(0),
            life: Mutex::default(),
            running: Mutex::default(),
        }
    }

    pub(crate) fn running(&self) -> Option<Running> {
        hold(&self.running).as_ref().filter(|running| !running.life.is_over()).cloned()
    }

    /// The node crashes after so many more steps of its own; with 0, no longer.
    pub(crate) fn light_fuse(&self, points: u64) {
        if let Some(life) = hold(&self.life).as_ref() {
            life.light_fuse(points);
        }
    }

    /// Starts the node, and again after each crash, as whoever runs it would.
    pub(crate) async fn keep_running(self: Arc<Self>, world: Arc<World>) {
        loop {
            let number = self.lives.fetch_add(1, Ordering::SeqCst) + 1;
            let life = Arc::new(Life::begin());
            *hold(&self.life) = Some(Arc::clone(&life));
            let since = Instant::now();
            let opening = Box::pin(Vault::open(world.ports(&self, &life), World::settings(&self.name)));
            match life.during(opening).await {
                Some(Ok(vault)) => {
                    world.trace.note(format_args!("{} serves, life {number}", self.name));
                    *hold(&self.running) = Some(Running { vault, life: Arc::clone(&life), number, since });
                    life.over().await;
                    *hold(&self.running) = None;
                }
                Some(Err(error)) => {
                    world.trace.note(format_args!("{} does not start: {error}", self.name));
                    let excused = self.store.had_trouble(since, Duration::ZERO)
                        || self.hsm.had_trouble(since, Duration::ZERO);
                    let rule = "a node refuses to start only when its store or HSM is away";
                    world.trace.rule(is_away(&error) && excused, rule, &error);
                    life.end();
                }
                None => {}
            }
            world.trace.note(format_args!("{} is down", self.name));
            sleep(Duration::from_millis(self.dice.within(50..=2000))).await;
        }
    }
}

const fn is_away(error: &StartError) -> bool {
    matches!(
        error,
        StartError::Store(StoreError::Unavailable(_))
            | StartError::Hsm(HsmError::Unavailable(_))
            | StartError::Vault(
                VaultError::StoreUnavailable
                    | VaultError::HsmUnavailable
                    | VaultError::AuditUnavailable
                    | VaultError::Overloaded
            )
    )
}
