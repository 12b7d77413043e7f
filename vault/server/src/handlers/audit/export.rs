use bytes::Bytes;
use futures_util::{StreamExt, stream};
use strongroom_api::audit::EXPORT_CONTENT_TYPE;

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/audit/export`: a part is read from the database when the one before has been taken.
pub(crate) async fn export(received: Received) -> Outcome {
    let export = received.vault.export_audit(&received.call).await?;
    let parts = stream::try_unfold(export, |mut export| async move {
        Ok(export.next_part().await?.map(|part| (Bytes::from(part), export)))
    });
    Ok(Reply::parts(EXPORT_CONTENT_TYPE, parts.boxed()))
}
