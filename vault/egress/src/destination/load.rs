//! From what operators wrote to what requests use, with everything that is wrong told at once.

use http::{HeaderName, HeaderValue, Method};
use strongroom_domain::TenantId;

use super::host::Host;
use super::path::PathPattern;
use super::{Destination, DestinationConfig, DestinationProblem, Limits, header_names, tls};
use crate::address::listable;

pub(super) fn load(config: &DestinationConfig) -> Result<Destination, Vec<DestinationProblem>> {
    let mut check = Check { config, problems: Vec::new() };
    check.name();
    check.tenants();
    let host = check.host();
    let methods = check.methods();
    let paths = check.paths();
    let request_headers = check.request_headers();
    check.networks();
    check.timeouts();
    let tls = match tls::connector(config) {
        Ok(tls) => Some(tls),
        Err(problems) => {
            check.problems.extend(problems);
            None
        }
    };
    let authority = host.as_ref().and_then(|host| check.authority(host));
    match (host, authority, tls) {
        (Some(host), Some(authority), Some(tls)) if check.problems.is_empty() => Ok(Destination {
            name: config.name.clone(),
            tenants: config.tenants.clone(),
            max_in_flight: usize::try_from(config.max_in_flight).unwrap_or(usize::MAX),
            host,
            port: config.port,
            authority,
            methods,
            paths,
            request_headers,
            allowed_networks: config.allow_private_addresses.clone(),
            card_in_answer: config.card_in_answer,
            limits: Limits {
                request_bytes: usize::try_from(config.max_request_bytes).unwrap_or(usize::MAX),
                answer_bytes: usize::try_from(config.max_answer_bytes).unwrap_or(usize::MAX),
                connect: config.connect_timeout,
                whole: config.timeout,
            },
            tls,
        }),
        _ => Err(check.problems),
    }
}

struct Check<'a> {
    config: &'a DestinationConfig,
    problems: Vec<DestinationProblem>,
}

impl Check<'_> {
    fn note(&mut self, setting: &'static str, reason: impl std::fmt::Display) {
        self.problems.push(DestinationProblem::new(&self.config.name, setting, reason));
    }

    fn name(&mut self) {
        let name = &self.config.name;
        let slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=63).contains(&name.len()) || !name.bytes().all(slug) {
            self.note("name", "must be 1 to 63 characters of a-z, 0-9 and -");
        }
    }

    fn tenants(&mut self) {
        if self.config.tenants.is_empty() {
            self.note("tenants", "must hold at least one tenant: nobody else may use the destination");
        }
        if self.config.tenants.iter().any(TenantId::is_platform) {
            self.note("tenants", "must not hold the platform's tenant, which has no tokens");
        }
    }

    fn host(&mut self) -> Option<Host> {
        Host::parse(&self.config.host).map_err(|reason| self.note("host", reason)).ok()
    }

    fn authority(&mut self, host: &Host) -> Option<HeaderValue> {
        let text =
            if self.config.port == 443 { host.to_string() } else { format!("{host}:{}", self.config.port) };
        HeaderValue::try_from(text).map_err(|_| self.note("host", "must be one that a header can hold")).ok()
    }

    fn methods(&mut self) -> Vec<Method> {
        let config = self.config;
        let methods: Vec<_> = config.methods.iter().filter_map(|name| method(name)).collect();
        if methods.is_empty() || methods.len() != config.methods.len() {
            self.note("methods", "must be one or more of DELETE, GET, PATCH, POST and PUT");
        }
        methods
    }

    fn paths(&mut self) -> Vec<PathPattern> {
        if self.config.paths.is_empty() {
            self.note("paths", "must hold at least one pattern");
        }
        let read = |config: &super::PathConfig| PathPattern::parse(&config.pattern, config.query);
        let (patterns, refused): (Vec<_>, Vec<_>) =
            self.config.paths.iter().map(read).partition(Result::is_ok);
        for reason in refused.into_iter().filter_map(Result::err) {
            self.note("paths", reason);
        }
        patterns.into_iter().filter_map(Result::ok).collect()
    }

    fn request_headers(&mut self) -> Vec<HeaderName> {
        let config = self.config;
        let mut names = Vec::new();
        for text in &config.request_headers {
            match header_names::parse(text) {
                Ok(name) => names.push(name),
                Err(reason) => self.note("request_headers", reason),
            }
        }
        names
    }

    fn networks(&mut self) {
        let config = self.config;
        for network in config.allow_private_addresses.iter().filter(|network| !listable(network)) {
            self.note(
                "allow_private_addresses",
                format_args!("{network} must lie within one network that is private, such as 10.0.0.0/8"),
            );
        }
    }

    fn timeouts(&mut self) {
        if self.config.connect_timeout > self.config.timeout {
            self.note("connect_timeout_seconds", "must not be more than timeout_seconds");
        }
    }
}

/// HTTP's names are case-sensitive, and other methods have meanings that this proxy does not know.
fn method(name: &str) -> Option<Method> {
    [Method::DELETE, Method::GET, Method::PATCH, Method::POST, Method::PUT]
        .into_iter()
        .find(|method| method.as_str() == name)
}
