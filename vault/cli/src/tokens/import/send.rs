//! Sending a batch.

use std::time::Duration;

use strongroom_api::tokens::{CreateTokens, CreatedToken};
use strongroom_client::Client;
use strongroom_domain::IdempotencyKey;

use super::batch::{Item, LineBatch};
use super::outcome::{LineError, Made, Outcome};
use crate::failure::Failure;

/// What turns cards into tokens: the vault, or a stand-in for it in tests.
pub(super) trait Tokenizer {
    /// One answer per item, in their order.
    async fn tokenize(
        &self,
        request: &CreateTokens,
        key: IdempotencyKey,
    ) -> Result<Vec<CreatedToken>, Failure>;
}

impl Tokenizer for Client {
    async fn tokenize(
        &self,
        request: &CreateTokens,
        key: IdempotencyKey,
    ) -> Result<Vec<CreatedToken>, Failure> {
        Ok(self.with_idempotency_key(key).create_tokens(request).await?.items)
    }
}

/// How often items are sent again that may go through later.
const MOST_ROUNDS: u32 = 5;

/// Sends a batch, and what the vault could not do at the moment again, as a batch of its own. Its key names the round:
/// under the first key the vault would give the first answer again.
pub(super) async fn send(
    tokenizer: &impl Tokenizer,
    import: &str,
    batch: LineBatch,
    first_pause: Duration,
) -> Result<Outcome, Failure> {
    let LineBatch { number, items, mut refused, end } = batch;
    let mut made = Vec::with_capacity(items.len());
    let mut remaining = items;
    for round in 0..MOST_ROUNDS {
        if remaining.is_empty() {
            break;
        }
        if round > 0 {
            tokio::time::sleep(first_pause * 2_u32.pow(round - 1)).await;
        }
        let last = round + 1 == MOST_ROUNDS;
        remaining =
            send_round(tokenizer, key(import, number, round)?, remaining, last, &mut made, &mut refused)
                .await?;
    }
    made.sort_by_key(|made: &Made| made.line);
    refused.sort_by_key(|error| error.line);
    Ok(Outcome { batch: number, end, made, failed: refused })
}

/// Gives back what is worth another round.
async fn send_round(
    tokenizer: &impl Tokenizer,
    key: IdempotencyKey,
    items: Vec<Item>,
    last: bool,
    made: &mut Vec<Made>,
    refused: &mut Vec<LineError>,
) -> Result<Vec<Item>, Failure> {
    let (lines, requests): (Vec<_>, Vec<_>) = items.into_iter().map(|item| (item.line, item.request)).unzip();
    let request = CreateTokens { items: requests };
    let answers = tokenizer.tokenize(&request, key).await?;
    if answers.len() != lines.len() {
        return Err(unexpected());
    }
    let mut again = Vec::new();
    for ((line, request), answer) in lines.into_iter().zip(request.items).zip(answers) {
        match answer {
            CreatedToken { token: Some(token), status, error: None } => {
                made.push(Made::new(line, status, token))
            }
            CreatedToken { error: Some(problem), .. } if problem.retryable && !last => {
                again.push(Item { line, request });
            }
            CreatedToken { error: Some(problem), .. } => refused.push(LineError::of_problem(line, problem)),
            CreatedToken { token: None, error: None, .. } => return Err(unexpected()),
        }
    }
    Ok(again)
}

fn key(import: &str, batch: u64, round: u32) -> Result<IdempotencyKey, Failure> {
    let key = match round {
        0 => format!("import-{import}-{batch}"),
        _ => format!("import-{import}-{batch}-{round}"),
    };
    IdempotencyKey::parse(&key).map_err(|error| Failure::Local(format!("the state's import id: {error}")))
}

fn unexpected() -> Failure {
    Failure::Local("the vault's answer does not have one result for each line of the batch".to_owned())
}
