//! Lists as streams over all their pages.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde::de::DeserializeOwned;
use strongroom_api::{List, RouteId};

use crate::query::Pairs;
use crate::transport::Call;
use crate::{Client, ClientError};

struct Position<T> {
    client: Client,
    ready: VecDeque<T>,
    /// The query of the next page; none after the last.
    next: Option<Pairs>,
}

/// Everything on all pages, from the query on. A page is fetched when the one before has been taken.
pub(crate) fn all<T: DeserializeOwned>(
    client: Client,
    id: RouteId,
    query: Pairs,
) -> impl Stream<Item = Result<T, ClientError>> {
    let start = Position { client, ready: VecDeque::new(), next: Some(query) };
    stream::try_unfold(start, move |mut position| async move {
        loop {
            if let Some(item) = position.ready.pop_front() {
                return Ok(Some((item, position)));
            }
            let Some(query) = position.next.take() else {
                return Ok(None);
            };
            let call = Call::new(id, &[]).query(query.clone());
            let page: List<T> = position.client.transport.send(call, None).await?;
            position.ready = page.items.into();
            position.next = page.next_cursor.map(|cursor| {
                let rest = query.into_iter().filter(|(name, _)| *name != "cursor");
                rest.chain([("cursor", cursor)]).collect()
            });
        }
    })
}
