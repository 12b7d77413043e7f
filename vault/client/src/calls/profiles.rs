use futures_util::Stream;
use strongroom_api::profiles::{CreateProfile, ProfileView};
use strongroom_api::{List, ListQuery, RouteId};
use strongroom_domain::ProfileName;

use crate::{Client, ClientError, pages, query};

/// Token profiles.
impl Client {
    /// Makes a token profile.
    pub async fn create_profile(&self, request: &CreateProfile) -> Result<ProfileView, ClientError> {
        self.post(RouteId::CreateProfile, &[], request).await
    }

    /// What a token profile says.
    pub async fn get_profile(&self, profile: &ProfileName) -> Result<ProfileView, ClientError> {
        self.get(RouteId::GetProfile, &[profile.as_str()], Vec::new()).await
    }

    /// One page of the tenant's token profiles.
    pub async fn list_profiles(&self, page: &ListQuery) -> Result<List<ProfileView>, ClientError> {
        self.get(RouteId::ListProfiles, &[], query::of_list(page)).await
    }

    /// All of the tenant's token profiles.
    pub fn profiles(&self) -> impl Stream<Item = Result<ProfileView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListProfiles, Vec::new())
    }
}
