//! Sending calls and reading answers.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use strongroom_api::{PROBLEM_CONTENT_TYPE, Problem, Route, RouteId};
use strongroom_domain::IdempotencyKey;
use tokio::time::timeout_at;
use zeroize::Zeroizing;

use crate::body;
use crate::error::ClientError;
use crate::query::Pairs;
use crate::retry::{Failure, Policy, Retry};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// One call, ready to be sent as often as needed.
pub(crate) struct Call<'a> {
    route: &'static Route,
    parameters: &'a [&'a str],
    query: Pairs,
    body: Option<(&'static str, Bytes)>,
}

impl<'a> Call<'a> {
    pub(crate) const fn new(id: RouteId, parameters: &'a [&'a str]) -> Self {
        Self { route: id.route(), parameters, query: Vec::new(), body: None }
    }

    pub(crate) fn query(self, query: Pairs) -> Self {
        Self { query, ..self }
    }

    pub(crate) fn body<T: serde::Serialize>(self, request: &T) -> Result<Self, ClientError> {
        Ok(Self { body: Some(("application/json", body::written(request)?)), ..self })
    }

    pub(crate) fn lines(self, content_type: &'static str, lines: &[u8]) -> Self {
        Self { body: Some((content_type, body::of_lines(lines))), ..self }
    }
}

/// The connections to a vault.
pub(crate) struct Transport {
    http: reqwest::Client,
    base: Url,
    policy: Policy,
}

impl Transport {
    pub(crate) const fn new(http: reqwest::Client, base: Url, policy: Policy) -> Self {
        Self { http, base, policy }
    }

    /// How long to wait for the next part of a stream.
    pub(crate) const fn patience(&self) -> Duration {
        self.policy.attempt_timeout
    }

    /// Sends a call and reads its whole answer.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        key: Option<&IdempotencyKey>,
    ) -> Result<T, ClientError> {
        let (status, body) = self.send_raw(call, key).await?;
        serde_json::from_slice(&body).map_err(|_| ClientError::Answer { status: status.as_u16() })
    }

    /// Sends a call whose answer has no body.
    pub(crate) async fn send_plain(&self, call: Call<'_>) -> Result<(), ClientError> {
        self.send_raw(call, None).await.map(drop)
    }

    /// Sends a call and leaves its answer to be read as it comes.
    pub(crate) async fn open(&self, call: Call<'_>) -> Result<Response, ClientError> {
        let template = self.template(&call, None)?;
        let mut retry = Retry::new(self.policy, call.route);
        loop {
            let attempt = timeout_at(retry.attempt_deadline(), self.answer(&template)).await;
            match attempt.unwrap_or_else(|_| Err(ClientError::timeout().into())) {
                Ok(response) => return Ok(response),
                Err(failure) => retry.pause(failure).await?,
            }
        }
    }

    async fn send_raw(
        &self,
        call: Call<'_>,
        key: Option<&IdempotencyKey>,
    ) -> Result<(StatusCode, Zeroizing<Vec<u8>>), ClientError> {
        let template = self.template(&call, key)?;
        let mut retry = Retry::new(self.policy, call.route);
        loop {
            let attempt = timeout_at(retry.attempt_deadline(), self.whole_answer(&template)).await;
            match attempt.unwrap_or_else(|_| Err(ClientError::timeout().into())) {
                Ok(answer) => return Ok(answer),
                Err(failure) => retry.pause(failure).await?,
            }
        }
    }

    async fn whole_answer(&self, template: &Request) -> Result<(StatusCode, Zeroizing<Vec<u8>>), Failure> {
        let mut response = self.answer(template).await?;
        let body = body::read(&mut response).await?;
        Ok((response.status(), body))
    }

    /// One try, up to the head of the answer; of a refusal, also the body.
    async fn answer(&self, template: &Request) -> Result<Response, Failure> {
        let request = template.try_clone().ok_or(ClientError::Request("the request cannot be sent twice"))?;
        let mut response = self.http.execute(request).await.map_err(ClientError::transport)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(is_problem_type);
        let body = body::read(&mut response).await?;
        let problem = if is_problem { serde_json::from_slice::<Problem>(&body).ok() } else { None };
        let error =
            problem.map_or(ClientError::Answer { status }, |problem| ClientError::Problem(Box::new(problem)));
        Err(Failure { error, retry_after })
    }

    /// The request of all tries: the same body, and the same `Idempotency-Key`.
    fn template(&self, call: &Call<'_>, key: Option<&IdempotencyKey>) -> Result<Request, ClientError> {
        let method = Method::from_bytes(call.route.method.as_bytes())
            .map_err(|_| ClientError::Request("the method of this call is not one of HTTP"))?;
        let mut request = Request::new(method, self.address(call)?);
        let headers = request.headers_mut();
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/json, application/problem+json, application/x-ndjson"),
        );
        if call.route.creates {
            let key = key.map_or_else(|| uuid::Uuid::new_v4().to_string(), |key| key.as_str().to_owned());
            let key = HeaderValue::from_str(&key)
                .map_err(|_| ClientError::Request("the idempotency key is no header"))?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        if let Some((content_type, body)) = &call.body {
            if body.len() > call.route.body_cap {
                return Err(ClientError::Request(
                    "the request is larger than this call allows; send it in parts",
                ));
            }
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = Some(body.clone().into());
        }
        Ok(request)
    }

    fn address(&self, call: &Call<'_>) -> Result<Url, ClientError> {
        let mut address = self.base.clone();
        let mut parameters = call.parameters.iter();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty();
            for part in call.route.path.split('/').filter(|part| !part.is_empty()) {
                let part = if part.starts_with('{') {
                    parameters.next().ok_or(ClientError::Request("a part of the address is missing"))?
                } else {
                    part
                };
                // These would be read as "here" and "one up", not as names.
                if matches!(part, "" | "." | "..") {
                    return Err(ClientError::Request("a part of the address is empty or dots"));
                }
                path.push(part);
            }
        }
        if !call.query.is_empty() {
            address.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(address)
    }
}

fn is_problem_type(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    text.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(PROBLEM_CONTENT_TYPE))
}

/// The seconds of `Retry-After`. Its other form, a date, is not used by the vault.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use strongroom_api::ROUTES;

    use super::*;

    fn transport(base: &str) -> Transport {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Transport::new(reqwest::Client::new(), Url::parse(base).unwrap(), Policy::default())
    }

    #[test]
    fn addresses_are_those_of_the_table() {
        let transport = transport("https://vault.invalid/behind/a/proxy/");
        for route in ROUTES {
            let call = Call::new(route.id, &["one", "two"]);
            let mut expected = route.path.to_owned();
            for value in ["one", "two"] {
                if let (Some(start), Some(end)) = (expected.find('{'), expected.find('}')) {
                    expected.replace_range(start..=end, value);
                }
            }
            assert_eq!(transport.address(&call).unwrap().path(), format!("/behind/a/proxy{expected}"));
        }
    }

    #[test]
    fn a_parameter_stays_one_part_of_the_address() {
        let transport = transport("https://vault.invalid");
        let address = |parameter: &str| transport.address(&Call::new(RouteId::GetKey, &[parameter]));
        assert_eq!(address("a/../b?c#d e").unwrap().path(), "/v1/keys/a%2F..%2Fb%3Fc%23d%20e");
        for refused in ["", ".", ".."] {
            assert!(address(refused).is_err());
        }
        assert!(transport.address(&Call::new(RouteId::GetKey, &[])).is_err());
    }

    #[test]
    fn only_creating_calls_carry_an_idempotency_key_and_each_its_own() {
        let transport = transport("https://vault.invalid");
        for route in ROUTES {
            let key = |given| {
                let request = transport.template(&Call::new(route.id, &["one", "two"]), given).unwrap();
                request.headers().get(IDEMPOTENCY_KEY).map(|key| key.to_str().unwrap().to_owned())
            };
            assert_eq!(key(None).is_some(), route.creates, "{}", route.path);
            if route.creates {
                assert_ne!(key(None), key(None));
                assert!(key(None).is_some_and(|key| IdempotencyKey::parse(&key).is_ok()));
                let own = IdempotencyKey::parse("order-4711-card").unwrap();
                assert_eq!(key(Some(&own)).as_deref(), Some("order-4711-card"));
            }
        }
    }

    #[test]
    fn a_body_that_the_vault_would_refuse_for_its_size_is_not_sent() {
        let transport = transport("https://vault.invalid");
        let call = Call::new(RouteId::CreateKey, &[]).body(&"x".repeat(17 * 1024)).unwrap();
        assert!(matches!(transport.template(&call, None), Err(ClientError::Request(_))));
    }

    #[test]
    fn retry_after_is_in_seconds() {
        for (text, seconds) in
            [("7", Some(7)), (" 0 ", Some(0)), ("soon", None), ("-1", None), ("Sun, 22 Nov 2026", None)]
        {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]);
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs));
        }
    }
}
