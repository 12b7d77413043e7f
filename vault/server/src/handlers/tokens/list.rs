use strongroom_api::List;
use strongroom_api::tokens::TokenListQuery;
use strongroom_core::TokenQuery;
use strongroom_core::ports::store::{TokenCursor, TokenFilter};
use strongroom_domain::{Timestamp, Token};

use super::view::view;
use crate::handlers::{Outcome, cursor};
use crate::problem::Failure;
use crate::request::{Received, Reply};

const LIST: &str = "tokens";

/// `GET /v1/tokens`.
pub(crate) async fn list(received: Received, wanted: TokenListQuery) -> Outcome {
    let question = question(&wanted);
    let after = wanted.cursor.as_deref().map(|cursor| read(&received, &question, cursor)).transpose()?;
    let query = TokenQuery {
        filter: TokenFilter {
            bin: wanted.bin.map(|bin| bin.0),
            last_four: wanted.last4.map(|ending| ending.0),
            brand: wanted.brand.map(|brand| brand.0.0),
            tag: wanted.tag.map(|tag| tag.0),
            kind: wanted.value_type.map(|kind| kind.0),
            profile: wanted.profile.map(|profile| profile.0),
            state: wanted.state.map(|state| state.0.0),
            created_from: wanted.created_from.map(|time| time.0),
            created_to: wanted.created_to.map(|time| time.0),
            expires_before: wanted.expires_before.map(|time| time.0),
        },
        alias: wanted.alias.map(|alias| alias.0),
        after,
        limit: wanted.limit.get(),
    };
    let page = received.vault.list_tokens(&received.call, &query).await?;
    let items = page.tokens.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = page.next.map(|next| {
        let (service, at) = (received.call.principal.id.service(), next.at.unix_millis().to_string());
        let position = [service.as_str(), question.as_str(), at.as_str(), next.token.as_str()];
        cursor::write(LIST, received.tenant(), position)
    });
    Reply::json(&List { items, next_cursor })
}

/// What is asked for, in one form. None of it has a line break or a comma.
fn question(wanted: &TokenListQuery) -> String {
    fn part<T: std::fmt::Display>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let TokenListQuery { bin, last4, brand, tag, alias, value_type, profile, state, .. } = wanted;
    [
        part(bin.as_deref()),
        part(last4.as_deref()),
        part(brand.map(|brand| brand.0.0.as_str())),
        part(tag.as_deref()),
        part(alias.as_deref()),
        part(value_type.map(|kind| kind.0.as_str())),
        part(profile.as_deref()),
        part(state.map(|state| state.0.0.as_str())),
        part(wanted.created_from.as_deref()),
        part(wanted.created_to.as_deref()),
        part(wanted.expires_before.as_deref()),
    ]
    .join(",")
}

/// Reads a cursor of this caller and this question.
fn read(received: &Received, question: &str, text: &str) -> Result<TokenCursor, Failure> {
    let [service, of, at, token] = cursor::read(LIST, received.tenant(), text)?;
    if service != received.call.principal.id.service().as_str() || of != question {
        return Err(cursor::foreign());
    }
    let at = at.parse().map(Timestamp::from_unix_millis).map_err(|_| cursor::foreign())?;
    let token = Token::parse(&token).map_err(|_| cursor::foreign())?;
    Ok(TokenCursor { at, token })
}
