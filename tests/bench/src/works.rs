//! The works, each with its floor.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use serde_json::{Value, json};

use crate::cards::Cards;
use crate::load::{Ask, Connection, Measured, run as measure};
use crate::table::{Row, show};
use crate::vault::{Process, folder, start_echo, start_vault};
use crate::{Outcome, cpu, floors, tls};

/// How it is measured.
pub(crate) struct Plan {
    pub(crate) binaries: PathBuf,
    pub(crate) seconds: Duration,
    pub(crate) connections: usize,
}

/// All of it.
pub(crate) async fn run(plan: &Plan, results: Option<&Path>) -> Outcome<()> {
    let temporary = tempfile::tempdir()?;
    let directory = folder(temporary.path());
    std::fs::create_dir(&directory)?;
    let bench = Bench { plan, vault: start_vault(&plan.binaries, &directory)?, directory };
    bench.create_key().await?;
    let echo = bench.echo().await?;
    let mut rows = bench.fields(&echo).await?;
    rows.extend(bench.tokens(temporary.path()).await?);
    rows.push(bench.batch().await?);
    show(&rows, cpu::resident(bench.vault.id())?, results)
}

struct Bench<'a> {
    plan: &'a Plan,
    vault: Process,
    directory: PathBuf,
}

/// Requests a second of CPU time, the measure in which the load generator does not count.
fn per_cpu_second(measured: &Measured, used: Duration) -> f64 {
    measured.requests as f64 / used.as_secs_f64()
}

impl Bench<'_> {
    fn client(&self, role: &str) -> Outcome<Arc<ClientConfig>> {
        tls::client(&self.directory, &format!("acme-{role}"))
    }

    async fn ask(&self, role: &str, path: &str, body: &Value) -> Outcome<Value> {
        let mut connection = Connection::open(self.vault.port, &self.client(role)?).await?;
        let answer = connection.ask(Ask { path: path.to_owned(), body: body.to_string() }).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn create_key(&self) -> Outcome<()> {
        let key = json!({"name": "bench", "purpose": "field-encryption"});
        self.ask("key-admin", "/v1/keys", &key).await.map(drop)
    }

    async fn measure<F>(&self, role: &str, next: F) -> Outcome<(Measured, Duration)>
    where
        F: Fn() -> Ask + Send + Sync + 'static,
    {
        let (port, id) = (self.vault.port, self.vault.id());
        let Plan { seconds, connections, .. } = self.plan;
        measure(port, &self.client(role)?, *connections, *seconds, next, || cpu::used(id)).await
    }

    /// Requests per CPU second of the bare echo.
    async fn echo(&self) -> Outcome<f64> {
        let echo = start_echo(&self.directory)?;
        let id = echo.id();
        let Plan { seconds, connections, .. } = self.plan;
        let body = encrypt_body().to_string();
        let next = move || Ask { path: "/echo".to_owned(), body: body.clone() };
        let client = self.client("encryptor")?;
        let (measured, used) =
            measure(echo.port, &client, *connections, *seconds, next, || cpu::used(id)).await?;
        Ok(per_cpu_second(&measured, used))
    }

    async fn fields(&self, echo: &f64) -> Outcome<Vec<Row>> {
        const UNIT: &str = "requests per CPU second";
        let body = encrypt_body().to_string();
        let next = move || Ask { path: "/v1/keys/bench/encrypt".to_owned(), body: body.clone() };
        let (encrypt, encrypt_used) = self.measure("encryptor", next).await?;
        let sealed = self.ask("encryptor", "/v1/keys/bench/encrypt", &encrypt_body()).await?;
        let body = json!({"ciphertext": sealed.get("ciphertext"), "context": context()}).to_string();
        let next = move || Ask { path: "/v1/keys/bench/decrypt".to_owned(), body: body.clone() };
        let (decrypt, decrypt_used) = self.measure("decryptor", next).await?;
        let row = |work, measured: &Measured, used| Row {
            work,
            unit: UNIT,
            ours: per_cpu_second(measured, used),
            floor: *echo,
            target: 0.70,
            p50: measured.p50,
            p99: measured.p99,
            cpu_per_request: used / u32::try_from(measured.requests.max(1)).unwrap_or(u32::MAX),
        };
        Ok(vec![row("encrypt 64 B", &encrypt, encrypt_used), row("decrypt 64 B", &decrypt, decrypt_used)])
    }

    async fn tokens(&self, temporary: &Path) -> Outcome<Vec<Row>> {
        let Plan { seconds, connections, .. } = self.plan;
        let inserts = floors::insert_per_second(temporary, *connections, *seconds).await?;
        let selects = floors::select_per_second(temporary, *connections, *seconds).await?;
        let cards = Cards::starting_at(0);
        let next = move || Ask { path: "/v1/tokens".to_owned(), body: card_body(&cards).to_string() };
        let (tokenize, tokenize_used) = self.measure("tokenizer", next).await?;
        let path = format!("/v1/tokens/{}/detokenize", self.one_token().await?);
        let body = json!({"purpose": "authorisation", "reveal": "full"}).to_string();
        let next = move || Ask { path: path.clone(), body: body.clone() };
        let (detokenize, detokenize_used) = self.measure("detokenizer", next).await?;
        let row = |work, measured: &Measured, used: Duration, floor, target| Row {
            work,
            unit: "a second",
            ours: measured.per_second(),
            floor,
            target,
            p50: measured.p50,
            p99: measured.p99,
            cpu_per_request: used / u32::try_from(measured.requests.max(1)).unwrap_or(u32::MAX),
        };
        Ok(vec![
            row("tokenize a card; floor: one INSERT a transaction", &tokenize, tokenize_used, inserts, 5.0),
            row("detokenize; floor: SELECT by primary key", &detokenize, detokenize_used, selects, 0.8),
        ])
    }

    async fn one_token(&self) -> Outcome<String> {
        let answer =
            self.ask("tokenizer", "/v1/tokens", &card_body(&Cards::starting_at(999_999_000))).await?;
        Ok(answer.get("token").and_then(Value::as_str).ok_or("no token in the answer")?.to_owned())
    }

    async fn batch(&self) -> Outcome<Row> {
        let floor = floors::seals_per_second(self.plan.seconds / 4)?;
        let items: Vec<Value> = (0..100).map(|_| encrypt_body()).collect();
        let body = json!({"items": items}).to_string();
        let next = move || Ask { path: "/v1/keys/bench/encrypt".to_owned(), body: body.clone() };
        let (measured, used) = self.measure("encryptor", next).await?;
        Ok(Row {
            work: "batch of 100 encrypts; floor: AES-256-GCM alone, one core",
            unit: "items per CPU second",
            ours: 100.0 * per_cpu_second(&measured, used),
            floor,
            target: 0.25,
            p50: measured.p50,
            p99: measured.p99,
            cpu_per_request: used / u32::try_from(measured.requests.max(1)).unwrap_or(u32::MAX),
        })
    }
}

fn context() -> Value {
    json!({"record": "42", "field": "note"})
}

fn encrypt_body() -> Value {
    json!({"plaintext": STANDARD.encode([7_u8; 64]), "context": context()})
}

fn card_body(cards: &Cards) -> Value {
    json!({"type": "card", "card": {"number": cards.next(), "exp_month": 12, "exp_year": 2030}})
}
