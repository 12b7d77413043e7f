//! Exports: nothing leaves before somebody else has agreed to this job and this receiver, and what leaves only the
//! receiver can read.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use strongroom_core::ports::store::JobRow;
use strongroom_core::ports::{Approval, ApprovalRequest, ApprovalSubject, Approvals};
use strongroom_core::{
    Answer, Completion, ExportPart, ExportRequest, ExportedPart, JobView, JobWork, NewToken, Ports, Vault,
    VaultError,
};
use strongroom_crypto::jwe::{Jwe, RecipientKey};
use strongroom_crypto::row_checksum_v1::{Row, RowChecksum, RowChecksumKey};
use strongroom_domain::{DetokenizationPurpose, JobId, JobState, Secret, TokenProfile};

use crate::asking::{card, card_for, card_number, create_profile, profile, profile_name, token_for};
use crate::world::{World, call, settings};

/// Somebody who agrees to what they were told, by job and receiver.
#[derive(Default)]
struct SecondPerson(Mutex<Vec<(String, [u8; 32])>>);

#[async_trait]
impl Approvals for SecondPerson {
    async fn approval(&self, request: &ApprovalRequest<'_>) -> Approval {
        let ApprovalSubject::TokenExport { job, receiver } = request.subject else {
            return Approval::Missing;
        };
        let agreed = self.0.lock().unwrap().contains(&(job.clone(), *receiver));
        if agreed { Approval::Granted } else { Approval::Missing }
    }
}

struct Case {
    world: World,
    vault: Vault,
    second: Arc<SecondPerson>,
    receiver: RecipientKey,
}

const PURPOSE: DetokenizationPurpose = DetokenizationPurpose::Migration;

impl Case {
    async fn new() -> Self {
        let world = World::open().await;
        let second = Arc::new(SecondPerson::default());
        let ports = Ports { approvals: second.clone(), ..world.ports.clone() };
        let vault = Vault::open(ports, settings("node-2")).await.unwrap();
        let receiver = RecipientKey::generate(&Secret::new([7; 48]));
        Self { world, vault, second, receiver }
    }

    fn request(&self) -> ExportRequest {
        ExportRequest {
            receiver: self.receiver.public().clone(),
            purpose: PURPOSE,
            profile: None,
            created_from: None,
            created_to: None,
        }
    }

    async fn begin(&self, request: ExportRequest) -> JobId {
        // What was made in this very moment is not made before the job.
        self.world.clock.advance(Duration::from_secs(1));
        let seen = Mutex::new(None);
        let render = |job: &JobView| {
            *seen.lock().unwrap() = Some(job.job.clone());
            Answer { status: 201, body: Vec::new() }
        };
        self.vault.begin_export(&call("acme", "detokenizer"), request, None, render).await.unwrap();
        seen.into_inner().unwrap().unwrap()
    }

    fn approve(&self, job: &JobId) {
        let agreed = (job.to_string(), self.receiver.public().thumbprint_bytes());
        self.second.0.lock().unwrap().push(agreed);
    }

    async fn part(&self, job: &JobId, part: u32) -> Result<ExportedPart, VaultError> {
        self.vault.export_part(&call("acme", "detokenizer"), job, part, PURPOSE, written).await
    }

    #[expect(clippy::disallowed_methods, reason = "the receiver reads made-up cards")]
    fn open(&self, part: &ExportedPart) -> Vec<String> {
        let opened = self.receiver.open(&Jwe::parse_long(&part.jwe).unwrap()).unwrap();
        String::from_utf8(opened.expose().clone()).unwrap().lines().map(str::to_owned).collect()
    }

    async fn complete(&self, job: &JobId, rows: u64) -> Result<JobView, VaultError> {
        let completion = Completion { rows, checksum: None };
        self.vault.complete_job(&call("acme", "detokenizer"), job, &completion).await
    }
}

/// A line a row, then the key, then what the whole comes to if this is the last part.
#[expect(clippy::disallowed_methods, reason = "a test writes made-up cards down to read them again")]
fn written(part: &ExportPart<'_>) -> Result<Secret<Vec<u8>>, VaultError> {
    let mut text = String::new();
    for token in part.rows {
        let value = String::from_utf8(token.value.identity().to_vec()).unwrap();
        text.push_str(&format!("{} {} {value}\n", token.row, token.view.token));
    }
    let key: String = part.checksum_key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    text.push_str(&format!("key {key}\n"));
    if let Some((rows, checksum)) = part.total {
        text.push_str(&format!("total {rows} {checksum}\n"));
    }
    Ok(Secret::new(text.into_bytes()))
}

async fn tokens(case: &Case, cards: std::ops::Range<u64>) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for index in cards {
        let token = token_for(&case.vault, card(&card_number(index))).await;
        made.push((token.as_str().to_owned(), card_number(index)));
    }
    made
}

#[tokio::test]
async fn nothing_leaves_before_somebody_else_agreed_to_this_job_and_this_receiver() {
    let case = Case::new().await;
    tokens(&case, 0..3).await;
    let (job, other) = (case.begin(case.request()).await, case.begin(case.request()).await);
    assert!(matches!(case.part(&job, 0).await, Err(VaultError::ApprovalRequired(_))));
    case.approve(&other);
    case.second.0.lock().unwrap().push((job.to_string(), [1; 32]));
    assert!(matches!(case.part(&job, 0).await, Err(VaultError::ApprovalRequired(_))));
    case.approve(&job);
    let part = case.part(&job, 0).await.unwrap();
    assert_eq!((part.rows, part.is_last), (3, true));
    // What is taken back holds for a part that was given already.
    case.second.0.lock().unwrap().clear();
    assert!(matches!(case.part(&job, 0).await, Err(VaultError::ApprovalRequired(_))));
    // The vault of the release, told of nobody who may agree.
    let asked = call("acme", "detokenizer");
    let refused = case.world.vault.export_part(&asked, &job, 0, PURPOSE, written).await.err();
    assert!(matches!(refused, Some(VaultError::ApprovalRequired(_))));
    let records = case.world.records_of(&asked).await;
    assert_eq!(
        records.iter().map(|record| record.outcome.as_str()).collect::<Vec<_>>(),
        ["approval_required"]
    );
}

#[tokio::test]
async fn the_receiver_finds_every_token_once_and_the_same_checksum() {
    let case = Case::new().await;
    let expected = tokens(&case, 0..5).await;
    let job = case.begin(case.request()).await;
    tokens(&case, 5..6).await;
    case.approve(&job);
    let part = case.part(&job, 0).await.unwrap();
    let mut lines = case.open(&part);
    let total = lines.pop().unwrap();
    let key = lines.pop().unwrap();
    let bytes: Vec<u8> =
        (4..68).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap()).collect();
    let key = RowChecksumKey::new(&Secret::new(bytes.try_into().unwrap()));
    let mut seen = Vec::new();
    let mut sum = RowChecksum::default();
    for line in &lines {
        let [number, token, value] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let number = number.parse().unwrap();
        sum = sum.and(key.row(Row { number, token, kind: "card", value: value.as_bytes(), expiry: None }));
        seen.push((token.to_owned(), value.to_owned()));
    }
    seen.sort();
    let mut expected = expected;
    expected.sort();
    assert_eq!(seen, expected, "those made before the job");
    assert_eq!(total, format!("total 5 {sum}"));
    assert!(matches!(case.complete(&job, 4).await, Err(VaultError::JobMismatch(_))));
    let done = case.complete(&job, 5).await.unwrap();
    assert_eq!((done.state, done.rows), (JobState::Complete, 5));
    assert!(matches!(case.part(&job, 0).await, Err(VaultError::JobState(_))));
}

#[tokio::test]
async fn a_part_again_is_the_same_and_each_is_on_record_with_count_and_purpose() {
    let case = Case::new().await;
    tokens(&case, 0..3).await;
    let job = case.begin(case.request()).await;
    case.approve(&job);
    let first = case.part(&job, 0).await.unwrap();
    let asked = call("acme", "detokenizer");
    let again = case.vault.export_part(&asked, &job, 0, PURPOSE, written).await.unwrap();
    assert_eq!(again, first);
    assert!(matches!(case.part(&job, 1).await, Err(VaultError::JobState(_))), "there are no more");
    assert!(matches!(case.part(&job, 2).await, Err(VaultError::JobPartOrder { next: 1 })));
    let other = DetokenizationPurpose::AccountUpdate;
    let caller = call("acme", "detokenizer");
    let refused = case.vault.export_part(&caller, &job, 0, other, written).await.err();
    assert_eq!(refused, Some(VaultError::PurposeDenied), "another purpose than it was begun for");
    // In the stream of the node that gave it.
    use strongroom_core::ports::Store;
    let bundles = case.world.store.memory.read_bundles("node-2.1", 0, u32::MAX).await.unwrap();
    let records: Vec<_> = bundles.iter().flat_map(crate::world::records_in).collect();
    let of_parts: Vec<_> =
        records.iter().filter(|one| one.object.as_deref() == Some(job.as_str()) && one.count == 3).collect();
    assert_eq!(of_parts.len(), 2);
    assert!(of_parts.iter().all(|one| one.purpose.as_deref() == Some("migration")));
    let of_tokens = records.iter().filter(|one| {
        one.action == "token.export" && one.object.as_deref().is_some_and(|object| object.starts_with("tok_"))
    });
    assert_eq!(of_tokens.count(), 3);
}

#[tokio::test]
async fn only_what_was_asked_for_and_can_leave_leaves() {
    let case = Case::new().await;
    create_profile(&case.vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
    create_profile(&case.vault, profile("other")).await.unwrap();
    let kept = token_for(&case.vault, card(&card_number(1))).await;
    token_for(&case.vault, card_for("one-way", &card_number(2))).await;
    token_for(&case.vault, card_for("other", &card_number(3))).await;
    token_for(&case.vault, NewToken { max_uses: NonZeroU32::new(3), ..card(&card_number(4)) }).await;
    token_for(&case.vault, NewToken { ttl: Some(Duration::from_secs(1)), ..card(&card_number(5)) }).await;
    let lines = async |request: ExportRequest| {
        let job = case.begin(request).await;
        case.approve(&job);
        let lines = case.open(&case.part(&job, 0).await.unwrap());
        let view = case.vault.get_job(&call("acme", "detokenizer"), &job).await.unwrap();
        (lines.into_iter().filter(|line| line.contains("tok_")).collect::<Vec<_>>(), view.failed)
    };
    let default = ExportRequest { profile: Some(profile_name("default")), ..case.request() };
    let (found, passed_over) = lines(default).await;
    assert!(found.len() == 1 && found[0].contains(kept.as_str()), "{found:?}");
    assert_eq!(passed_over, 2, "limited and expired");
    assert_eq!(lines(case.request()).await.0.len(), 2);
    let now = case.vault.now();
    let later = ExportRequest { created_from: Some(now), ..case.request() };
    assert!(lines(later).await.0.is_empty());
    let earlier = ExportRequest { created_to: Some(now.minus(Duration::from_secs(3600))), ..case.request() };
    assert!(lines(earlier).await.0.is_empty());
}

#[tokio::test]
async fn a_long_export_comes_in_parts_and_goes_on_where_it_was() {
    let case = Case::new().await;
    let mut expected = Vec::new();
    for chunk in 0..3_u64 {
        let items = (0..700).map(|index| card(&card_number(chunk * 700 + index))).collect();
        let made = crate::asking::tokenize(&case.vault, &call("acme", "tokenizer"), items).await.unwrap();
        expected.extend(made.into_iter().map(|done| done.unwrap().token.token.as_str().to_owned()));
        case.world.clock.advance(Duration::from_secs(1));
    }
    let job = case.begin(case.request()).await;
    case.approve(&job);
    let mut seen = Vec::new();
    for number in 0.. {
        let part = case.part(&job, number).await.unwrap();
        assert!(part.rows <= 1000);
        seen.extend(case.open(&part).iter().filter_map(|line| {
            Some(line.split(' ').nth(1).filter(|token| token.starts_with("tok_"))?.to_owned())
        }));
        if part.is_last {
            assert_eq!(number, 2);
            break;
        }
    }
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
}

/// What a database administrator would do: put a key of one's own in the place of the receiver's, or the job of an approved
/// export back to where it was.
#[tokio::test]
async fn an_approved_export_cannot_be_given_another_receiver() {
    let case = Case::new().await;
    tokens(&case, 0..3).await;
    let job = case.begin(case.request()).await;
    case.approve(&job);
    let thief = RecipientKey::generate(&Secret::new([9; 48]));
    let theirs = case.begin(ExportRequest { receiver: thief.public().clone(), ..case.request() }).await;
    use strongroom_core::ports::Store;
    let theirs =
        case.world.store.memory.find_job(&crate::world::tenant("acme"), &theirs).await.unwrap().unwrap();
    // The sealed terms of a job of the thief's, in the row of the approved one.
    let (sealed, name) = (theirs.envelope.clone(), job.clone());
    case.world.store.tamper_jobs(move |row: &mut JobRow| {
        if row.job == name {
            row.envelope = sealed.clone();
        }
    });
    assert_eq!(case.part(&job, 0).await.err(), Some(VaultError::IntegrityFailure));
    // The whole row of the thief's under the approved one's name.
    let name = job.clone();
    case.world
        .store
        .tamper_jobs(move |row: &mut JobRow| *row = JobRow { job: name.clone(), ..theirs.clone() });
    assert_eq!(case.part(&job, 0).await.err(), Some(VaultError::IntegrityFailure));
    // A byte of the sealed receiver, each of them.
    let length = case
        .world
        .store
        .memory
        .find_job(&crate::world::tenant("acme"), &job)
        .await
        .unwrap()
        .unwrap()
        .envelope
        .len();
    for position in (0..length).step_by(7) {
        case.world.store.tamper_jobs(move |row: &mut JobRow| row.envelope[position] ^= 1);
        assert_eq!(case.part(&job, 0).await.err(), Some(VaultError::IntegrityFailure), "{position}");
    }
    case.world.store.stop_tampering();
    case.part(&job, 0).await.unwrap();
    case.complete(&job, 3).await.unwrap();
    // Opened again by hand.
    case.world.store.tamper_jobs(|row: &mut JobRow| (row.state, row.finished_at) = (JobState::Open, None));
    assert_eq!(case.part(&job, 0).await.err(), Some(VaultError::IntegrityFailure));
    let view = case.vault.get_job(&call("acme", "detokenizer"), &job).await.err();
    assert_eq!(view, Some(VaultError::IntegrityFailure));
    case.world.store.stop_tampering();
    let view = case.vault.get_job(&call("acme", "detokenizer"), &job).await.unwrap();
    assert!(
        matches!(view.work, JobWork::Export { receiver, .. } if receiver == case.receiver.public().thumbprint())
    );
}
