//! Token profiles: what a tenant's tokens look like and how long they live.

mod create;
mod get;
mod list;

pub(crate) use create::create;
pub(crate) use get::get;
pub(crate) use list::list;

use strongroom_api::profiles::ProfileView;

/// Onto the wire.
fn view(profile: &strongroom_core::ProfileView) -> ProfileView {
    ProfileView::new(&profile.profile, profile.created_at)
}
