//! Imports: a part happens once, whatever fails when, and both sides end with the same rows.

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{JobRow, StoreError};
use strongroom_core::{
    Answer, Completion, ImportPart, ImportRow, ImportTerms, ImportedPart, JobView, JobWork, LinesRead,
    NewToken, Vault, VaultError,
};
use strongroom_crypto::row_checksum_v1::{Row, RowChecksum, RowChecksumKey};
use strongroom_domain::{Alias, JobId, JobState, LineFormat, Secret};

use crate::asking::{card_for, card_number, profile_name, rotate_key};
use crate::world::{World, call, service, settings, tenant};

fn terms(profile: &str) -> ImportTerms {
    ImportTerms {
        format: LineFormat::Ndjson,
        columns: Vec::new(),
        profile: profile_name(profile),
        ttl: None,
        single_use: false,
    }
}

/// A job of acme's tokenizer, and the key of its checksum.
async fn begin(vault: &Vault) -> (JobId, [u8; 32]) {
    let seen = std::sync::Mutex::new(None);
    let render = |job: &JobView| {
        *seen.lock().unwrap() = Some((job.job.clone(), key_of(job)));
        Answer { status: 201, body: Vec::new() }
    };
    vault.begin_import(&call("acme", "tokenizer"), terms("default"), None, render).await.unwrap();
    seen.into_inner().unwrap().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test computes the other side's checksum")]
fn key_of(job: &JobView) -> [u8; 32] {
    match &job.work {
        JobWork::Import { checksum_key, .. } => *checksum_key.expose(),
        JobWork::Export { .. } => panic!("an export"),
    }
}

/// A line is a card number, or nothing that is one, and perhaps an alias behind a comma.
fn read(terms: &ImportTerms, first_line: u64, body: &[u8]) -> Result<LinesRead, VaultError> {
    let text = std::str::from_utf8(body).unwrap();
    let item = |text: &str| -> Result<NewToken, VaultError> {
        let mut fields = text.split(',');
        let card = card_for(terms.profile.as_str(), fields.next().unwrap());
        Ok(NewToken { aliases: fields.map(|alias| Alias::parse(alias).unwrap()).collect(), ..card })
    };
    let rows = text.lines().zip(first_line..).filter(|(text, _)| !text.is_empty());
    let rows = rows.map(|(text, line)| ImportRow { line, item: item(text) }).collect();
    Ok(LinesRead { rows, lines: text.lines().count() as u64 })
}

fn render(part: &ImportedPart) -> Answer {
    let line = |(line, result): &(u64, Result<strongroom_core::Tokenized, VaultError>)| match result {
        Ok(done) => format!("{line} {}\n", done.token.token),
        Err(error) => format!("{line} {}\n", error.code()),
    };
    Answer { status: 200, body: part.rows.iter().map(line).collect::<String>().into_bytes() }
}

async fn hand_in(vault: &Vault, job: &JobId, part: u32, body: &str) -> Result<String, VaultError> {
    hand_in_as(vault, "tokenizer", job, part, body).await
}

async fn hand_in_as(
    vault: &Vault,
    who: &str,
    job: &JobId,
    part: u32,
    body: &str,
) -> Result<String, VaultError> {
    let part = ImportPart { job, part, body: body.as_bytes() };
    let answer = vault.import_part(&call("acme", who), part, read, render).await?;
    Ok(String::from_utf8(answer.body).unwrap())
}

fn body(cards: std::ops::Range<u64>) -> String {
    cards.map(|index| format!("{}\n", card_number(index))).collect()
}

/// This side of the checksum, from what was handed in and what was answered.
fn checksum(key: [u8; 32], handed_in: &str, answered: &str) -> (u64, RowChecksum) {
    let key = RowChecksumKey::new(&Secret::new(key));
    let numbers: Vec<&str> = handed_in.lines().filter(|line| !line.is_empty()).collect();
    let codes = numbers.iter().zip(answered.lines()).map(|(number, line)| {
        let (line, token) = line.split_once(' ').unwrap();
        let line = line.parse().unwrap();
        if token.starts_with("tok_") {
            key.row(Row { number: line, token, kind: "card", value: number.as_bytes(), expiry: None })
        } else {
            key.refused(line)
        }
    });
    (numbers.len() as u64, codes.fold(RowChecksum::default(), RowChecksum::and))
}

async fn complete(
    vault: &Vault,
    job: &JobId,
    rows: u64,
    checksum: Option<RowChecksum>,
) -> Result<JobView, VaultError> {
    vault.complete_job(&call("acme", "tokenizer"), job, &Completion { rows, checksum }).await
}

async fn stored(world: &World, job: &JobId) -> JobRow {
    world.store.memory.find_job(&tenant("acme"), job).await.unwrap().unwrap()
}

#[tokio::test]
async fn both_sides_end_with_the_same_rows() {
    let world = World::open().await;
    let (job, key) = begin(&world.vault).await;
    let parts = [body(0..5), format!("\nno card\n{}", body(5..7)), format!("{}\n\n", body(7..9))];
    let mut answers = String::new();
    for (number, part) in (0..).zip(&parts) {
        answers.push_str(&hand_in(&world.vault, &job, number, part).await.unwrap());
    }
    let numbers: Vec<u64> =
        answers.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11], "lines are those of the file, empty ones counted");
    let (rows, right) = checksum(key, &parts.concat(), &answers);
    let wrong = right.and(RowChecksumKey::new(&Secret::new(key)).refused(1));
    assert!(matches!(complete(&world.vault, &job, rows, Some(wrong)).await, Err(VaultError::JobMismatch(_))));
    assert!(matches!(
        complete(&world.vault, &job, rows + 1, Some(right)).await,
        Err(VaultError::JobMismatch(_))
    ));
    assert!(matches!(complete(&world.vault, &job, rows, None).await, Err(VaultError::Invalid(_))));
    for _ in 0..2 {
        let done = complete(&world.vault, &job, rows, Some(right)).await.unwrap();
        assert_eq!(
            (done.state, done.rows, done.created, done.existing, done.failed),
            (JobState::Complete, 10, 9, 0, 1)
        );
    }
    assert_eq!(world.store.tokens_written(), 9);
    let late = hand_in(&world.vault, &job, 3, &body(20..21)).await;
    assert!(matches!(late, Err(VaultError::JobState(_))));
    assert_eq!(world.store.memory.find_job_part(&tenant("acme"), &job, 2).await.unwrap(), None);
}

#[tokio::test]
async fn former_tokens_become_aliases_and_one_that_leads_elsewhere_fails_alone() {
    let world = World::open().await;
    let (job, _) = begin(&world.vault).await;
    let [first, second, third] = [1, 2, 3].map(card_number);
    let body = format!("{first},old:1\n{second},old:1\n{third},old:3\n");
    let answered = hand_in(&world.vault, &job, 0, &body).await.unwrap();
    let lines: Vec<&str> = answered.lines().collect();
    assert_eq!(lines[1], "2 alias_taken");
    for (line, alias) in [(lines[0], "old:1"), (lines[2], "old:3")] {
        let alias = Alias::parse(alias).unwrap();
        let found = world.vault.get_token(&call("acme", "tokenizer"), alias).await.unwrap();
        assert_eq!(line.split(' ').nth(1).unwrap(), found.token.as_str());
    }
    assert_eq!(hand_in(&world.vault, &job, 0, &body).await, Ok(answered), "the same again");
}

#[tokio::test]
async fn a_part_again_is_answered_the_same_and_another_is_refused() {
    let world = World::open().await;
    let (job, _) = begin(&world.vault).await;
    let first = hand_in(&world.vault, &job, 0, &body(0..3)).await.unwrap();
    hand_in(&world.vault, &job, 1, &body(3..6)).await.unwrap();
    rotate_key(&world.vault, "tokenization").await.unwrap();
    assert_eq!(hand_in(&world.vault, &job, 0, &body(0..3)).await, Ok(first));
    assert_eq!(hand_in(&world.vault, &job, 0, &body(0..2)).await, Err(VaultError::JobPartConflict));
    assert_eq!(hand_in(&world.vault, &job, 3, &body(6..9)).await, Err(VaultError::JobPartOrder { next: 2 }));
    assert_eq!(world.store.tokens_written(), 6);
    // The newest sixteen are kept.
    for part in 2..18 {
        hand_in(&world.vault, &job, part, &body(u64::from(part) * 10..u64::from(part) * 10 + 1))
            .await
            .unwrap();
    }
    assert_eq!(hand_in(&world.vault, &job, 1, &body(3..6)).await, Err(VaultError::JobPartOrder { next: 18 }));
    assert!(hand_in(&world.vault, &job, 2, &body(20..21)).await.is_ok());
    assert_eq!(world.store.tokens_written(), 22);
}

#[tokio::test]
async fn a_part_whose_commit_fails_or_whose_answer_is_lost_happens_once() {
    let world = World::open().await;
    let (job, key) = begin(&world.vault).await;
    world.fail_commits(true);
    assert_eq!(hand_in(&world.vault, &job, 0, &body(0..3)).await, Err(VaultError::AuditUnavailable));
    world.fail_commits(false);
    assert_eq!((world.store.tokens_written(), stored(&world, &job).await.next_part), (0, 0));
    world.store.memory.lose_next_commit_answer();
    let answer = hand_in(&world.vault, &job, 0, &body(0..3)).await.unwrap();
    assert_eq!(hand_in(&world.vault, &job, 0, &body(0..3)).await.as_ref(), Ok(&answer));
    assert_eq!(world.store.tokens_written(), 3);
    let (rows, checksum) = checksum(key, &body(0..3), &answer);
    assert!(complete(&world.vault, &job, rows, Some(checksum)).await.is_ok());
}

/// What is not the line's fault must not be put down as refused.
#[tokio::test]
async fn a_part_during_a_failure_of_the_store_refuses_no_line() {
    let world = World::open().await;
    let (job, _) = begin(&world.vault).await;
    world.store.memory.fail_reads(Some(StoreError::Unavailable("told to fail")));
    assert_eq!(hand_in(&world.vault, &job, 0, &body(0..3)).await, Err(VaultError::StoreUnavailable));
    world.store.memory.fail_reads(None);
    assert!(hand_in(&world.vault, &job, 0, &body(0..3)).await.is_ok());
    assert_eq!(stored(&world, &job).await.failed, 0);
}

#[tokio::test]
async fn of_two_nodes_that_are_handed_the_same_part_one_does_it() {
    let world = World::open().await;
    let other = world.start(settings("node-2")).await.unwrap();
    let (job, key) = begin(&world.vault).await;
    let hand =
        |vault: Vault, job: JobId| tokio::spawn(async move { hand_in(&vault, &job, 0, &body(0..4)).await });
    let held = world.store.hold_commits().await;
    let handing = [hand(world.vault.clone(), job.clone()), hand(other, job.clone())];
    crate::world::let_others_run().await;
    drop(held);
    let mut answers = Vec::new();
    for handed in handing {
        answers.push(handed.await.unwrap().unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(world.store.tokens_written(), 4);
    let (rows, checksum) = checksum(key, &body(0..4), &answers[0]);
    assert!(complete(&world.vault, &job, rows, Some(checksum)).await.is_ok());
}

#[tokio::test]
async fn a_job_is_its_creators_and_its_tenants() {
    let world = World::open().await;
    let (job, _) = begin(&world.vault).await;
    // A detokenizer may look at jobs, and this one is not its own.
    let caller = call("acme", "detokenizer");
    assert_eq!(world.vault.get_job(&caller, &job).await.err(), Some(VaultError::NotFound));
    assert_eq!(world.vault.cancel_job(&caller, &job).await.err(), Some(VaultError::NotFound));
    assert_eq!(
        world.vault.get_job(&call("globex", "tokenizer"), &job).await.err(),
        Some(VaultError::NotFound)
    );
    assert!(world.vault.list_jobs(&caller, None, 10).await.unwrap().jobs.is_empty());
    assert_eq!(
        hand_in_as(&world.vault, "detokenizer", &job, 0, "x").await,
        Err(VaultError::PermissionDenied)
    );
    let own = world.vault.list_jobs(&call("acme", "tokenizer"), None, 10).await.unwrap();
    assert_eq!(own.jobs.iter().map(|job| job.job.clone()).collect::<Vec<_>>(), [job]);
}

#[tokio::test]
async fn a_job_that_is_given_up_or_left_alone_takes_no_part() {
    let world = World::open().await;
    let (given_up, _) = begin(&world.vault).await;
    let (left_alone, _) = begin(&world.vault).await;
    let caller = call("acme", "tokenizer");
    for _ in 0..2 {
        assert_eq!(world.vault.cancel_job(&caller, &given_up).await.unwrap().state, JobState::Cancelled);
    }
    let refused = hand_in(&world.vault, &given_up, 0, &body(0..1)).await;
    assert_eq!(refused, Err(VaultError::JobState("the job was cancelled")));
    world.clock.advance(std::time::Duration::from_secs(7 * 24 * 3600));
    let refused = hand_in(&world.vault, &left_alone, 0, &body(0..1)).await;
    assert!(matches!(refused, Err(VaultError::JobState(_))), "time decides, and not housekeeping");
    assert_eq!(world.vault.get_job(&caller, &left_alone).await.unwrap().state, JobState::Expired);
}

#[tokio::test(start_paused = true)]
async fn housekeeping_ends_what_was_left_alone_and_puts_it_on_record() {
    let world = World::open().await;
    let (idle, _) = begin(&world.vault).await;
    hand_in(&world.vault, &idle, 0, &body(0..1)).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(7 * 24 * 3600 - 1));
    let (busy, _) = begin(&world.vault).await;
    world.clock.advance(std::time::Duration::from_secs(2));
    // The clock of the runtime runs ahead to the next thing that waits for it.
    tokio::time::sleep(std::time::Duration::from_secs(200)).await;
    let row = stored(&world, &idle).await;
    assert_eq!((row.state, row.finished_at), (JobState::Expired, Some(world.vault.now())));
    assert_eq!(world.store.memory.find_job_part(&tenant("acme"), &idle, 0).await.unwrap(), None);
    assert_eq!(stored(&world, &busy).await.state, JobState::Open);
    let records = world.records().await;
    let expired: Vec<_> = records.iter().filter(|record| record.action == "job.expire").collect();
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].object.as_deref(), Some(idle.as_str()));
}

/// Nothing of a card is at rest in a job, and what is there belongs together or is refused.
#[tokio::test]
async fn a_job_whose_row_was_altered_is_refused() {
    let world = World::open().await;
    let (job, _) = begin(&world.vault).await;
    hand_in(&world.vault, &job, 0, &body(0..3)).await.unwrap();
    let row = stored(&world, &job).await;
    let part = world.store.memory.find_job_part(&row.tenant, &job, 0).await.unwrap().unwrap();
    for clear in [card_number(0).into_bytes(), b"default".to_vec()] {
        for sealed in [&row.envelope, &part.answer] {
            assert!(!sealed.windows(clear.len()).any(|window| window == clear));
        }
    }
    let edits: [fn(&mut JobRow); 7] = [
        |row| row.next_part = 0,
        |row| row.rows = 2,
        |row| row.failed = 1,
        |row| row.created_by = service("detokenizer"),
        |row| row.updated_at = row.updated_at.plus(std::time::Duration::from_secs(1)),
        |row| row.row_version = 1,
        |row| row.state = JobState::AwaitingApproval,
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        world.store.tamper_jobs(edit);
        let who = if number == 3 { "detokenizer" } else { "tokenizer" };
        let refused = world.vault.get_job(&call("acme", who), &job).await.err();
        assert_eq!(refused, Some(VaultError::IntegrityFailure), "{number}");
    }
    world.store.stop_tampering();
    assert!(hand_in(&world.vault, &job, 1, &body(3..4)).await.is_ok());
}
