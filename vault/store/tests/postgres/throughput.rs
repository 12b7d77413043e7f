//! How fast commits are, beside single inserts by pgbench on the same server. Says a figure and proves nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Batch, BundleRow, Effect, FingerprintKey, FingerprintRow};
use strongroom_domain::KeyVersion;
use strongroom_store::PostgresStore;

use crate::samples::{insert_token, now, tenant, token};
use crate::server::Server;

const UNITS: u32 = 64;
const LANES: u64 = 2;
const LASTS: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn commits_a_second() {
    let config = Server::shared().migrated().await;
    let store = Arc::new(PostgresStore::open(&config).await.unwrap());
    for (name, adds) in [("read-only", false), ("tokenize", true)] {
        let lanes = (0..LANES).map(|lane| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let (begin, mut batches) = (Instant::now(), 0);
                while begin.elapsed() < LASTS {
                    store.commit(&batch(name, lane, batches, adds)).await.unwrap();
                    batches += 1;
                }
                batches
            })
        });
        let begin = Instant::now();
        let mut batches = 0;
        for lane in lanes.collect::<Vec<_>>() {
            batches += lane.await.unwrap();
        }
        let units = batches * u64::from(UNITS);
        let rate = f64::from(u32::try_from(units).unwrap()) / begin.elapsed().as_secs_f64();
        // The figure is the test's whole point.
        std::fs::write(
            std::env::temp_dir().join(format!("strongroom-{name}-units-a-second")),
            format!("{rate:.0}"),
        )
        .unwrap();
    }
}

fn batch(name: &str, lane: u64, number: u64, adds: bool) -> Batch {
    let unit = |position: u32| {
        let number = (lane << 40) + number * u64::from(UNITS) + u64::from(position);
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let key = FingerprintKey { scope: None, key_version: KeyVersion::FIRST, fingerprint };
        let row = FingerprintRow { tenant: tenant(), key, token: token(number), deterministic: true };
        if adds { vec![insert_token(number, &[7; 90]), Effect::InsertFingerprint(row)] } else { vec![] }
    };
    let bundle = BundleRow {
        stream: format!("{name}-{lane}"),
        first_sequence: number * u64::from(UNITS),
        count: UNITS,
        events: vec![7; 64 * 100],
        root: [0; 32],
        range: vec![7; 400],
        created_at: now(),
    };
    Batch { units: (0..UNITS).map(unit).collect(), bundle }
}
