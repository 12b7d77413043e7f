//! From an answer that was searched to one that may be handed on.

use std::sync::Arc;

use async_trait::async_trait;
use strongroom_core::ports::egress::{AnswerFault, AnswerWithCards, Answered, EgressFailure, OutsideAnswer};
use strongroom_domain::{Pan, Token};
use strongroom_egress::{Answer, CardInAnswer, CardNumbers, Scan};

/// What the search came to, and what the operator wants done about it.
pub(super) fn answered(scan: Scan, card_in_answer: CardInAnswer) -> Result<Answered, EgressFailure> {
    match (scan, card_in_answer) {
        (Scan::Clean(answer), _) => Ok(Answered::Clean(outside(answer))),
        (Scan::CardNumbers(_), CardInAnswer::Refuse) => Err(EgressFailure::Answer(AnswerFault::CardNumber)),
        (Scan::CardNumbers(numbers), CardInAnswer::Retokenize) => {
            Ok(Answered::CardNumbers(Box::new(WithCards(Arc::new(numbers)))))
        }
    }
}

/// Shared, because replacing is work for another thread.
struct WithCards(Arc<CardNumbers>);

#[async_trait]
impl AnswerWithCards for WithCards {
    fn numbers(&self) -> Vec<&Pan> {
        self.0.found().iter().map(strongroom_egress::Found::number).collect()
    }

    async fn replace(&self, tokens: &[Token]) -> Result<OutsideAnswer, AnswerFault> {
        let numbers = Arc::clone(&self.0);
        let tokens: Vec<String> = tokens.iter().map(|token| token.as_str().to_owned()).collect();
        let replaced = tokio::task::spawn_blocking(move || numbers.replace(&tokens)).await;
        let answer = replaced.map_err(|_| AnswerFault::CardNumber)?.map_err(|error| {
            tracing::info!(reason = error.code(), "an answer's card numbers could not be replaced");
            AnswerFault::CardNumber
        })?;
        Ok(outside(answer))
    }
}

fn outside(answer: Answer) -> OutsideAnswer {
    let (status, headers, body) = answer.into_parts();
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    OutsideAnswer { status: status.as_u16(), headers, body }
}
