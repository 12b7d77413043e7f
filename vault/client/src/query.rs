//! Queries as pairs.

use strongroom_api::audit::EventQuery;
use strongroom_api::{ListQuery, TimestampText};

pub(crate) type Pairs = Vec<(&'static str, String)>;

pub(crate) fn of_list(query: &ListQuery) -> Pairs {
    let limit = Some(("limit", query.limit.to_string()));
    limit.into_iter().chain(text("cursor", query.cursor.as_ref())).collect()
}

pub(crate) fn of_events(query: &EventQuery) -> Pairs {
    let parts = [
        time("from", query.from),
        time("to", query.to),
        text("actor", query.actor.as_ref()),
        text("action", query.action.as_ref()),
        text("object", query.object.as_ref()),
        text("outcome", query.outcome.as_ref()),
        text("request_id", query.request_id.as_ref()),
        Some(("limit", query.limit.to_string())),
        text("cursor", query.cursor.as_ref()),
    ];
    parts.into_iter().flatten().collect()
}

fn text(name: &'static str, value: Option<&String>) -> Option<(&'static str, String)> {
    value.map(|value| (name, value.clone()))
}

fn time(name: &'static str, value: Option<TimestampText>) -> Option<(&'static str, String)> {
    value.map(|value| (name, value.0.to_string()))
}

#[cfg(test)]
mod tests {
    use strongroom_api::{Text, parse_query};
    use strongroom_domain::Timestamp;

    use super::*;

    /// What the server reads is what was meant, whatever characters are in it.
    #[test]
    fn queries_survive_their_way() {
        let query = EventQuery {
            from: Some(Text(Timestamp::from_unix_millis(1_795_000_000_123))),
            to: Some(Text(Timestamp::from_unix_millis(0))),
            actor: Some("spiffe://example.org/tenant/acme/service/shop".to_owned()),
            action: Some("token.create".to_owned()),
            object: Some("a&b=c+d e%f#g".to_owned()),
            outcome: Some("ä".to_owned()),
            request_id: Some("req_1".to_owned()),
            cursor: Some("+/=".to_owned()),
            ..EventQuery::default()
        };
        let mut url = reqwest::Url::parse("https://vault.invalid/").unwrap();
        url.query_pairs_mut().extend_pairs(of_events(&query));
        assert_eq!(parse_query::<EventQuery>(url.query().unwrap()), Ok(query));
    }
}
