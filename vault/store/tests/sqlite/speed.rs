//! What a commit costs. Run by hand: `cargo test --release -p strongroom-store --test sqlite speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, BundleRow, Effect, FingerprintKey, FingerprintRow};
use strongroom_domain::{KeyVersion, Token};
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::{now, private_folder, tenant, token_row};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn speed() {
    for units in [64_u64, 45, 4] {
        measure("read-only", units, 200_000 / (units + 16), |_| vec![]).await;
        measure("tokenize", units, 80_000 / (units + 16), tokenize).await;
    }
}

async fn measure(what: &str, units: u64, batches: u64, unit: fn(u64) -> Vec<Effect>) {
    let folder = private_folder();
    let store = SqliteStore::open(&SqliteConfig::at(folder.path().join("vault.db"))).await.unwrap();
    let (began, cpu) = (Instant::now(), used());
    let mut preparing = Duration::ZERO;
    for number in 0..batches {
        let start = Instant::now();
        let first = number * units;
        let batch = made((first..first + units).map(unit).collect(), first, units);
        preparing += start.elapsed();
        store.commit(&batch).await.unwrap();
    }
    let per = |time: Duration| time.as_secs_f64() * 1e6 / (batches * units) as f64;
    #[expect(clippy::print_stdout, reason = "a measurement is read where it is made")]
    {
        println!(
            "{what:>10} x{units:<3} {:8.2} us CPU a unit, {:8.2} us elapsed a unit, {:6.0} us a commit",
            per((used() - cpu).saturating_sub(preparing)),
            per(began.elapsed()),
            began.elapsed().as_secs_f64() * 1e6 / batches as f64
        );
    }
}

fn made(units: Vec<Vec<Effect>>, first: u64, count: u64) -> Batch {
    let noise = |length: u64| (0..length).map(|at| (mixed(first + at) >> 11) as u8).collect::<Vec<u8>>();
    let bundle = BundleRow {
        stream: "node".to_owned(),
        first_sequence: first,
        count: count as u32,
        events: noise(count * 80),
        root: [7; 32],
        range: noise(320),
        created_at: now(),
    };
    Batch { units, bundle }
}

fn tokenize(number: u64) -> Vec<Effect> {
    let mut row = token_row(number, &[5; 120]);
    row.metadata_envelope = None;
    row.token = Token::parse(&format!("tok_{:016x}{:016x}", mixed(number), mixed(number + 7))).unwrap();
    let mut fingerprint = [0; 32];
    fingerprint
        .chunks_mut(8)
        .zip(1..)
        .for_each(|(chunk, salt)| chunk.copy_from_slice(&mixed(number ^ salt << 40).to_le_bytes()));
    let key = FingerprintKey { scope: None, key_version: KeyVersion::FIRST, fingerprint };
    let leads_to = FingerprintRow { tenant: tenant(), key, token: row.token.clone(), deterministic: true };
    vec![Effect::InsertToken(Box::new(row)), Effect::InsertFingerprint(leads_to)]
}

fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 32
}

fn used() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
