//! Imports against a vault that keeps its promise about `Idempotency-Key` and breaks off wherever it is told to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;
use strongroom_api::tokens::{CreateTokens, CreatedToken};
use strongroom_api::{ErrorCode, Problem, to_wiped_json};
use strongroom_domain::IdempotencyKey;
use tempfile::TempDir;
use tokio::sync::watch;

use super::journal::{Journal, Places};
use super::pipeline::{Import, check_header};
use super::send::Tokenizer;
use super::state::{FormatName, Options, Source};
use super::{Counts, ImportReport};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Style;
use crate::progress::Progress;

/// When a call breaks off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Before the vault did anything.
    Before,
    /// After it did everything, and before its answer arrived.
    After,
}

#[derive(Default)]
struct Vault {
    calls: u64,
    /// Requests and answers by key.
    answered: HashMap<String, (Vec<u8>, Vec<CreatedToken>)>,
    /// Tokens that were made, by the number of the card.
    made: BTreeMap<String, Vec<String>>,
    break_at: Option<(u64, Break)>,
    /// Called out at this call.
    interrupt_at: Option<(u64, watch::Sender<u32>)>,
}

#[derive(Default)]
struct Stand(RefCell<Vault>);

impl Tokenizer for Stand {
    async fn tokenize(
        &self,
        request: &CreateTokens,
        key: IdempotencyKey,
    ) -> Result<Vec<CreatedToken>, Failure> {
        // Answers arrive out of order.
        let wait = 7 * (self.0.borrow().calls % 3);
        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;

        let mut vault = self.0.borrow_mut();
        vault.calls += 1;
        let breaks = vault.break_at.and_then(|(call, when)| (call == vault.calls).then_some(when));
        if let Some((call, sender)) = &vault.interrupt_at
            && *call == vault.calls
        {
            sender.send_replace(1);
        }
        if breaks == Some(Break::Before) {
            return Err(Failure::Unavailable("the connection broke".to_owned()));
        }
        let body = to_wiped_json(request).unwrap().to_vec();
        let answer = match vault.answered.get(key.as_str()) {
            Some((first, answer)) => {
                assert!(*first == body, "another body under the key {}", key.as_str());
                answer.clone()
            }
            None => {
                let answer: Vec<_> = bodies(&body).iter().map(|item| vault.one(item, key.as_str())).collect();
                vault.answered.insert(key.as_str().to_owned(), (body, answer.clone()));
                answer
            }
        };
        if breaks == Some(Break::After) {
            return Err(Failure::Unavailable("the connection broke".to_owned()));
        }
        Ok(answer)
    }
}

impl Vault {
    fn one(&mut self, item: &serde_json::Value, key: &str) -> CreatedToken {
        let number = item["card"]["number"].as_str().unwrap().to_owned();
        let refused = |code| CreatedToken::refused(Problem::new(code, "no", "req_00000001"));
        if number.ends_with("13") {
            return refused(ErrorCode::CardNumberInvalid);
        }
        // Goes through in the second round only.
        if number.ends_with("7") && key.split('-').count() == 3 {
            return refused(ErrorCode::Overloaded);
        }
        let tokens = self.made.entry(number.clone()).or_default();
        let token = format!("tok_{:0>32}", format!("{}x{}", number, tokens.len()));
        tokens.push(token.clone());
        let view = json!({
            "token": token, "type": "card", "profile": "default", "state": "active", "single_use": false,
            "card": {"brand": "visa", "bin": number.get(..6), "last4": number.get(number.len() - 4..)},
            "created_at": "2026-11-03T09:30:00Z",
        });
        CreatedToken::done(201, serde_json::from_value(view).unwrap())
    }
}

fn bodies(body: &[u8]) -> Vec<serde_json::Value> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["items"].as_array().unwrap().clone()
}

fn number(index: usize) -> String {
    format!("4111110{index:09}")
}

const LINES: usize = 30;

struct Case {
    folder: TempDir,
    vault: Stand,
}

impl Case {
    /// 30 cards in lines 2 to 31, of which line 10 cannot be read.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = "number,exp_month,exp_year\n".to_owned();
        for index in 0..LINES {
            let month = if index == 8 { "x" } else { "12" };
            text.push_str(&format!("{},{month},2030\n", number(index)));
        }
        fs::write(folder.path().join("cards.csv"), text).unwrap();
        Self { folder, vault: Stand::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn journal(&self) -> Result<Journal, Failure> {
        let places = Places {
            results: self.path("out.csv"),
            errors: self.path("out.errors"),
            state: Some(self.path("out.state")),
        };
        let source = Some(Source::of(&self.path("cards.csv"))?);
        Journal::open(places, source, options(), SystemTime::now(), false)
    }

    async fn run_with(&self, interrupt: Interrupt) -> Result<ImportReport, Failure> {
        let progress = Progress::of_bytes(None, Style::Quiet);
        let import = Import { options: options(), concurrency: 3, interrupt, progress };
        import.run(&self.path("cards.csv"), &self.vault, self.journal()?).await
    }

    async fn run(&self) -> Result<ImportReport, Failure> {
        self.run_with(Interrupt::never()).await
    }

    /// What a kill between writing results and writing the state leaves behind.
    fn write_half_a_batch(&self) {
        for name in ["out.csv", "out.errors"] {
            let mut file = OpenOptions::new().append(true).open(self.path(name)).unwrap();
            file.write_all(b"7,created,tok_half").unwrap();
        }
    }

    fn assert_done_once(&self, report: &ImportReport) {
        let results = fs::read_to_string(self.path("out.csv")).unwrap();
        let errors = fs::read_to_string(self.path("out.errors")).unwrap();
        let lines = |text: &str| -> Vec<u64> {
            text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(lines(&errors), [10, 15]);
        let expected: Vec<u64> = (2..=31).filter(|line| ![10, 15].contains(line)).collect();
        let mut results_lines = lines(&results);
        assert!(results_lines.is_sorted(), "{results}");
        results_lines.dedup();
        assert_eq!(results_lines, expected);
        assert_eq!(report.counts, Counts { read: 30, created: 28, existing: 0, failed: 2 });

        let vault = self.vault.0.borrow();
        assert!(vault.made.values().all(|tokens| tokens.len() == 1), "a card got a second token");
        let written: BTreeSet<_> =
            results.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
        let made: BTreeSet<_> = vault.made.values().flatten().map(String::as_str).collect();
        assert_eq!(written, made);
        // The stand-in's tokens name their card, so that the test can tell them apart; the other columns must not.
        for line in results.lines().chain(errors.lines()) {
            let columns = line.split(',').filter(|column| !column.starts_with("tok_"));
            assert!(columns.clone().all(|column| !column.contains("4111110")), "{line}");
        }
        let state = fs::read_to_string(self.path("out.state")).unwrap();
        assert!(!state.contains("411111"));
    }
}

fn options() -> Options {
    Options { format: FormatName::Csv, profile: None, ttl_seconds: None, single_use: false, batch: 4 }
}

#[tokio::test(start_paused = true)]
async fn every_line_is_done_once() {
    let case = Case::new();
    let report = case.run().await.unwrap();
    case.assert_done_once(&report);
}

#[tokio::test(start_paused = true)]
async fn wherever_it_breaks_off_it_goes_on_without_doubles() {
    let calls = {
        let case = Case::new();
        case.run().await.unwrap();
        case.vault.0.borrow().calls
    };
    assert!(calls > 8);
    for call in 1..=calls {
        for when in [Break::Before, Break::After] {
            for half_written in [false, true] {
                let case = Case::new();
                case.vault.0.borrow_mut().break_at = Some((call, when));
                assert!(matches!(case.run().await, Err(Failure::Unavailable(_))));
                if half_written {
                    case.write_half_a_batch();
                }
                let report = case.run().await.unwrap();
                case.assert_done_once(&report);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn breaking_off_again_and_again_still_ends() {
    let case = Case::new();
    let mut runs = 0;
    let report = loop {
        runs += 1;
        assert!(runs < 100);
        let calls = case.vault.0.borrow().calls;
        case.vault.0.borrow_mut().break_at = Some((calls + 1 + runs % 4, Break::After));
        match case.run().await {
            Ok(report) => break report,
            Err(_) => case.write_half_a_batch(),
        }
    };
    assert!(runs >= 3, "it ended after {runs} runs");
    case.assert_done_once(&report);
}

#[tokio::test(start_paused = true)]
async fn asked_to_stop_it_finishes_what_is_under_way_and_can_go_on() {
    let case = Case::new();
    let (sender, receiver) = watch::channel(0);
    case.vault.0.borrow_mut().interrupt_at = Some((2, sender));
    let stopped = case.run_with(Interrupt::following(receiver)).await;
    let Err(Failure::Interrupted(text)) = stopped else { panic!("it was not interrupted") };
    assert!(text.contains("line "), "{text}");
    let written = fs::read_to_string(case.path("out.csv")).unwrap().lines().count() as u64 - 1;
    let made: usize = case.vault.0.borrow().made.values().map(Vec::len).sum();
    assert_eq!(written, made as u64, "something under way was dropped");
    let report = case.run().await.unwrap();
    case.assert_done_once(&report);
}

#[tokio::test(start_paused = true)]
async fn asked_twice_it_stops_at_once() {
    let case = Case::new();
    let (sender, receiver) = watch::channel(2);
    assert!(matches!(case.run_with(Interrupt::following(receiver)).await, Err(Failure::Interrupted(_))));
    drop(sender);
    let report = case.run().await.unwrap();
    case.assert_done_once(&report);
}

#[tokio::test(start_paused = true)]
async fn a_finished_import_is_not_done_again() {
    let case = Case::new();
    case.run().await.unwrap();
    let calls = case.vault.0.borrow().calls;
    let report = case.run().await.unwrap();
    assert_eq!(case.vault.0.borrow().calls, calls);
    case.assert_done_once(&report);
}

#[tokio::test(start_paused = true)]
async fn results_of_another_import_are_not_touched() {
    let case = Case::new();
    case.run().await.unwrap();
    fs::remove_file(case.path("out.state")).unwrap();
    let before = fs::read(case.path("out.csv")).unwrap();
    assert!(matches!(case.run().await, Err(Failure::Usage(_))));
    assert_eq!(fs::read(case.path("out.csv")).unwrap(), before);
}

#[tokio::test(start_paused = true)]
async fn results_that_lack_what_is_done_are_refused() {
    let case = Case::new();
    case.vault.0.borrow_mut().break_at = Some((5, Break::Before));
    assert!(case.run().await.is_err());
    fs::write(case.path("out.csv"), "").unwrap();
    assert!(matches!(case.run().await, Err(Failure::Usage(_))));
}

#[test]
fn two_imports_do_not_write_to_one_file() {
    let case = Case::new();
    let first = case.journal().unwrap();
    assert!(matches!(case.journal(), Err(Failure::Usage(_))));
    drop(first);
    assert!(case.journal().is_ok());
}

#[test]
fn a_file_without_a_header_is_refused_before_anything_is_written() {
    let case = Case::new();
    fs::write(case.path("cards.csv"), "4111111111111111,12,2030\n").unwrap();
    assert!(matches!(check_header(&case.path("cards.csv"), FormatName::Csv), Err(Failure::Input(_))));
    assert!(check_header(&case.path("cards.csv"), FormatName::Ndjson).is_ok());
}

#[test]
fn the_sample_can_be_read_to_its_last_line() {
    use super::batch::{Batches, Reading, Wanted};
    use super::csv_line::Columns;
    use super::lines::{Lines, Place};

    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/samples/cards.csv");
    let text = fs::read(sample).unwrap();
    let mut lines = Lines::new(text.as_slice(), Place::default());
    let columns = Columns::parse(&lines.next().unwrap().unwrap().text.unwrap()).unwrap();
    let mut batches = Batches::new(lines, Reading::Csv(columns), Wanted::default(), 300, 0);
    let all: Vec<_> = std::iter::from_fn(|| batches.next().unwrap()).collect();
    assert_eq!(all.iter().map(|batch| batch.items.len()).collect::<Vec<_>>(), [300, 300, 300, 100]);
    assert!(all.iter().all(|batch| batch.refused.is_empty()));
    assert_eq!(all.last().unwrap().end.bytes, text.len() as u64);
}
