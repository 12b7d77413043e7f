//! What lies between a node and its store or HSM, and what goes wrong there.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::hold;
use crate::life::Life;

/// How a line fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Quick, and nothing fails.
    Calm,
    /// One leg in eight fails.
    Flaky,
    /// Everything arrives, late.
    Slow,
    /// Nothing arrives.
    Outage,
}

/// The way did not lead there, or not back.
pub(crate) struct Broken;

/// Between one node and its store, or its HSM.
pub(crate) struct Line {
    pub(crate) dice: Dice,
    weather: Mutex<Weather>,
    last_trouble: Mutex<Option<Instant>>,
}

impl Line {
    pub(crate) const fn new(dice: Dice) -> Self {
        Self { dice, weather: Mutex::new(Weather::Calm), last_trouble: Mutex::new(None) }
    }

    pub(crate) fn set(&self, weather: Weather) {
        if *hold(&self.weather) != Weather::Calm {
            self.note_trouble();
        }
        *hold(&self.weather) = weather;
    }

    /// One leg of the way, there or back. The node may crash before it and after it.
    pub(crate) async fn leg(&self, life: &Life) -> Result<(), Broken> {
        life.point().await;
        let weather = *hold(&self.weather);
        let millis = match weather {
            Weather::Slow => self.dice.within(50..=1500),
            _ if self.dice.happens(10) => self.dice.within(5..=40),
            _ => self.dice.within(0..=2),
        };
        if millis > 0 {
            sleep(Duration::from_millis(millis)).await;
        }
        life.point().await;
        let breaks = match weather {
            Weather::Calm => return Ok(()),
            Weather::Slow => false,
            Weather::Flaky => self.dice.happens(120),
            Weather::Outage => true,
        };
        self.note_trouble();
        if breaks { Err(Broken) } else { Ok(()) }
    }

    pub(crate) fn note_trouble(&self) {
        *hold(&self.last_trouble) = Some(Instant::now());
    }

    pub(crate) fn last_trouble(&self) -> Option<Instant> {
        *hold(&self.last_trouble)
    }

    /// Whether something went wrong since then, or up to so long before.
    pub(crate) fn had_trouble(&self, since: Instant, slack: Duration) -> bool {
        self.last_trouble().is_some_and(|at| at + slack >= since)
    }
}
