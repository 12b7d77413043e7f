use strongroom_api::Text;
use strongroom_api::identities::{SetVelocityLimits, VelocityLimit, VelocityLimitsView};
use strongroom_core::VaultError;
use strongroom_domain::{LimitScope, VelocityLimitError, VelocityLimits};

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `GET /v1/identities/{service}/velocity-limits`.
pub(crate) async fn get_velocity_limits(received: Received) -> Outcome {
    let service = received.service()?;
    Reply::json(&shown(&received.vault.get_velocity_limits(&received.call, &service).await?))
}

/// `PUT /v1/identities/{service}/velocity-limits`.
pub(crate) async fn set_velocity_limits(received: Received, wanted: SetVelocityLimits) -> Outcome {
    let service = received.service()?;
    let limits = wanted.limits.iter().map(limit_of).collect::<Result<_, _>>();
    let limits = limits.and_then(VelocityLimits::new).map_err(VaultError::from)?;
    Reply::json(&shown(&received.vault.set_velocity_limits(&received.call, &service, limits).await?))
}

fn limit_of(
    wanted: &VelocityLimit,
) -> Result<(LimitScope, strongroom_domain::VelocityLimit), VelocityLimitError> {
    let scope = LimitScope::new(wanted.kind.0, wanted.purpose.map(|purpose| purpose.0))?;
    Ok((scope, strongroom_domain::VelocityLimit::new(wanted.items, wanted.window_seconds)?))
}

fn shown(view: &strongroom_core::VelocityLimitsView) -> VelocityLimitsView {
    VelocityLimitsView {
        service: Text(view.service.clone()),
        limits: view.limits.iter().map(limit_view).collect(),
        defaults: view.defaults.by_kind().map(limit_view).collect(),
    }
}

/// Onto the wire.
fn limit_view((scope, limit): (LimitScope, strongroom_domain::VelocityLimit)) -> VelocityLimit {
    VelocityLimit {
        kind: Text(scope.kind()),
        purpose: scope.purpose().map(Text),
        items: limit.items(),
        window_seconds: limit.window_seconds(),
    }
}
