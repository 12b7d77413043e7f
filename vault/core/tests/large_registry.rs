//! How long a start takes, what memory it leaves, and what a change costs, with 100,000 keys of 1,000 tenants over
//! SQLite. Made for a release build and told to run:
//!
//! ```text
//! cargo test --release -p strongroom-core --test large_registry -- --ignored --nocapture
//! ```
//!
//! `STRONGROOM_LARGE_REGISTRY` names a folder in which the database is kept for the next run.

#[cfg(test)]
mod measured {
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use strongroom_contract::{ManualClock, MemoryHsm, SeededEntropy};
    use strongroom_core::ports::{NoApprovals, NoEgress, Store};
    use strongroom_core::{
        Answer, Call, InitialIdentity, InitialTenant, NewKey, Ports, Settings, Vault, initialise,
    };
    use strongroom_domain::{
        CertificateSerial, KeyName, KeyPurpose, NodeName, Principal, Protection, RequestId, Role,
        ServiceName, SpiffeId, TenantId, Timestamp, TrustDomain,
    };
    use strongroom_policies::CedarPolicy;
    use strongroom_store::{SqliteConfig, SqliteStore};

    const TENANTS: usize = 1_000;
    const KEYS: usize = 100_000;
    /// Creations that one printed figure is the mean of.
    const STEP: usize = 20_000;
    /// The seed of the run that makes the database; no test has this process id.
    const FIRST_RUN: u64 = 1;

    #[test]
    #[ignore = "takes minutes; a measurement, not a proof"]
    fn a_start_with_100_000_keys() {
        let folder = tempfile::tempdir().unwrap();
        let kept = std::env::var_os("STRONGROOM_LARGE_REGISTRY").map(PathBuf::from);
        let path = kept.as_deref().unwrap_or(folder.path()).join("registry.sqlite");
        if !path.exists() {
            fill(&path);
        }
        // In a process of its own, whose memory was used for nothing else.
        let program = std::env::current_exe().unwrap();
        let arguments = ["measured::one_start", "--exact", "--ignored", "--nocapture"];
        let status = Command::new(program).args(arguments).env("STRONGROOM_OPEN", &path).status().unwrap();
        assert!(status.success());
    }

    #[test]
    #[ignore = "a part of the other"]
    fn one_start() {
        let Some(path) = std::env::var_os("STRONGROOM_OPEN").map(PathBuf::from) else { return };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            // The keys of the HSM are made again as they were: from the same seeds in the same order.
            let first = ports(&path, FIRST_RUN).await;
            let elsewhere: Arc<dyn Store> = Arc::new(strongroom_contract::MemoryStore::new());
            let ports_elsewhere = Ports { store: elsewhere, ..first.clone() };
            let ports =
                Ports { entropy: Arc::new(SeededEntropy::new(u64::from(std::process::id()))), ..first };
            initialise(ports_elsewhere, settings(), &trust_domain(), &[]).await.unwrap();
            let before = resident();
            let (started, busy_before) = (Instant::now(), busy());
            let vault = Vault::open(ports.clone(), settings()).await.unwrap();
            let opened = started.elapsed();
            println!(
                "open     {:>9.0} ms, {:.0} ms of processors",
                millis(opened),
                millis(busy() - busy_before)
            );
            println!(
                "resident {:>9.1} MiB more than before, {:.1} MiB at the most",
                resident() - before,
                peak()
            );
            let (started, busy_before) = (Instant::now(), busy());
            let registry = ports.store.load_registry().await.unwrap().unwrap();
            let (taken, busy) = (started.elapsed(), busy() - busy_before);
            println!("read     {:>9.0} ms, {:.0} ms of processors", millis(taken), millis(busy));
            println!("rows     {:>9}", registry.rows.len());
            drop(registry);
            let mut changes = Vec::new();
            for number in 0..200 {
                let started = Instant::now();
                create_key(&vault, number % 7, &format!("late-{}-{number}", std::process::id())).await;
                changes.push(started.elapsed());
            }
            changes.sort();
            println!("change   {:>9.3} ms in the median", millis(changes[changes.len() / 2]));
        });
    }

    /// One by one through the vault itself.
    fn fill(path: &Path) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ports = ports(path, FIRST_RUN).await;
            let tenants: Vec<_> = (0..TENANTS).map(initial_tenant).collect();
            initialise(ports.clone(), settings(), &trust_domain(), &tenants).await.unwrap();
            let vault = Vault::open(ports, settings()).await.unwrap();
            // The tenants' own keys count as well.
            let mut started = Instant::now();
            for number in TENANTS..KEYS {
                create_key(&vault, number % TENANTS, &format!("customer-data-{number}")).await;
                if number % STEP == 0 {
                    let each = started.elapsed() / u32::try_from(STEP).unwrap();
                    println!("creating key {number} took {:.3} ms", millis(each));
                    started = Instant::now();
                }
            }
            vault.close().await.unwrap();
        });
    }

    async fn create_key(vault: &Vault, tenant: usize, name: &str) {
        let id = SpiffeId::new(trust_domain(), tenant_id(tenant), ServiceName::parse("key-admin").unwrap());
        let call = Call {
            principal: Principal { id, certificate: CertificateSerial::from_bytes(&[1]) },
            request_id: RequestId::parse("req_0000000000000001").unwrap(),
            trace_id: None,
            origin: None,
        };
        let key = NewKey {
            name: KeyName::parse(name).unwrap(),
            purpose: KeyPurpose::FieldEncryption,
            protection: Protection::Envelope,
            value_format: None,
            rotation_days: 90,
        };
        vault.create_key(&call, key, None, |_| Answer { status: 200, body: Vec::new() }).await.unwrap();
    }

    fn initial_tenant(number: usize) -> InitialTenant {
        let admin = InitialIdentity {
            service: ServiceName::parse("key-admin").unwrap(),
            roles: vec![Role::KeyAdmin],
            reason: "from the start".to_owned(),
        };
        InitialTenant { tenant: tenant_id(number), identities: vec![admin] }
    }

    fn tenant_id(number: usize) -> TenantId {
        TenantId::parse(&format!("tenant-{number:04}")).unwrap()
    }

    async fn ports(path: &Path, seed: u64) -> Ports {
        Ports {
            hsm: Arc::new(MemoryHsm::new(1)),
            store: Arc::new(SqliteStore::open(&SqliteConfig::at(path)).await.unwrap()),
            policy: Arc::new(CedarPolicy::load().unwrap()),
            clock: Arc::new(ManualClock::at(Timestamp::from_unix_millis(1_795_000_000_000))),
            entropy: Arc::new(SeededEntropy::new(seed)),
            witnesses: Vec::new(),
            approvals: Arc::new(NoApprovals),
            egress: Arc::new(NoEgress),
        }
    }

    /// Jobs that would come in between wait for longer than this.
    fn settings() -> Settings {
        const LONG: Duration = Duration::from_secs(36_000);
        Settings {
            checkpoint_interval: LONG,
            registry_poll_interval: LONG,
            ..Settings::new(NodeName::parse("node-1").unwrap())
        }
    }

    fn trust_domain() -> TrustDomain {
        TrustDomain::parse("example.org").unwrap()
    }

    fn millis(duration: Duration) -> f64 {
        duration.as_secs_f64() * 1e3
    }

    /// What all threads of this process have computed: unlike the time that passed, much the same on a busy machine.
    fn busy() -> Duration {
        let threads = std::fs::read_dir("/proc/self/task").unwrap();
        let nanos = threads.filter_map(|thread| {
            let account = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            account.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// MiB in use now.
    fn resident() -> f64 {
        status("VmRSS:")
    }

    /// MiB in use at the worst moment.
    fn peak() -> f64 {
        status("VmHWM:")
    }

    fn status(name: &str) -> f64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}
