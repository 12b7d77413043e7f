use std::time::Duration;

use strongroom_api::Text;
use strongroom_api::tokens::{
    AuthorisationResult as Sent, PutSecurityCode, ReportAuthorisation, SecurityCodeKept,
};
use strongroom_core::{AuthorisationResult, SecurityCodeInput};

use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/{token}/security-code`.
pub(crate) async fn put_security_code(received: Received, wanted: PutSecurityCode) -> Outcome {
    let input = SecurityCodeInput {
        code: wanted.security_code.into_secret(),
        ttl: wanted.ttl_seconds.map(Duration::from_secs),
    };
    let end = received.vault.put_security_code(&received.call, received.token()?, &input).await?;
    Reply::created(&SecurityCodeKept { expires_at: Text(end) })
}

/// `POST /v1/tokens/{token}/security-code/result`.
pub(crate) async fn report_authorisation(received: Received, wanted: ReportAuthorisation) -> Outcome {
    let result = match wanted.result {
        Sent::Approved => AuthorisationResult::Approved,
        Sent::Declined => AuthorisationResult::Declined,
        Sent::Abandoned => AuthorisationResult::Abandoned,
    };
    received.vault.report_authorisation(&received.call, received.token()?, result).await?;
    Ok(Reply::nothing())
}
