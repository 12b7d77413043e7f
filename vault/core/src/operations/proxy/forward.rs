use std::time::Duration;

use strongroom_domain::{
    Action, DetokenizationPurpose, KeyPurpose, Principal, ProfileName, Secret, SecurityCode, Token,
    TokenReference, Value, VelocityCounter,
};
use tokio::time::Instant;

use super::parts::part_of;
use super::retokenize::{Replaced, retokenize};
use crate::audit::EventDraft;
use crate::operations::security_codes::open_security_code;
use crate::operations::tokens::{Found, Work};
use crate::pipeline::{
    Access, Answer, Committed, Completion, Idempotency, Intent, Irrevocable, Permit, run_irrevocable,
};
use crate::ports::egress::{AnswerFault, Answered, Draft, Outgoing, OutsideAnswer, Part, Template};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A request that is to be made with values in it.
pub struct ForwardRequest {
    /// The name of the destination.
    pub destination: String,
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Names and values of headers, with placeholders.
    pub headers: Vec<(String, Secret<String>)>,
    /// The body, with placeholders.
    pub body: Option<ForwardBody>,
    /// The tokens, or aliases of them, by the names that placeholders call them; what is no token at all keeps its place.
    pub tokens: Vec<(String, Result<TokenReference, VaultError>)>,
    /// What for.
    pub purpose: DetokenizationPurpose,
    /// How long it may take, if less long than the destination may.
    pub timeout: Option<Duration>,
}

/// A body with placeholders.
pub struct ForwardBody {
    /// Its media type.
    pub content_type: String,
    /// The text.
    pub text: Secret<String>,
}

/// What the destination answered.
pub struct Forwarded {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are for the caller.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Secret<Vec<u8>>,
    /// The tokens that stand in it in place of card numbers.
    pub retokenized: Vec<Token>,
}

/// The most tokens of one request.
const MOST_TOKENS: usize = 16;

impl Vault {
    /// Makes a request to a listed destination with values of tokens in it, and hands its answer on. On record before and
    /// after; once under way it goes through to the end, whoever still waits.
    pub async fn forward(
        &self,
        call: &Call,
        request: ForwardRequest,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(Result<&Forwarded, &VaultError>) -> Answer + Send + Sync + 'static,
    ) -> Result<Answer, VaultError> {
        let tenant = call.principal.tenant();
        // What is no name of the list may be anything, and does not go into the record.
        let known = self.core.egress().has(tenant, &request.destination);
        let destination = known.then(|| request.destination.clone());
        let operation =
            Forward { began: Instant::now(), principal: call.principal.clone(), destination, request };
        run_irrevocable(&self.core, call, operation, idempotency, render).await
    }
}

struct Forward {
    began: Instant,
    principal: Principal,
    destination: Option<String>,
    request: ForwardRequest,
}

/// A request with its values in, and what they are of.
struct Ready {
    outgoing: Box<dyn Outgoing>,
    used: Vec<Used>,
    patience: Duration,
}

/// A token whose value is in a request.
pub(super) struct Used {
    pub(super) reference: TokenReference,
    pub(super) token: Token,
    pub(super) profile: ProfileName,
    pub(super) value: Value,
    pub(super) security_code: Option<SecurityCode>,
}

struct Outcome {
    used: Vec<Used>,
    result: Result<Answered, VaultError>,
}

impl Irrevocable for Forward {
    type Act = Ready;
    type Outcome = Outcome;
    type Output = Forwarded;

    const ACTION: Action = Action::ProxyForward;

    fn access(&self) -> Access {
        Access { purpose: Some(self.request.purpose), ..Access::default() }
    }

    /// To whomever they go, they leave in full.
    fn counter(&self) -> Option<VelocityCounter> {
        Some(VelocityCounter::reveal(self.request.purpose))
    }

    fn items(&self, act: &Ready) -> usize {
        act.used.len()
    }

    fn subject(&self) -> EventDraft {
        let subject =
            EventDraft::success().count(self.request.tokens.len()).destination(self.destination.as_deref());
        match self.request.tokens.as_slice() {
            [(_, Ok(only))] => subject.presented(only),
            _ => subject,
        }
    }

    fn check(&self, has_key: bool) -> Result<(), VaultError> {
        // By the caller's own word: what else it may be is looked at later, and refused.
        if has_key || self.request.method == "GET" { Ok(()) } else { Err(VaultError::IdempotencyKeyRequired) }
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Intent<Ready>, VaultError> {
        let names: Vec<String> = self.request.tokens.iter().map(|(name, _)| name.clone()).collect();
        let draft = core.egress().read(self.principal.tenant(), &self.template(&names))?;
        self.check_tokens(&*draft)?;
        let patience = self.request.timeout.map_or(draft.timeout(), |own| own.min(draft.timeout()));
        let (used, intent) = self.open(core, &draft.placeholders()).await?;
        let value_of = |name: &str, part: Part| {
            let place = names.iter().position(|known| known == name)?;
            part_of(used.get(place)?, part)
        };
        let outgoing = draft.fill(&value_of)?;
        let Opened { effects, events } = intent;
        Ok(Intent::new(Ready { outgoing, used, patience }, effects, events))
    }

    fn lasts(&self, act: &Ready) -> Duration {
        // And the two commits around it, generously: whoever asks too early is told to come again.
        act.patience + Duration::from_secs(30)
    }

    async fn act(&self, act: Committed<Ready>) -> Outcome {
        let Ready { outgoing, used, patience } = act.into_inner();
        // Counted from the request's arrival, since that is what its caller counts from.
        let patience = patience.saturating_sub(self.began.elapsed());
        let sent = Instant::now();
        let result = outgoing.send(patience).await.map_err(VaultError::from);
        self.observe(&result, sent.elapsed());
        Outcome { used, result }
    }

    async fn complete(&self, permit: &Permit, core: &Core, outcome: &Outcome) -> Completion<Forwarded> {
        let replaced = match &outcome.result {
            Err(error) => Err(error.clone()),
            Ok(Answered::Clean(answer)) => Ok(Replaced::nothing(answer)),
            Ok(Answered::CardNumbers(cards)) => {
                let context = (permit, core, &self.principal);
                retokenize(context, self.destination.as_deref(), &**cards, &outcome.used).await
            }
        };
        let event =
            |used: &Used| self.event().presented(&used.reference).object(&used.token).profile(&used.profile);
        let ended = |event: EventDraft| match &replaced {
            Ok(replaced) => event.came_to(outcome_of(replaced.status)),
            Err(error) => event.failed(error),
        };
        let mut events: Vec<EventDraft> = outcome.used.iter().map(|used| ended(event(used))).collect();
        match replaced {
            Err(error) => Completion { output: Err(error), effects: Vec::new(), events },
            Ok(replaced) => {
                events.extend(replaced.events);
                let Replaced { status, headers, body, tokens, effects, .. } = replaced;
                let output = Forwarded { status, headers, body, retokenized: tokens };
                Completion { output: Ok(output), effects, events }
            }
        }
    }
}

struct Opened {
    effects: Vec<crate::ports::store::Effect>,
    events: Vec<EventDraft>,
}

impl Forward {
    fn template<'a>(&'a self, names: &'a [String]) -> Template<'a> {
        let ForwardRequest { destination, method, path, headers, body, .. } = &self.request;
        let body = body.as_ref().map(|body| (body.content_type.as_str(), &body.text));
        Template { destination, method, path, headers, body, names }
    }

    /// Each token must be used by a placeholder: one that is not would be counted, and written down, for nothing.
    fn check_tokens(&self, draft: &dyn Draft) -> Result<(), VaultError> {
        let tokens = &self.request.tokens;
        if !(1..=MOST_TOKENS).contains(&tokens.len()) {
            return Err(VaultError::Invalid("tokens must hold 1 to 16 tokens"));
        }
        let wanted = draft.placeholders();
        let asks_for_code = wanted.iter().any(|(_, part)| *part == Part::SecurityCode);
        if asks_for_code && self.request.purpose != DetokenizationPurpose::Authorisation {
            let reason = "a security code is used for an authorisation and for nothing else";
            return Err(VaultError::ForwardTemplate(reason.to_owned()));
        }
        if tokens.iter().any(|(name, _)| !wanted.iter().any(|(used, _)| used == name)) {
            return Err(VaultError::ForwardTemplate("each token must be used by a placeholder".to_owned()));
        }
        Ok(())
    }

    /// Opens all values, or says why one cannot be used.
    async fn open(&self, core: &Core, wanted: &[(String, Part)]) -> Result<(Vec<Used>, Opened), VaultError> {
        let tenant = self.principal.tenant();
        let snapshot = core.snapshot();
        let key = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?;
        let references: Vec<_> = self.request.tokens.iter().map(|(_, token)| token.clone()).collect();
        let mut found = Found::look_up(core, tenant, &references).await?;
        let mut work = Work::unseen(core, &snapshot, key);
        let mut used: Vec<Used> = Vec::with_capacity(references.len());
        let mut events = Vec::with_capacity(references.len());
        for ((name, _), reference) in self.request.tokens.iter().zip(references) {
            let reference = reference?;
            let row = found.row(core, tenant, &reference).await?;
            if used.iter().any(|earlier| earlier.token == row.token) {
                return Err(VaultError::Invalid("a token must be named once"));
            }
            // First whether the token may be used at all: of one that is gone nobody learns whether it had a code.
            let value = work.take(row).await?;
            let security_code = match wanted.contains(&(name.clone(), Part::SecurityCode)) {
                true => Some(open_security_code(core, row).await?),
                false => None,
            };
            let intended = EventDraft::intended()
                .purpose(Some(self.request.purpose))
                .destination(self.destination.as_deref())
                .presented(&reference);
            events.push(intended.object(&row.token).profile(&row.profile).row_version(row.row_version));
            let (token, profile) = (row.token.clone(), row.profile.clone());
            used.push(Used { reference, token, profile, value, security_code });
        }
        Ok((used, Opened { effects: work.effects, events }))
    }

    fn event(&self) -> EventDraft {
        EventDraft::success().purpose(Some(self.request.purpose)).destination(self.destination.as_deref())
    }

    fn observe(&self, result: &Result<Answered, VaultError>, took: Duration) {
        // A name of the configuration's list: callers cannot make up new ones.
        let Some(destination) = self.destination.clone() else { return };
        let outcome = match result {
            Ok(Answered::Clean(OutsideAnswer { status, .. })) => outcome_of(*status),
            Ok(Answered::CardNumbers(_)) => VaultError::DestinationAnswer(AnswerFault::CardNumber).code(),
            Err(error) => error.code(),
        };
        metrics::counter!(
            "strongroom_forwards_total", "destination" => destination.clone(), "outcome" => outcome
        )
        .increment(1);
        metrics::histogram!("strongroom_forward_seconds", "destination" => destination)
            .record(took.as_secs_f64());
    }
}

/// What an answer of this status is on record as.
const fn outcome_of(status: u16) -> &'static str {
    match status {
        200..=299 => "success",
        400..=499 => "answered_4xx",
        500..=599 => "answered_5xx",
        _ => "answered_otherwise",
    }
}
