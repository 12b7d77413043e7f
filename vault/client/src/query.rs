//! Queries as pairs.

use strongroom_api::audit::EventQuery;
use strongroom_api::tokens::TokenListQuery;
use strongroom_api::{ListQuery, TimestampText};

pub(crate) type Pairs = Vec<(&'static str, String)>;

pub(crate) fn of_list(query: &ListQuery) -> Pairs {
    let limit = Some(("limit", query.limit.to_string()));
    limit.into_iter().chain(text("cursor", query.cursor.as_ref())).collect()
}

pub(crate) fn of_tokens(query: &TokenListQuery) -> Pairs {
    fn part<T: ToString>(name: &'static str, value: Option<T>) -> Option<(&'static str, String)> {
        value.map(|value| (name, value.to_string()))
    }
    let parts = [
        part("bin", query.bin.as_deref()),
        part("last4", query.last4.as_deref()),
        part("brand", query.brand.map(|brand| brand.0.0.as_str())),
        part("tag", query.tag.as_deref()),
        part("alias", query.alias.as_deref()),
        part("type", query.value_type.map(|kind| kind.0.as_str())),
        part("profile", query.profile.as_deref()),
        part("state", query.state.map(|state| state.0.0.as_str())),
        time("created_from", query.created_from),
        time("created_to", query.created_to),
        time("expires_before", query.expires_before),
        Some(("limit", query.limit.to_string())),
        text("cursor", query.cursor.as_ref()),
    ];
    parts.into_iter().flatten().collect()
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
    use strongroom_api::tokens::{ListedBrand, ListedState};
    use strongroom_api::{Text, parse_query};
    use strongroom_domain::{
        Alias, Bin, Brand, IbanEnding, ProfileName, Tag, Timestamp, TokenState, ValueKind,
    };

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

    #[test]
    fn filters_survive_their_way() {
        let query = TokenListQuery {
            bin: Bin::parse("411111").map(Text),
            last4: IbanEnding::parse("1111").map(Text),
            brand: Some(Text(ListedBrand(Brand::Visa))),
            tag: Tag::parse("cohort:7").ok().map(Text),
            alias: Alias::parse("customer-42/card-1").ok().map(Text),
            value_type: Some(Text(ValueKind::Card)),
            profile: ProfileName::parse("default").ok().map(Text),
            state: Some(Text(ListedState(TokenState::Used))),
            created_from: Some(Text(Timestamp::from_unix_millis(1_795_000_000_123))),
            created_to: Some(Text(Timestamp::from_unix_millis(1_796_000_000_000))),
            expires_before: Some(Text(Timestamp::from_unix_millis(0))),
            cursor: Some("abc".to_owned()),
            ..TokenListQuery::default()
        };
        let mut url = reqwest::Url::parse("https://vault.invalid/").unwrap();
        url.query_pairs_mut().extend_pairs(of_tokens(&query));
        assert_eq!(parse_query::<TokenListQuery>(url.query().unwrap()), Ok(query));
    }
}
