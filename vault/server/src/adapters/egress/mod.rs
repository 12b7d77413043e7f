//! The `Egress` port on `strongroom-egress`: the destinations of the configuration, and a few places for each.
//!
//! A destination that is slow holds its own places and nobody else's: more requests than it has places for are refused
//! at once.

mod answer;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strongroom_core::ports::Egress;
use strongroom_core::ports::egress::{
    AnswerFault, Answered, Draft, EgressFailure, EgressRefusal, Outgoing, Part, Template, ValueOf,
};
use strongroom_domain::{Secret, TenantId};
use strongroom_egress::template::TemplateReason;
use strongroom_egress::{
    BodySource, Destination, Destinations, Field, FilledRequest, ForwardError, Forwarder, Outcome,
    Placeholder, RequestTemplate, TemplateError, TemplateSource, TokenName,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The way to the destinations that the operator has listed.
pub struct ListedDestinations {
    destinations: Destinations,
    places: HashMap<String, Arc<Semaphore>>,
    forwarder: Forwarder,
}

impl ListedDestinations {
    /// To these.
    pub fn new(destinations: Destinations, forwarder: Forwarder) -> Self {
        let places = |destination: &Arc<Destination>| {
            (destination.name().to_owned(), Arc::new(Semaphore::new(destination.max_in_flight())))
        };
        Self { places: destinations.iter().map(places).collect(), destinations, forwarder }
    }

    fn template(
        destination: &Arc<Destination>,
        template: &Template<'_>,
    ) -> Result<RequestTemplate, EgressRefusal> {
        let target = destination
            .target(template.method, template.path)
            .map_err(|error| EgressRefusal::NotAllowed(error.to_string()))?;
        let names: Vec<TokenName> = template
            .names
            .iter()
            .map(|name| TokenName::parse(name))
            .collect::<Result<_, _>>()
            .map_err(|error| EgressRefusal::Template(error.to_string()))?;
        let headers: Vec<(&str, &str)> =
            template.headers.iter().map(|(name, value)| (name.as_str(), exposed(value))).collect();
        let body = template.body.map(|(content_type, text)| BodySource { content_type, text: exposed(text) });
        target.template(&TemplateSource { headers: &headers, body }, &names).map_err(refusal)
    }
}

impl Egress for ListedDestinations {
    fn has(&self, tenant: &TenantId, destination: &str) -> bool {
        self.destinations.of(tenant, destination).is_some()
    }

    fn read(&self, tenant: &TenantId, template: &Template<'_>) -> Result<Box<dyn Draft>, EgressRefusal> {
        let named = self.destinations.of(tenant, template.destination);
        let destination = named.ok_or(EgressRefusal::NoDestination)?;
        let request = Self::template(destination, template)?;
        let places = self.places.get(destination.name()).ok_or(EgressRefusal::NoDestination)?;
        let place = Arc::clone(places).try_acquire_owned().map_err(|_| EgressRefusal::Full)?;
        let (destination, forwarder) = (Arc::clone(destination), self.forwarder.clone());
        Ok(Box::new(Read { destination, forwarder, request, place }))
    }
}

/// A request without values, and its place at the destination.
struct Read {
    destination: Arc<Destination>,
    forwarder: Forwarder,
    request: RequestTemplate,
    place: OwnedSemaphorePermit,
}

impl Draft for Read {
    fn placeholders(&self) -> Vec<(String, Part)> {
        let part =
            |placeholder: &Placeholder| (placeholder.name.as_str().to_owned(), part_of(placeholder.field));
        self.request.placeholders().map(part).collect()
    }

    fn timeout(&self) -> Duration {
        self.destination.timeout()
    }

    fn fill(self: Box<Self>, values: &ValueOf<'_>) -> Result<Box<dyn Outgoing>, EgressRefusal> {
        let Self { destination, forwarder, request, place } = *self;
        let value = |placeholder: &Placeholder| values(placeholder.name.as_str(), part_of(placeholder.field));
        let request = request.fill(&value).map_err(|error| EgressRefusal::Template(error.to_string()))?;
        Ok(Box::new(Filled { destination, forwarder, request, _place: place }))
    }
}

/// A request with its values, and its place at the destination.
struct Filled {
    destination: Arc<Destination>,
    forwarder: Forwarder,
    request: FilledRequest,
    _place: OwnedSemaphorePermit,
}

#[async_trait]
impl Outgoing for Filled {
    async fn send(self: Box<Self>, patience: Duration) -> Result<Answered, EgressFailure> {
        let Self { destination, forwarder, request, _place } = *self;
        // The destination's own limit comes first where the sum is more than a clock can say.
        let now = Instant::now();
        let deadline = now.checked_add(patience).unwrap_or(now + destination.timeout());
        let unscanned = forwarder.forward(request, deadline).await.map_err(failure)?;
        // An answer that was made for it keeps the search busy for longer than a thread of the runtime has.
        let scan = tokio::task::spawn_blocking(|| unscanned.scan()).await;
        answer::answered(scan.map_err(|_| unsearched())?, destination.card_in_answer())
    }
}

/// What cannot be searched is as good as one with a number in it.
const fn unsearched() -> EgressFailure {
    EgressFailure::Answer(AnswerFault::CardNumber)
}

fn refusal(error: TemplateError) -> EgressRefusal {
    match error.reason {
        TemplateReason::HeaderNotAllowed => EgressRefusal::NotAllowed(error.to_string()),
        _ => EgressRefusal::Template(error.to_string()),
    }
}

/// Who is at fault, and what is known. The texts tell neither address nor content.
fn failure(error: ForwardError) -> EgressFailure {
    match error.outcome() {
        Outcome::NotSent => match error {
            ForwardError::AddressRefused(_) | ForwardError::Tls(_) => {
                EgressFailure::Refused(error.to_string())
            }
            _ => EgressFailure::Unreachable(error.to_string()),
        },
        Outcome::Unknown => EgressFailure::Unknown(match error {
            ForwardError::ClientCertificateRefused => {
                format!("{error}; the request was most likely not carried out, but that is not certain")
            }
            _ => error.to_string(),
        }),
        Outcome::Answered => EgressFailure::Answer(match error {
            ForwardError::Redirect => AnswerFault::Redirect,
            ForwardError::EncodedAnswer => AnswerFault::Encoded,
            ForwardError::AnswerTooLarge | ForwardError::HeadTooLarge => AnswerFault::TooLarge,
            _ => AnswerFault::Malformed,
        }),
    }
}

const fn part_of(field: Field) -> Part {
    match field {
        Field::Number => Part::Number,
        Field::ExpMonth => Part::ExpMonth,
        Field::ExpMonth2 => Part::ExpMonth2,
        Field::ExpYear => Part::ExpYear,
        Field::ExpYear2 => Part::ExpYear2,
        Field::Holder => Part::Holder,
        Field::Brand => Part::Brand,
        Field::Bin => Part::Bin,
        Field::Last4 => Part::LastFour,
        Field::SecurityCode => Part::SecurityCode,
        Field::Value => Part::Value,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the caller wrote goes into the request to the destination"
)]
fn exposed(text: &Secret<String>) -> &str {
    text.expose()
}
