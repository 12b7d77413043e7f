//! Destinations that do what they are told, and remember what they were sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use strongroom_core::ports::Egress;
use strongroom_core::ports::egress::{
    AnswerFault, AnswerWithCards, Answered, Draft, EgressFailure, EgressRefusal, Outgoing, OutsideAnswer,
    Part, Template, ValueOf,
};
use strongroom_domain::{LuhnRule, Pan, Secret, TenantId, Token};
use tokio::sync::Notify;

/// What a destination does next.
pub(crate) enum Reply {
    /// Answers.
    Status(u16, &'static str),
    /// Answers with these card numbers in the places of `#`.
    Cards(&'static str, Vec<String>),
    /// There is no answer.
    Fails(EgressFailure),
    /// Answers when it is told to.
    Waits(Arc<Notify>),
    /// Something happens while it is at work.
    Meanwhile(Box<dyn FnOnce() + Send>),
}

/// One destination, `acquirer`, for the tenant acme.
#[derive(Default)]
pub(crate) struct ToldEgress(Arc<Shared>);

#[derive(Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    sent: Mutex<Vec<String>>,
}

impl ToldEgress {
    pub(crate) fn reply(&self, reply: Reply) {
        self.0.replies.lock().unwrap().push_back(reply);
    }

    /// The bodies that were sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.0.sent.lock().unwrap().clone()
    }
}

impl Egress for ToldEgress {
    fn has(&self, tenant: &TenantId, destination: &str) -> bool {
        tenant.as_str() == "acme" && destination == "acquirer"
    }

    #[expect(clippy::disallowed_methods, reason = "the test's own text")]
    fn read(&self, tenant: &TenantId, template: &Template<'_>) -> Result<Box<dyn Draft>, EgressRefusal> {
        if !self.has(tenant, template.destination) {
            return Err(EgressRefusal::NoDestination);
        }
        if template.path != "/v1/payments" {
            return Err(EgressRefusal::NotAllowed("this destination does not allow this path".to_owned()));
        }
        let text = template.body.map_or(String::new(), |(_, text)| text.expose().clone());
        Ok(Box::new(Written { shared: Arc::clone(&self.0), text }))
    }
}

struct Written {
    shared: Arc<Shared>,
    text: String,
}

const PARTS: [(&str, Part); 5] = [
    ("number", Part::Number),
    ("exp_month_2", Part::ExpMonth2),
    ("exp_year_2", Part::ExpYear2),
    ("security_code", Part::SecurityCode),
    ("value", Part::Value),
];

impl Draft for Written {
    fn placeholders(&self) -> Vec<(String, Part)> {
        let placeholder = |text: &str| {
            let (name, part) = text.split_once("}}")?.0.split_once('.')?;
            let (_, part) = PARTS.iter().find(|(known, _)| *known == part)?;
            Some((name.to_owned(), *part))
        };
        self.text.split("{{").skip(1).filter_map(placeholder).collect()
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(10)
    }

    #[expect(clippy::disallowed_methods, reason = "the test's own card")]
    fn fill(self: Box<Self>, values: &ValueOf<'_>) -> Result<Box<dyn Outgoing>, EgressRefusal> {
        let mut text = self.text.clone();
        for (name, part) in self.placeholders() {
            let missing = || EgressRefusal::Template("the token has no such field".to_owned());
            let value = values(&name, part).ok_or_else(missing)?;
            let (known, _) = PARTS.iter().find(|(_, known)| *known == part).unwrap();
            text = text.replace(&format!("{{{{{name}.{known}}}}}"), value.expose());
        }
        Ok(Box::new(Self { text, ..*self }))
    }
}

#[async_trait]
impl Outgoing for Written {
    async fn send(self: Box<Self>, patience: Duration) -> Result<Answered, EgressFailure> {
        self.shared.sent.lock().unwrap().push(self.text.clone());
        let reply = self.shared.replies.lock().unwrap().pop_front();
        let clean = |status, body: &str| {
            Answered::Clean(OutsideAnswer {
                status,
                headers: vec![("x-patience".to_owned(), patience.as_secs().to_string())],
                body: Secret::new(body.as_bytes().to_vec()),
            })
        };
        match reply.unwrap_or(Reply::Status(201, "approved")) {
            Reply::Status(status, body) => Ok(clean(status, body)),
            Reply::Cards(text, numbers) => {
                let read = |number: &String| Pan::parse(number, LuhnRule::Relaxed).unwrap();
                Ok(Answered::CardNumbers(Box::new(Cards {
                    text,
                    numbers: numbers.iter().map(read).collect(),
                })))
            }
            Reply::Fails(failure) => Err(failure),
            Reply::Waits(told) => {
                told.notified().await;
                Ok(clean(201, "approved"))
            }
            Reply::Meanwhile(act) => {
                act();
                Ok(clean(201, "approved"))
            }
        }
    }
}

struct Cards {
    text: &'static str,
    numbers: Vec<Pan>,
}

#[async_trait]
impl AnswerWithCards for Cards {
    fn numbers(&self) -> Vec<&Pan> {
        self.numbers.iter().collect()
    }

    async fn replace(&self, tokens: &[Token]) -> Result<OutsideAnswer, AnswerFault> {
        assert_eq!(tokens.len(), self.numbers.len());
        if self.text.contains("zip") {
            return Err(AnswerFault::CardNumber);
        }
        let filled =
            tokens.iter().fold(self.text.to_owned(), |text, token| text.replacen('#', token.as_str(), 1));
        Ok(OutsideAnswer { status: 200, headers: Vec::new(), body: Secret::new(filled.into_bytes()) })
    }
}
