//! Two nodes side by side are one vault.

use std::time::{Duration, Instant};

use serde_json::json;
use strongroom_cluster::{Cluster, Load};
use strongroom_e2e::{Answer, Outcome, card_numbers};
use strongroom_postgres_server::PostgresServer;

/// How soon a change on one node is obeyed by the other.
const SOON: Duration = Duration::from_secs(1);
/// On a machine that does other things too, now and then.
const LATEST: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_node_is_obeyed_by_the_other_within_a_second() -> Outcome<()> {
    let cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let [encryptor, other_encryptor] = cluster.callers("acme-encryptor")?;
    let [key_admin, _] = cluster.callers("acme-key-admin")?;
    let [identity_admin, other_identity_admin] = cluster.callers("acme-identity-admin")?;
    let field = json!({"plaintext": "aGVsbG8="});
    encryptor.post("/v1/keys/notes/encrypt", &field).await?.expect(200)?;
    let mut delays = Vec::new();

    for version in 2..=6 {
        key_admin.send("POST".parse()?, "/v1/keys/notes/rotate", None, &[]).await?.expect(200)?;
        let obeyed = async || {
            let sealed = other_encryptor.post("/v1/keys/notes/encrypt", &field).await?.expect(200)?;
            Ok(sealed.json().get("key_version") == Some(&json!(version)))
        };
        delays.push(("a new key version", delay_of(obeyed).await?));
    }

    // An identity that both nodes know and serve gets a role by one node, and loses it by the other.
    let [searcher, other_searcher] = cluster.callers("acme-auditor")?;
    let refused = |answer: &Answer| answer.code() == "permission_denied";
    for (admin, obeying) in [
        (&identity_admin, &other_searcher),
        (&other_identity_admin, &searcher),
        (&identity_admin, &other_searcher),
    ] {
        assert!(refused(&obeying.get("/v1/keys").await?) || obeying.get("/v1/keys").await?.status == 200);
        let grant = json!({"role": "key-admin", "reason": "for an hour"});
        let granted =
            admin.post("/v1/identities/auditor/grants", &grant).await?.expect(201)?.text_at("/id")?;
        let key = json!({"name": format!("of-{}", granted.to_lowercase().replace('_', "-")), "purpose": "field-encryption"});
        let obeyed = async || Ok(obeying.post("/v1/keys", &key).await?.status == 201);
        delays.push(("a grant", delay_of(obeyed).await?));
        let revoke = format!("/v1/identities/auditor/grants/{granted}/revoke");
        admin.send("POST".parse()?, &revoke, None, &[]).await?.expect(200)?;
        let rotate = "/v1/keys/notes/rotate";
        let obeyed = async || Ok(refused(&obeying.send("POST".parse()?, rotate, None, &[]).await?));
        delays.push(("a revoked grant", delay_of(obeyed).await?));
    }

    identity_admin.send("POST".parse()?, "/v1/identities/encryptor/disable", None, &[]).await?.expect(200)?;
    let obeyed = async || Ok(refused(&other_encryptor.post("/v1/keys/notes/encrypt", &field).await?));
    delays.push(("a disabled identity", delay_of(obeyed).await?));

    report(&delays);
    let late = delays.iter().filter(|(_, delay)| *delay > SOON).count();
    assert!(delays.iter().all(|(_, delay)| *delay <= LATEST), "{delays:?}");
    assert!(late <= 2, "too often late: {delays:?}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "tells the reader of a test's output how fast it was")]
fn report(delays: &[(&str, Duration)]) {
    println!("obeyed after {delays:?}");
}

/// Asks again and again until it is so; how long after the acknowledgement the question was asked that found it so.
async fn delay_of(obeyed: impl AsyncFn() -> Outcome<bool>) -> Outcome<Duration> {
    let acknowledged = Instant::now();
    loop {
        let asked = acknowledged.elapsed();
        if obeyed().await? {
            return Ok(asked);
        }
        assert!(asked < 10 * LATEST, "it is never obeyed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_both_nodes_get_one_deterministic_token() -> Outcome<()> {
    let cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let profile = json!({"name": "same", "format": "opaque", "reuse": "deterministic", "scope": "tenant"});
    cluster.first.caller("acme-key-admin")?.post("/v1/token-profiles", &profile).await?.expect(201)?;
    tokio::time::sleep(LATEST).await;
    for number in card_numbers(3) {
        let mut tasks = Vec::new();
        for turn in 0..64 {
            let [first, second] = cluster.callers("acme-tokenizer")?;
            let caller = if turn % 2 == 0 { first } else { second };
            let body = json!({"type": "card", "card": {"number": number}, "profile": "same"});
            tasks.push(tokio::spawn(async move { caller.post("/v1/tokens", &body).await }));
        }
        let (mut tokens, mut created) = (Vec::new(), 0);
        for task in tasks {
            let answer = task.await??;
            assert!(matches!(answer.status.as_u16(), 200 | 201), "{} {}", answer.status, answer.text);
            created += u32::from(answer.status == 201);
            tokens.push(answer.text_at("/token")?);
        }
        tokens.sort();
        tokens.dedup();
        assert_eq!((tokens.len(), created), (1, 1), "tokens, and how often one was made");
    }
    assert_eq!(cluster.sql("SELECT count(*) FROM tokens")?, "3");
    assert_eq!(cluster.sql("SELECT count(*) FROM fingerprints")?, "3");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_has_one_limit_at_both_nodes() -> Outcome<()> {
    const LIMIT: usize = 150;
    let cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let card = json!({"type": "card", "card": {"number": number}});
    let token = cluster.first.caller("acme-tokenizer")?.post("/v1/tokens", &card).await?.expect(201)?;
    let token = token.text_at("/token")?;
    let limits = json!({"limits": [{"kind": "reveal", "items": LIMIT, "window_seconds": 86_400}]});
    let path = "/v1/identities/detokenizer/velocity-limits";
    let admin = cluster.first.caller("acme-identity-admin")?;
    admin.send("PUT".parse()?, path, Some(limits.to_string().into_bytes()), &[]).await?.expect(200)?;
    // The other node hears of it.
    let obeyed = async || {
        let admin = cluster.second.caller("acme-identity-admin")?;
        Ok(admin.get(path).await?.expect(200)?.json().pointer("/limits/0/items") == Some(&json!(LIMIT)))
    };
    delay_of(obeyed).await?;

    let full = json!({"purpose": "authorisation", "reveal": "full", "items": [token]});
    let mut tasks = Vec::new();
    for turn in 0..8 {
        let [first, second] = cluster.callers("acme-detokenizer")?;
        let (caller, full) = (if turn % 2 == 0 { first } else { second }, full.clone());
        tasks.push(tokio::spawn(async move {
            let mut answered = 0;
            for _ in 0..LIMIT {
                let answer = caller.post("/v1/tokens/detokenize", &full).await?;
                if answer.status != 200 {
                    assert_eq!(answer.code(), "velocity_exceeded", "{}", answer.text);
                    break;
                }
                answered += 1;
            }
            Outcome::Ok(answered)
        }));
    }
    let mut answered = Vec::new();
    for task in tasks {
        answered.push(task.await??);
    }
    // Both went on until there was nothing more at either.
    assert_eq!(answered.iter().sum::<usize>(), LIMIT, "{answered:?}");
    assert_eq!(cluster.sql("SELECT current + previous + earlier FROM velocity_counters")?, LIMIT.to_string());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_has_streams_of_its_own_and_one_export_holds_them_all() -> Outcome<()> {
    let cluster = Cluster::start(&PostgresServer::shared()?).await?;
    let load = Load::start(&cluster, 8)?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let account = load.finish().await?;
    assert_eq!(account.count(|attempt| attempt.outcome != "ok"), 0, "{}", account.summary());
    for node in ["dev", "second"] {
        let streams: u32 = cluster
            .sql(&format!("SELECT count(*) FROM audit_streams WHERE stream LIKE '{node}.%'"))?
            .parse()?;
        assert!(streams >= 1, "{node} has no stream of its own");
    }
    // The export is of the first node: that it holds the second one's requests shows in the account.
    account.settle(&cluster).await
}
