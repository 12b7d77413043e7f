use strongroom_api::{List, ListQuery};
use strongroom_core::ports::store::TokenCursor;
use strongroom_domain::{TenantId, Timestamp, Token};

use super::view::view;
use crate::handlers::{Outcome, cursor};
use crate::problem::Failure;
use crate::request::{Received, Reply};

const LIST: &str = "tokens";

/// `GET /v1/tokens`.
pub(crate) async fn list(received: Received, query: ListQuery) -> Outcome {
    let tenant = received.tenant();
    let after = query.cursor.as_deref().map(|cursor| read(tenant, cursor)).transpose()?;
    let page = received.vault.list_tokens(&received.call, after.as_ref(), query.limit.get()).await?;
    let items = page.tokens.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = page.next.map(|next| {
        let created_at = next.created_at.unix_millis().to_string();
        cursor::write(LIST, tenant, [created_at.as_str(), next.token.as_str()])
    });
    Reply::json(&List { items, next_cursor })
}

fn read(tenant: &TenantId, text: &str) -> Result<TokenCursor, Failure> {
    let [created_at, token] = cursor::read(LIST, tenant, text)?;
    let created_at = created_at.parse().map(Timestamp::from_unix_millis).map_err(|_| cursor::foreign())?;
    let token = Token::parse(&token).map_err(|_| cursor::foreign())?;
    Ok(TokenCursor { created_at, token })
}
