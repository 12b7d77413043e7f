//! Plays seed after seed for as long as asked: `cargo run -p strongroom-simulation --release -- --steps 1000000`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use strongroom_simulation::{Plan, run};

/// Random requests and faults against the whole core, from a seed.
#[derive(Parser)]
struct Options {
    /// How many steps in all.
    #[arg(long, default_value_t = 100_000)]
    steps: u64,
    /// The first seed; each run takes the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps with one seed.
    #[arg(long, default_value_t = 2_000)]
    steps_per_seed: u64,
    /// Runs side by side.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Go on to the next seed after a failure.
    #[arg(long)]
    keep_going: bool,
    /// Let commits be written after their callers were told that there is no answer.
    #[arg(long)]
    late_commits: bool,
    /// Tell all that happens, not only what led up to a failure.
    #[arg(long)]
    history: bool,
    /// Rotate keys for tokens before every node has heard of the last rotation.
    #[arg(long)]
    rotate_freely: bool,
}

#[expect(clippy::print_stdout, reason = "the report is what this command is for")]
fn main() -> ExitCode {
    let options = Options::parse();
    let (next_seed, taken) = (AtomicU64::new(options.seed), AtomicU64::new(0));
    let (failures, stopped) = (AtomicU64::new(0), AtomicBool::new(false));
    let began = Instant::now();
    let last_told = Mutex::new(began);
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while taken.load(Ordering::SeqCst) < options.steps && !stopped.load(Ordering::SeqCst) {
                    let seed = next_seed.fetch_add(1, Ordering::SeqCst);
                    let left = options.steps.saturating_sub(taken.load(Ordering::SeqCst));
                    let plan = Plan {
                        late_commits: options.late_commits,
                        keeps_history: options.history,
                        rotates_freely: options.rotate_freely,
                        ..Plan::of(seed, options.steps_per_seed.min(left).max(1))
                    };
                    let failure = match run(plan) {
                        Ok(outcome) => {
                            taken.fetch_add(outcome.steps, Ordering::SeqCst);
                            outcome.history.iter().for_each(|line| println!("{line}"));
                            outcome.violation.map(|violation| violation.to_string())
                        }
                        Err(error) => Some(format!("the simulation itself failed: {error}")),
                    };
                    if let Some(failure) = failure {
                        failures.fetch_add(1, Ordering::SeqCst);
                        println!("seed {seed}:\n{failure}");
                        stopped.store(!options.keep_going, Ordering::SeqCst);
                    }
                    let mut told = last_told.lock().unwrap_or_else(PoisonError::into_inner);
                    if told.elapsed() > Duration::from_secs(10) {
                        *told = Instant::now();
                        println!("{} steps, at seed {seed}", taken.load(Ordering::SeqCst));
                    }
                }
            });
        }
    });
    let (taken, failures) = (taken.into_inner(), failures.into_inner());
    let seconds = began.elapsed().as_secs_f64();
    println!("{taken} steps in {seconds:.1} s ({:.0} a second), {failures} failures", taken as f64 / seconds);
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
