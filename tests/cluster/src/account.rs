//! What was acknowledged, what was refused, and whether the vault kept its promises.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use strongroom_e2e::{Answer, Outcome, at, binary};

use crate::cluster::Cluster;
use crate::silence::words_of_the_database;

/// No caller waits for longer than this, whatever the database does.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// What an unavailable or busy vault says.
const PASSING: &[&str] =
    &["audit_unavailable", "store_unavailable", "overloaded", "hsm_unavailable", "idempotency_in_progress"];

/// What came of a load.
#[derive(Debug, Default)]
pub struct Account {
    /// Acknowledged tokens, with their card numbers.
    pub tokens: Vec<(String, String)>,
    /// Acknowledged requests: id and action.
    pub requests: Vec<(String, &'static str)>,
    /// Every attempt.
    pub attempts: Vec<Attempt>,
    /// Promises that were broken.
    pub broken: Vec<String>,
}

/// One try of a request.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The node.
    pub node: usize,
    /// When it was answered.
    pub ended: Instant,
    /// How long it took.
    pub took: Duration,
    /// The problem's code; `ok`, or `connection` when there was no answer.
    pub outcome: String,
}

impl Attempt {
    pub(crate) fn of(node: usize, asked: Instant, answer: &Outcome<Answer>) -> Self {
        let outcome = match answer {
            Ok(answer) if answer.status.is_success() => "ok".to_owned(),
            Ok(answer) => format!("{} {}", answer.status.as_u16(), answer.code()),
            Err(_) => "connection".to_owned(),
        };
        Self { node, ended: Instant::now(), took: asked.elapsed(), outcome }
    }
}

/// What an answer has that none may have, even when the database is gone.
pub(crate) fn fault_of(path: &str, took: Duration, answer: &Outcome<Answer>) -> Option<String> {
    let fault = |text: String| Some(format!("{path}: {text}"));
    if took > LONGEST_WAIT {
        let outcome = answer.as_ref().map_or_else(|error| error.to_string(), |answer| answer.code());
        return fault(format!("answered after {took:?}: {outcome}"));
    }
    let Ok(answer) = answer else { return None };
    if answer.status.is_success() {
        return None;
    }
    if !words_of_the_database(&answer.text).is_empty() {
        return fault(format!("an answer with words of the database: {}", answer.text));
    }
    let status = answer.status.as_u16();
    if !matches!(status, 503 | 409)
        || at(&answer.json(), "/retryable") != true
        || !PASSING.contains(&answer.code().as_str())
    {
        return fault(format!("not a passing refusal: {status} {}", answer.text));
    }
    if status == 503 && !answer.headers.contains_key("retry-after") {
        return fault("503 without Retry-After".to_owned());
    }
    None
}

impl Account {
    pub(crate) fn note(&mut self, attempt: Attempt, fault: Option<String>) {
        self.attempts.push(attempt);
        self.broken.extend(fault);
    }

    /// When this node first did what it was asked for after this time.
    pub fn first_success(&self, node: usize, after: Instant) -> Option<Instant> {
        let successes =
            self.attempts.iter().filter(|attempt| attempt.node == node && attempt.outcome == "ok");
        // Asked after as well: an answer under way is no sign.
        successes.filter(|attempt| attempt.ended > after + attempt.took).map(|attempt| attempt.ended).min()
    }

    /// How many attempts ended so.
    pub fn count(&self, matches: impl Fn(&Attempt) -> bool) -> usize {
        self.attempts.iter().filter(|attempt| matches(attempt)).count()
    }

    /// Another load's account as well.
    pub fn add(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.requests.extend(other.requests);
        self.attempts.extend(other.attempts);
        self.broken.extend(other.broken);
    }

    /// A line for the reader of the test's output.
    pub fn summary(&self) -> String {
        let mut outcomes: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for attempt in &self.attempts {
            *outcomes.entry((attempt.node, &attempt.outcome)).or_default() += 1;
        }
        let slowest = self.attempts.iter().map(|attempt| attempt.took).max().unwrap_or_default();
        format!("{} tokens, slowest {slowest:?}, {outcomes:?}", self.tokens.len())
    }

    /// Checks that every promise was kept, that nothing acknowledged is lost, nothing is there twice, each request is on
    /// record once, and the record of all nodes verifies. Needs a first node that serves.
    pub async fn settle(&self, cluster: &Cluster) -> Outcome<()> {
        let broken: Vec<_> = self.broken.iter().take(10).collect();
        assert!(broken.is_empty(), "{} promises were broken, as {broken:#?}", self.broken.len());
        self.tokens_give_their_cards(cluster).await?;
        let rows: usize = cluster.sql("SELECT count(*) FROM tokens")?.parse()?;
        assert_eq!(rows, self.tokens.len(), "tokens in the database, and those acknowledged");
        cluster.wait_until_signed(Duration::from_secs(60)).await?;
        self.each_request_is_on_record_once(cluster).await?;
        the_record_verifies(cluster)?;
        for (node, log) in cluster.logs().iter().enumerate() {
            let words = words_of_the_database(log);
            let some: Vec<_> = words.iter().take(5).collect();
            assert!(words.is_empty(), "{} lines of node {node}'s log, as {some:#?}", words.len());
        }
        Ok(())
    }

    async fn tokens_give_their_cards(&self, cluster: &Cluster) -> Outcome<()> {
        let detokenizer = cluster.first.caller("acme-detokenizer")?;
        for chunk in self.tokens.chunks(500) {
            let items: Vec<&str> = chunk.iter().map(|(token, _)| token.as_str()).collect();
            let body = json!({"purpose": "authorisation", "reveal": "full", "items": items});
            let answer = detokenizer.post("/v1/tokens/detokenize", &body).await?.expect(200)?.json();
            let items = at(&answer, "/items").as_array().ok_or("no items")?;
            assert_eq!(items.len(), chunk.len());
            for ((token, number), item) in chunk.iter().zip(items) {
                assert!(at(item, "/card/number").as_str() == Some(number), "{token} does not give its card");
            }
        }
        Ok(())
    }

    async fn each_request_is_on_record_once(&self, cluster: &Cluster) -> Outcome<()> {
        let auditor = cluster.first.caller("platform-auditor")?;
        let export = auditor.get("/v1/audit/export").await?.expect(200)?;
        let mut records: HashMap<String, Vec<String>> = HashMap::new();
        let mut expected: HashMap<String, u64> = HashMap::new();
        for line in export.text.lines() {
            let line: Value = serde_json::from_str(line)?;
            let event = at(&line, "/event");
            let (id, stream) = (at(event, "/request_id").as_str(), at(event, "/stream").as_str());
            if let (Some(id), Some(stream)) = (id, stream) {
                let action = at(event, "/action").as_str().unwrap_or_default().to_owned();
                records.entry(id.to_owned()).or_default().push(action);
                let next = expected.entry(stream.to_owned()).or_default();
                assert_eq!(at(&line, "/seq").as_u64(), Some(*next), "the numbers of {stream} have a gap");
                *next += 1;
            }
        }
        for (id, action) in &self.requests {
            let found = records.get(id).map(Vec::as_slice);
            assert_eq!(found, Some([(*action).to_owned()].as_slice()), "the records of {id}");
        }
        std::fs::write(cluster.first.path("audit.ndjson"), export.text)?;
        Ok(())
    }
}

/// The export holds streams of both nodes, and is what the witnesses saw.
fn the_record_verifies(cluster: &Cluster) -> Outcome<()> {
    let mut command = Command::new(binary("strongroom")?);
    command
        .args(["audit", "verify"])
        .arg(cluster.first.path("audit.ndjson"))
        .arg("--key-file")
        .arg(cluster.first.path("audit-verifier.key"))
        .arg("--checkpoints")
        .arg(cluster.first.path("witness/checkpoints.txt"));
    // A node whose records another one signed for has had nothing to show.
    if std::fs::metadata(cluster.second.witness())?.len() > 0 {
        command.arg("--checkpoints").arg(cluster.second.witness());
    }
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for stream in cluster.sql("SELECT stream FROM audit_streams")?.lines() {
        assert!(said.contains(stream), "{stream} was not verified: {said}");
    }
    Ok(())
}
