use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::request::{Received, Reply};

/// `POST /v1/keys/{key}/rotate`.
pub(crate) async fn rotate(received: Received) -> Outcome {
    let name = received.key()?;
    let request_id = &received.call.request_id;
    let render = |key: &strongroom_core::KeyView| rendered(request_id, 200, Ok(view(key)));
    Reply::answer(received.vault.rotate_key(&received.call, &name, received.idempotency(), render).await?)
}
