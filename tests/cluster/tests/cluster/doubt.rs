//! A COMMIT whose answer is lost.

use std::time::{Duration, Instant};

use serde_json::json;
use strongroom_cluster::Cluster;
use strongroom_e2e::{Answer, Caller, Outcome, card_numbers};
use strongroom_postgres_server::{CuttingProxy, PostgresServer, Request};

const PATIENCE: Duration = Duration::from_secs(20);
/// A commit with a token in it is longer than this; whatever else the vault says once its statements are prepared is
/// shorter.
const COMMIT_BYTES: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_done_once() -> Outcome<()> {
    let server = PostgresServer::shared()?;
    let proxy = CuttingProxy::start(&server).await?;
    let cluster = Cluster::start_by(&server, Some(proxy.port())).await?;
    let [tokenizer, other] = cluster.callers("acme-tokenizer")?;
    let numbers = card_numbers(30);
    let (warm, rest) = numbers.split_at(20);
    for (at, number) in warm.iter().enumerate() {
        create(&tokenizer, &format!("warm-up-request-{at}"), number).await?.expect(201)?;
    }
    let mut rows = warm.len();

    // The node finds out by itself.
    let (found_out, untold) = rest.split_at(5);
    for (at, number) in found_out.iter().enumerate() {
        let key = format!("found-out-by-itself-{at}");
        proxy.lose_answer(Request::OfAtLeast(COMMIT_BYTES));
        let token = create(&tokenizer, &key, number).await?.expect(201)?.text_at("/token")?;
        assert!(proxy.wait_for_lost_answers(at + 1, PATIENCE).await, "no answer was lost");
        same(&create(&tokenizer, &key, number).await?, &token)?;
        same(&create(&other, &key, number).await?, &token)?;
        rows += 1;
        assert_eq!(cluster.sql("SELECT count(*) FROM tokens")?, rows.to_string());
    }

    // The node cannot find out, says so, and the caller asks the other one meanwhile.
    let Some(number) = untold.first() else { return Err("no number".into()) };
    let lost = proxy.lost_answers();
    proxy.lose_answer(Request::OfAtLeast(COMMIT_BYTES));
    let (asking, key, card) = (tokenizer.clone(), "asked-again-elsewhere", number.clone());
    let untold = tokio::spawn(async move { create(&asking, key, &card).await });
    assert!(proxy.wait_for_lost_answers(lost + 1, PATIENCE).await, "no answer was lost");
    proxy.refuse(true);
    proxy.cut_all();
    let refused = untold.await??.expect(503)?;
    assert_eq!(refused.code(), "audit_unavailable", "{}", refused.text);
    let token = create(&other, key, number).await?.expect(201)?.text_at("/token")?;
    rows += 1;
    assert_eq!(cluster.sql("SELECT count(*) FROM tokens")?, rows.to_string());
    let began = Instant::now();
    proxy.refuse(false);
    let again = loop {
        let again = create(&tokenizer, key, number).await?;
        if again.status == 201 {
            break again;
        }
        assert!(again.status == 503 && began.elapsed() < PATIENCE, "{} {}", again.status, again.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    same(&again, &token)?;
    assert_eq!(cluster.sql("SELECT count(*) FROM tokens")?, rows.to_string());
    assert_eq!(cluster.sql("SELECT count(*) FROM idempotency_answers")?, rows.to_string());
    Ok(())
}

async fn create(caller: &Caller, key: &str, number: &str) -> Outcome<Answer> {
    caller.post_once("/v1/tokens", key, &json!({"type": "card", "card": {"number": number}})).await
}

fn same(answer: &Answer, token: &str) -> Outcome<()> {
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    assert_eq!(answer.text_at("/token")?, token, "the same request made another token");
    Ok(())
}
