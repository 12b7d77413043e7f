use strongroom_api::RouteId;
use strongroom_api::status::StatusView;

use crate::{Client, ClientError};

/// The node.
impl Client {
    /// What the node is and how it fares.
    pub async fn get_status(&self) -> Result<StatusView, ClientError> {
        self.get(RouteId::GetStatus, &[], Vec::new()).await
    }

    /// The API as the vault describes it, in OpenAPI 3.1.
    pub async fn get_openapi(&self) -> Result<serde_json::Value, ClientError> {
        self.get(RouteId::GetOpenApi, &[], Vec::new()).await
    }
}
