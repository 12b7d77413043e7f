//! Jobs: a part, what it makes and how far the job is are one.

use std::sync::Arc;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{CommitError, Effect, JobCursor, JobPartRow, JobRow};
use strongroom_domain::{JobId, JobKind, JobState};

use super::samples::{Node, at, insert_token, service, tenant, token, version};

/// A job begun at `number`.
fn job(tenant_name: &str, service_name: &str, number: u64) -> JobRow {
    JobRow {
        tenant: tenant(tenant_name),
        job: job_id(number),
        kind: JobKind::TokenImport,
        created_by: service(service_name),
        created_at: at(number),
        state: JobState::Open,
        next_part: 0,
        rows: 0,
        created: 0,
        existing: 0,
        failed: 0,
        updated_at: at(number),
        finished_at: None,
        envelope: format!("sealed {number}").into_bytes(),
        row_version: 1,
    }
}

fn job_id(number: u64) -> JobId {
    JobId::from_random(u128::from(number).to_be_bytes())
}

/// The job after one part more.
fn advanced(row: &JobRow) -> JobRow {
    JobRow {
        next_part: row.next_part + 1,
        rows: row.rows + 3,
        created: row.created + 1,
        existing: row.existing + 1,
        failed: row.failed + 1,
        updated_at: at(500 + u64::from(row.next_part)),
        envelope: format!("sealed after {}", row.next_part).into_bytes(),
        row_version: row.row_version + 1,
        ..row.clone()
    }
}

fn ended(row: &JobRow) -> JobRow {
    JobRow {
        state: JobState::Complete,
        finished_at: Some(at(900)),
        row_version: row.row_version + 1,
        ..row.clone()
    }
}

fn part(row: &JobRow, number: u32) -> JobPartRow {
    JobPartRow {
        tenant: row.tenant.clone(),
        job: row.job.clone(),
        part: number,
        key_version: version(2),
        request_digest: [7; 32],
        answer: format!("sealed answer {number}").into_bytes(),
        created_at: at(u64::from(number)),
    }
}

fn insert(row: &JobRow) -> Effect {
    Effect::InsertJob(Box::new(row.clone()))
}

fn revise(row: &JobRow) -> Effect {
    Effect::ReviseJob(Box::new(row.clone()))
}

fn keep(row: &JobRow, number: u32) -> Effect {
    Effect::InsertJobPart(Box::new(part(row, number)))
}

fn forget(row: &JobRow, before: u32) -> Effect {
    Effect::ForgetJobParts { tenant: row.tenant.clone(), job: row.job.clone(), before }
}

pub(super) async fn a_job_and_its_parts_come_back_as_they_went_in(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let export = JobRow {
        kind: JobKind::TokenExport,
        state: JobState::AwaitingApproval,
        next_part: u32::MAX,
        rows: 1 << 40,
        ..job("acme", "shop", 1)
    };
    node.commit(vec![vec![insert(&export), keep(&export, u32::MAX)]]).await;
    assert_eq!(store.find_job(&export.tenant, &export.job).await.unwrap(), Some(export.clone()));
    let found = store.find_job_part(&export.tenant, &export.job, u32::MAX).await.unwrap();
    assert_eq!(found, Some(part(&export, u32::MAX)));
    // Another tenant's of the same name is another.
    assert_eq!(store.find_job(&tenant("rival"), &export.job).await.unwrap(), None);
    assert_eq!(store.find_job_part(&tenant("rival"), &export.job, u32::MAX).await.unwrap(), None);
    assert_eq!(store.find_job_part(&export.tenant, &export.job, 0).await.unwrap(), None);
    assert_eq!(node.conflicts(vec![vec![insert(&export)]]).await, vec![0]);
    assert_eq!(node.conflicts(vec![vec![keep(&export, u32::MAX)]]).await, vec![0]);
    node.commit(vec![vec![insert(&job("rival", "shop", 1))]]).await;
}

pub(super) async fn a_part_its_tokens_and_the_progress_are_one(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = job("acme", "shop", 1);
    node.commit(vec![vec![insert(&row)], vec![insert_token("acme", 1)]]).await;
    let next = advanced(&row);
    // The token is taken, so neither the part nor the progress nor the other token is written.
    let unit =
        vec![insert_token("acme", 2), insert_token("acme", 1), revise(&next), keep(&row, 0), forget(&row, 0)];
    assert_eq!(node.conflicts(vec![unit, vec![]]).await, vec![0]);
    assert_eq!(store.find_token(&row.tenant, &token(2)).await.unwrap(), None);
    assert_eq!(store.find_job(&row.tenant, &row.job).await.unwrap(), Some(row.clone()));
    assert_eq!(store.find_job_part(&row.tenant, &row.job, 0).await.unwrap(), None);
    // More tokens than one statement takes.
    let mut unit: Vec<Effect> = (10..800).map(|number| insert_token("acme", number)).collect();
    unit.extend([revise(&next), keep(&row, 0), forget(&row, 0)]);
    node.commit(vec![unit.clone()]).await;
    assert_eq!(store.find_job(&row.tenant, &row.job).await.unwrap(), Some(next));
    assert_eq!(store.find_job_part(&row.tenant, &row.job, 0).await.unwrap(), Some(part(&row, 0)));
    assert!(store.find_token(&row.tenant, &token(799)).await.unwrap().is_some());
    // The same part once more is refused, whatever its tokens.
    let again = vec![insert_token("acme", 2), revise(&advanced(&row)), keep(&row, 0)];
    assert_eq!(node.conflicts(vec![again]).await, vec![0]);
    assert_eq!(store.find_token(&row.tenant, &token(2)).await.unwrap(), None);
}

pub(super) async fn only_the_expected_version_of_a_job_moves_on(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let (row, other) = (job("acme", "shop", 1), job("acme", "shop", 2));
    node.commit(vec![vec![insert(&row)], vec![insert(&other)]]).await;
    let next = advanced(&row);
    for wrong in
        [row.clone(), advanced(&next), advanced(&job("acme", "shop", 3)), advanced(&job("rival", "shop", 1))]
    {
        assert_eq!(
            node.conflicts(vec![vec![revise(&advanced(&other))], vec![revise(&wrong)]]).await,
            vec![1]
        );
    }
    // Two of one batch: the first wins.
    assert_eq!(node.conflicts(vec![vec![revise(&next)], vec![revise(&next)]]).await, vec![1]);
    node.commit(vec![vec![revise(&next)], vec![revise(&advanced(&other))]]).await;
    // What is written once stays.
    let moved = JobRow { created_by: service("thief"), created_at: at(1), ..advanced(&next) };
    node.commit(vec![vec![revise(&moved)]]).await;
    let found = store.find_job(&row.tenant, &row.job).await.unwrap().unwrap();
    assert_eq!((found.created_by, found.created_at, found.next_part), (row.created_by, row.created_at, 2));
}

pub(super) async fn a_job_ends_once(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let row = job("acme", "shop", 1);
    node.commit(vec![vec![insert(&row), keep(&row, 0), keep(&row, 1)]]).await;
    let done = ended(&row);
    node.commit(vec![vec![revise(&done), forget(&row, u32::MAX)]]).await;
    assert_eq!(store.find_job(&row.tenant, &row.job).await.unwrap(), Some(done.clone()));
    assert_eq!(store.find_job_part(&row.tenant, &row.job, 1).await.unwrap(), None);
    assert_eq!(node.conflicts(vec![vec![revise(&advanced(&done))]]).await, vec![0]);
}

pub(super) async fn parts_are_forgotten_up_to_one(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let (row, other) = (job("acme", "shop", 1), job("acme", "shop", 2));
    let parts = |row: &JobRow| (0..5).map(|number| keep(row, number)).collect::<Vec<_>>();
    node.commit(vec![parts(&row), parts(&other), parts(&job("rival", "shop", 1))]).await;
    node.commit(vec![vec![forget(&row, 3), keep(&row, 5)]]).await;
    for (tenant_name, number, kept) in [("acme", 1, 3..=5), ("acme", 2, 0..=4), ("rival", 1, 0..=4)] {
        for part in 0..8 {
            let found = store.find_job_part(&tenant(tenant_name), &job_id(number), part).await.unwrap();
            assert_eq!(found.is_some(), kept.contains(&part), "{tenant_name} {number} {part}");
        }
    }
    node.commit(vec![vec![forget(&row, 3)]]).await;
}

pub(super) async fn jobs_are_listed_to_their_creator_and_paged(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    // Two of them at the same moment.
    let rows = [
        job("acme", "shop", 1),
        job("acme", "shop", 2),
        JobRow { created_at: at(2), ..job("acme", "shop", 3) },
    ];
    let others = [job("acme", "billing", 4), job("rival", "shop", 5)];
    node.commit(rows.iter().chain(&others).rev().map(|row| vec![insert(row)]).collect()).await;
    for limit in 1..=4 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page =
                store.list_jobs(&tenant("acme"), &service("shop"), after.as_ref(), limit).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(JobCursor { created_at: last.created_at, job: last.job.clone() });
            seen.extend(page);
        }
        assert_eq!(seen, rows);
    }
}

pub(super) async fn idle_jobs_are_the_running_ones_left_alone(store: Arc<dyn Store>) {
    let node = Node::new(&store, "node-1");
    let rows =
        [job("acme", "shop", 3), job("rival", "shop", 1), job("acme", "shop", 2), job("acme", "shop", 9)];
    node.commit(rows.iter().map(|row| vec![insert(row)]).collect()).await;
    node.commit(vec![vec![revise(&ended(&rows[2]))]]).await;
    let idle = async |limit| store.idle_jobs(at(9), limit).await.unwrap();
    assert_eq!(idle(10).await, [rows[1].clone(), rows[0].clone()]);
    assert_eq!(idle(1).await, [rows[1].clone()]);
}

/// From several streams at once, as from several nodes.
pub(super) async fn one_of_many_senders_of_a_part_wins(store: Arc<dyn Store>) {
    let row = job("acme", "shop", 1);
    Node::new(&store, "node-0").commit(vec![vec![insert(&row)]]).await;
    let senders: Vec<_> = (1..=4)
        .map(|number: u64| {
            let (store, row) = (Arc::clone(&store), row.clone());
            tokio::spawn(async move {
                let unit = vec![insert_token("acme", number), revise(&advanced(&row)), keep(&row, 0)];
                Node::new(&store, &format!("node-{number}")).try_commit(vec![unit]).await
            })
        })
        .collect();
    let mut won = 0;
    for sender in senders {
        match sender.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error, CommitError::Conflict(vec![0])),
        }
    }
    assert_eq!(won, 1);
    let tokens: Vec<_> = (1..=4).map(token).collect();
    assert_eq!(store.find_tokens(&tenant("acme"), &tokens).await.unwrap().len(), 1);
}
