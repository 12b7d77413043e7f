//! Imports against a vault that keeps its promise about parts and breaks off wherever it is told to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;
use strongroom_api::jobs::lines::{Columns, LineReader, is_empty, lines};
use strongroom_api::jobs::{CompleteJob, ImportTokens, ImportedPart, JobView};
use strongroom_api::{ErrorCode, Problem};
use strongroom_crypto::row_checksum_v1::{Row, RowChecksum, RowChecksumKey};
use strongroom_domain::{Expiry, JobId, LineFormat, Secret};
use tempfile::TempDir;
use tokio::sync::watch;

use super::ImportReport;
use super::journal::Places;
use super::outcome::Counts;
use super::run::{Import, Importer};
use super::state::{FormatName, Options, Source};
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

struct Vault {
    calls: u64,
    columns: Option<LineReader>,
    parts: Vec<(Vec<u8>, ImportedPart)>,
    lines: u64,
    rows: u64,
    checksum: RowChecksum,
    complete: bool,
    /// Tokens that were made, by the number of the card.
    made: BTreeMap<String, Vec<String>>,
    break_at: Option<(u64, Break)>,
    /// Called out at this call.
    interrupt_at: Option<(u64, watch::Sender<u32>)>,
}

struct Stand(RefCell<Vault>);

const KEY: [u8; 32] = [5; 32];

fn job() -> JobId {
    JobId::from_random([7; 16])
}

impl Stand {
    fn new() -> Self {
        Self(RefCell::new(Vault {
            calls: 0,
            columns: None,
            parts: Vec::new(),
            lines: 1,
            rows: 0,
            checksum: RowChecksum::default(),
            complete: false,
            made: BTreeMap::new(),
            break_at: None,
            interrupt_at: None,
        }))
    }

    fn view(&self) -> JobView {
        use base64::Engine as _;
        let vault = self.0.borrow();
        serde_json::from_value(json!({
            "job": job().as_str(), "type": "token-import", "state": if vault.complete { "complete" } else { "open" },
            "next_part": vault.parts.len(), "rows": vault.rows, "lines": vault.lines,
            "checksum_key": base64::engine::general_purpose::STANDARD.encode(KEY),
            "created_at": "2026-11-03T09:30:00Z", "updated_at": "2026-11-03T09:30:00Z",
        }))
        .unwrap()
    }

    fn call(&self) -> Result<Option<Break>, Failure> {
        let mut vault = self.0.borrow_mut();
        vault.calls += 1;
        if let Some((call, sender)) = &vault.interrupt_at
            && *call == vault.calls
        {
            sender.send_replace(1);
        }
        let breaks = vault.break_at.and_then(|(call, when)| (call == vault.calls).then_some(when));
        if breaks == Some(Break::Before) { Err(broken()) } else { Ok(breaks) }
    }
}

fn broken() -> Failure {
    Failure::Unavailable("the connection broke".to_owned())
}

fn answered<T>(breaks: Option<Break>, answer: T) -> Result<T, Failure> {
    if breaks.is_some() { Err(broken()) } else { Ok(answer) }
}

impl Importer for Stand {
    async fn begin(&self, request: &ImportTokens) -> Result<JobView, Failure> {
        let breaks = self.call()?;
        let columns = Columns::named(request.columns.as_ref().unwrap()).unwrap();
        self.0.borrow_mut().columns = Some(LineReader::Csv(columns));
        answered(breaks, self.view())
    }

    async fn job(&self, _job: &JobId) -> Result<JobView, Failure> {
        let breaks = self.call()?;
        answered(breaks, self.view())
    }

    async fn part(&self, _: &JobId, part: u32, _: LineFormat, body: &[u8]) -> Result<ImportedPart, Failure> {
        let breaks = self.call()?;
        let mut vault = self.0.borrow_mut();
        assert!(!vault.complete, "a part came after the end");
        let known = vault.parts.get(part as usize).map(|(first, answer)| {
            assert!(first == body, "another body for part {part}");
            answer.clone()
        });
        let answer = known.unwrap_or_else(|| {
            assert_eq!(vault.parts.len(), part as usize, "out of order");
            let answer = vault.take_in(part, body);
            vault.parts.push((body.to_vec(), answer.clone()));
            answer
        });
        answered(breaks, answer)
    }

    async fn complete(&self, _: &JobId, completion: &CompleteJob) -> Result<JobView, Failure> {
        let breaks = self.call()?;
        {
            let mut vault = self.0.borrow_mut();
            assert_eq!(completion.rows, vault.rows);
            assert_eq!(completion.checksum.as_ref().unwrap().to_string(), vault.checksum.to_string());
            vault.complete = true;
        }
        answered(breaks, self.view())
    }
}

impl Vault {
    fn take_in(&mut self, part: u32, body: &[u8]) -> ImportedPart {
        let key = RowChecksumKey::new(&Secret::new(KEY));
        let first = self.lines + 1;
        let mut results = Vec::new();
        for (text, line) in lines(body).zip(first..) {
            self.lines = line;
            if is_empty(text) {
                continue;
            }
            self.rows += 1;
            let read = self.columns.as_ref().unwrap().read(text).ok();
            let number = std::str::from_utf8(text).unwrap().split(',').next().unwrap().to_owned();
            let result = if read.is_none() || number.ends_with("13") {
                self.checksum = self.checksum.and(key.refused(line));
                let problem = Problem::new(ErrorCode::CardNumberInvalid, "no", "req_00000001");
                json!({"line": line, "status": 422, "error": problem})
            } else {
                let tokens = self.made.entry(number.clone()).or_default();
                let token = format!("tok_{:0>32}", format!("{}x{}", number, tokens.len()));
                tokens.push(token.clone());
                let expiry = Expiry::new(12, 2030).ok();
                let row = Row { number: line, token: &token, kind: "card", value: number.as_bytes(), expiry };
                self.checksum = self.checksum.and(key.row(row));
                let last4 = number.get(number.len() - 4..);
                json!({"line": line, "status": 201, "token": token, "bin": number.get(..6), "last4": last4})
            };
            results.push(result);
        }
        serde_json::from_value(json!({"job": job().as_str(), "part": part, "lines": results})).unwrap()
    }
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
    /// 30 cards in lines 2 to 31, of which line 10 cannot be read, with empty lines behind them.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = "number,exp_month,exp_year\n".to_owned();
        for index in 0..LINES {
            let month = if index == 8 { "x" } else { "12" };
            text.push_str(&format!("{},{month},2030\n", number(index)));
        }
        text.push_str("\n\n");
        fs::write(folder.path().join("cards.csv"), text).unwrap();
        Self { folder, vault: Stand::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn run_as(&self, interrupt: Interrupt, resume: Option<JobId>) -> Result<ImportReport, Failure> {
        let places = Places {
            results: self.path("out.csv"),
            errors: self.path("out.errors"),
            state: Some(self.path("out.state")),
        };
        let source = Some(Source::of(&self.path("cards.csv"))?);
        let progress = Progress::of_bytes(None, Style::Quiet);
        let import = Import { options: options(), source, resume, interrupt, progress };
        import.run(&self.path("cards.csv"), &self.vault, places).await
    }

    async fn run(&self) -> Result<ImportReport, Failure> {
        self.run_as(Interrupt::never(), None).await
    }

    /// A kill while a line of the results was written.
    fn tear_results(&self) {
        let whole = fs::read(self.path("out.csv")).unwrap();
        fs::write(self.path("out.csv"), whole.get(..whole.len().saturating_sub(30)).unwrap()).unwrap();
    }

    /// A kill between the results of a part and its errors.
    fn lose_errors_of_last_part(&self) {
        let first_of = |line: u64| 2 + (line - 2) / 4 * 4;
        let number = |line: &str| line.split(',').next().unwrap().parse::<u64>().ok();
        let results = fs::read_to_string(self.path("out.csv")).unwrap();
        let Some(last) = results.lines().filter_map(number).last() else { return };
        let errors = fs::read_to_string(self.path("out.errors")).unwrap();
        let kept =
            errors.split_inclusive('\n').filter(|line| number(line).is_none_or(|line| line < first_of(last)));
        fs::write(self.path("out.errors"), kept.collect::<String>()).unwrap();
    }

    fn assert_done_once(&self, report: &ImportReport) {
        let results = fs::read_to_string(self.path("out.csv")).unwrap();
        let errors = fs::read_to_string(self.path("out.errors")).unwrap();
        let lines = |text: &str| -> Vec<u64> {
            text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(lines(&errors), [10, 15]);
        let expected: Vec<u64> = (2..=31).filter(|line| ![10, 15].contains(line)).collect();
        assert_eq!(lines(&results), expected);
        assert_eq!(report.counts, Counts { read: 30, created: 28, existing: 0, failed: 2 });
        let vault = self.vault.0.borrow();
        assert!(vault.complete);
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
        assert!(!fs::read_to_string(self.path("out.state")).unwrap().contains("411111"));
    }
}

fn options() -> Options {
    Options { format: FormatName::Csv, profile: None, ttl_seconds: None, single_use: false, batch: 4 }
}

#[tokio::test]
async fn every_line_is_done_once() {
    let case = Case::new();
    let report = case.run().await.unwrap();
    case.assert_done_once(&report);
    // Once more is a look at what was done.
    let again = case.run().await.unwrap();
    case.assert_done_once(&again);
}

#[tokio::test]
async fn wherever_it_breaks_off_it_goes_on_without_doubles() {
    let calls = {
        let case = Case::new();
        case.run().await.unwrap();
        case.vault.0.borrow().calls
    };
    assert!(calls > 8, "{calls}");
    // From the first part on: a job whose beginning was not answered is another job, and nothing was done in it.
    for call in 2..=calls {
        for when in [Break::Before, Break::After] {
            for killed in 0..3 {
                let case = Case::new();
                case.vault.0.borrow_mut().break_at = Some((call, when));
                let failure = case.run().await.err().unwrap();
                assert!(failure.is_retryable());
                // What was written before the end was on the disk before it.
                if !case.vault.0.borrow().complete {
                    match killed {
                        0 => {}
                        1 => case.tear_results(),
                        _ => case.lose_errors_of_last_part(),
                    }
                }
                let report = case.run().await.unwrap();
                case.assert_done_once(&report);
            }
        }
    }
}

#[tokio::test]
async fn the_job_alone_is_enough_to_go_on() {
    let case = Case::new();
    case.vault.0.borrow_mut().break_at = Some((5, Break::After));
    case.run().await.err().unwrap();
    fs::remove_file(case.path("out.state")).unwrap();
    // Without it these files are another import's.
    assert!(matches!(case.run().await, Err(Failure::Usage(_))));
    let report = case.run_as(Interrupt::never(), Some(job())).await.unwrap();
    assert_eq!(report.counts.read, 30);
    let vault = case.vault.0.borrow();
    assert!(vault.complete && vault.made.values().all(|tokens| tokens.len() == 1));
}

#[tokio::test]
async fn asked_to_stop_it_stops_between_parts_and_goes_on() {
    let case = Case::new();
    let (sender, count) = watch::channel(0);
    case.vault.0.borrow_mut().interrupt_at = Some((4, sender));
    let failure = case.run_as(Interrupt::following(count), None).await.err().unwrap();
    assert!(matches!(failure, Failure::Interrupted(_)));
    let report = case.run().await.unwrap();
    case.assert_done_once(&report);
}

#[tokio::test]
async fn results_that_were_changed_are_found() {
    let case = Case::new();
    case.vault.0.borrow_mut().break_at = Some((6, Break::Before));
    case.run().await.err().unwrap();
    let results = fs::read_to_string(case.path("out.csv")).unwrap();
    fs::write(case.path("out.csv"), results.replace("3,created", "4,created")).unwrap();
    assert!(matches!(case.run().await, Err(Failure::Usage(_))));
}

#[tokio::test]
async fn a_file_that_changed_is_refused() {
    let case = Case::new();
    case.vault.0.borrow_mut().break_at = Some((4, Break::Before));
    case.run().await.err().unwrap();
    let mut file = OpenOptions::new().append(true).open(case.path("cards.csv")).unwrap();
    file.write_all(b"4111111111111111,12,2030\n").unwrap();
    assert!(matches!(case.run().await, Err(Failure::Usage(_))));
}
