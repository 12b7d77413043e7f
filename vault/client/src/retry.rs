//! When to try again, and after how long.

use std::time::Duration;

use strongroom_api::Route;
use strongroom_domain::Action;
use tokio::time::Instant;

use crate::error::{ClientError, TransportFailure};

/// How patient a client is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) attempts: u32,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 4,
            attempt_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
        }
    }
}

/// A try that failed.
pub(crate) struct Failure {
    pub(crate) error: ClientError,
    /// What the vault asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self { error, retry_after: None }
    }
}

/// The tries of one call.
pub(crate) struct Retry {
    policy: Policy,
    deadline: Instant,
    done: u32,
    repeatable: bool,
}

impl Retry {
    pub(crate) fn new(policy: Policy, route: &Route) -> Self {
        Self { policy, deadline: Instant::now() + policy.deadline, done: 0, repeatable: is_repeatable(route) }
    }

    /// When the next try has to be over.
    pub(crate) fn attempt_deadline(&self) -> Instant {
        self.deadline.min(Instant::now() + self.policy.attempt_timeout)
    }

    /// Waits for the next try, or gives the error back if there is to be none.
    pub(crate) async fn pause(&mut self, failure: Failure) -> Result<(), ClientError> {
        self.done += 1;
        // Without randomness all clients come back at the same moment, but they come back.
        let random = getrandom::u64().unwrap_or(u64::MAX);
        match self.next_pause(&failure, random) {
            Some(pause) if Instant::now() + pause < self.deadline => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
            _ => Err(failure.error),
        }
    }

    /// How long to wait after the failure, if to try again at all.
    fn next_pause(&self, failure: &Failure, random: u64) -> Option<Duration> {
        if self.done >= self.policy.attempts || !self.may_repeat(&failure.error) {
            return None;
        }
        let jitter = jittered(self.policy, self.done, random);
        Some(failure.retry_after.map_or(jitter, |asked| asked + jitter.min(asked)))
    }

    fn may_repeat(&self, error: &ClientError) -> bool {
        match error {
            ClientError::Problem(problem) => problem.retryable,
            ClientError::Transport { failure, .. } => match failure {
                TransportFailure::Connect => true,
                TransportFailure::Timeout | TransportFailure::Interrupted => self.repeatable,
                TransportFailure::Tls => false,
            },
            ClientError::Answer { status } => matches!(status, 502..=504) && self.repeatable,
            ClientError::Request(_) | ClientError::Write(_) => false,
        }
    }
}

/// Whether a request that may have been carried out can be sent again without doing a thing twice. Revealing is not
/// among them: a token for single use is used up by the first time.
fn is_repeatable(route: &Route) -> bool {
    let without_effect = matches!(
        route.action,
        Some(
            Action::Encrypt
                | Action::Decrypt
                | Action::Reencrypt
                | Action::Lookup
                | Action::DataKey
                | Action::Mac
                | Action::VerifyMac
                | Action::Sign
                | Action::VerifySignature
                | Action::TokenSearch
                // A part happens once, and a job ends once, however often that is asked for.
                | Action::TokenImport
                | Action::JobComplete
                | Action::JobCancel
        )
    );
    route.method == "GET" || route.creates || without_effect
}

/// Anything from nothing to a bound that doubles with each try.
fn jittered(policy: Policy, done: u32, random: u64) -> Duration {
    let doubled =
        policy.first_pause.saturating_mul(1_u32.checked_shl(done.saturating_sub(1)).unwrap_or(u32::MAX));
    let bound = doubled.min(policy.longest_pause);
    let nanos = u128::from(random) * bound.as_nanos() / u128::from(u64::MAX);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)).min(bound)
}

#[cfg(test)]
mod tests {
    use strongroom_api::{ErrorCode, Problem, ROUTES, RouteId};

    use super::*;

    fn problem(code: ErrorCode) -> Failure {
        ClientError::Problem(Box::new(Problem::new(code, "", "req"))).into()
    }

    fn lost(failure: TransportFailure) -> Failure {
        ClientError::Transport { failure, source: None }.into()
    }

    fn retry(id: RouteId, done: u32) -> Retry {
        Retry { done, ..Retry::new(Policy::default(), id.route()) }
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_are_random_below_it() {
        let policy = Policy::default();
        let bounds: Vec<_> = (1..=8).map(|done| jittered(policy, done, u64::MAX).as_millis()).collect();
        assert_eq!(bounds, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(jittered(policy, 100, u64::MAX), policy.longest_pause);
        assert_eq!(jittered(policy, 1, 0), Duration::ZERO);
        assert_eq!(jittered(policy, 1, u64::MAX / 2).as_millis(), 49);
    }

    #[test]
    fn what_the_vault_asks_for_is_the_least() {
        let asked = Duration::from_secs(7);
        let failure = Failure { retry_after: Some(asked), ..problem(ErrorCode::Overloaded) };
        assert_eq!(retry(RouteId::GetKey, 1).next_pause(&failure, 0), Some(asked));
        assert!(retry(RouteId::GetKey, 1).next_pause(&failure, u64::MAX).is_some_and(|pause| pause > asked));
    }

    #[test]
    fn problems_are_repeated_if_the_vault_says_so_and_tries_are_left() {
        for code in ErrorCode::ALL {
            let again = retry(RouteId::DetokenizeToken, 1).next_pause(&problem(*code), 0).is_some();
            assert_eq!(again, code.is_retryable(), "{code}");
            assert_eq!(retry(RouteId::DetokenizeToken, 4).next_pause(&problem(*code), 0), None);
        }
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_only_where_nothing_happens_twice() {
        for route in ROUTES {
            let again = |failure| retry(route.id, 1).next_pause(&lost(failure), 0).is_some();
            assert!(again(TransportFailure::Connect));
            assert!(!again(TransportFailure::Tls));
            let acts = matches!(
                route.id,
                RouteId::DetokenizeToken
                    | RouteId::DetokenizeTokens
                    | RouteId::UpdateToken
                    | RouteId::DeleteToken
                    | RouteId::PutSecurityCode
                    | RouteId::ReportAuthorisation
                    | RouteId::DisableIdentity
                    | RouteId::RevokeGrant
                    | RouteId::RevokeEncryptionKey
            );
            assert_eq!(again(TransportFailure::Interrupted), !acts, "{}", route.path);
            assert_eq!(again(TransportFailure::Timeout), !acts, "{}", route.path);
        }
    }

    #[tokio::test]
    async fn a_pause_beyond_the_deadline_is_not_made() {
        let mut retry = retry(RouteId::GetKey, 0);
        let failure =
            Failure { retry_after: Some(Duration::from_secs(60)), ..problem(ErrorCode::Overloaded) };
        assert!(matches!(retry.pause(failure).await, Err(ClientError::Problem(_))));
    }
}
