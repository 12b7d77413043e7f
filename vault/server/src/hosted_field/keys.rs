//! The public keys, kept for a minute: whoever asks often costs the vault nothing.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderValue;
use strongroom_core::VaultError;
use tokio::time::Instant;

/// A JWK Set as it is served.
pub(super) struct KeySet {
    pub(super) body: Bytes,
    pub(super) etag: HeaderValue,
    jwks: Vec<String>,
}

/// JWKs, newest first.
type Fetched = BoxFuture<'static, Result<Vec<String>, VaultError>>;

/// What is published.
pub(super) struct PublishedKeys {
    fetch: Box<dyn Fn(Vec<String>) -> Fetched + Send + Sync>,
    known: Mutex<Known>,
    /// One at a time asks the vault; the others wait for its answer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Option<(Arc<KeySet>, Instant)>,
    asked: Option<Instant>,
}

/// After this long the vault is asked again.
const FRESH: Duration = Duration::from_secs(60);
/// A vault that does not answer is asked no more often than this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Keys that the vault has not confirmed for this long are published no longer: one of them may have been revoked.
const STALE: Duration = Duration::from_secs(600);

impl PublishedKeys {
    pub(super) fn new<Fetching>(fetch: impl Fn(Vec<String>) -> Fetching + Send + Sync + 'static) -> Self
    where
        Fetching: Future<Output = Result<Vec<String>, VaultError>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move |known| Box::pin(fetch(known))),
            known: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The keys; none if there are none to be had.
    pub(super) async fn current(&self) -> Option<Arc<KeySet>> {
        if let Some(fresh) = self.known().within(FRESH) {
            return Some(fresh);
        }
        let _turn = self.turn.lock().await;
        let known = self.known();
        let may_ask = known.asked.is_none_or(|asked| asked.elapsed() >= PATIENCE);
        if known.within(FRESH).is_none() && may_ask {
            self.ask(known).await;
        }
        self.known().within(STALE)
    }

    async fn ask(&self, known: Known) {
        let before = known.keys.as_ref().map(|(keys, _)| keys.jwks.clone()).unwrap_or_default();
        let answer = (self.fetch)(before).await;
        let now = Instant::now();
        let keys = match answer {
            Ok(jwks) if !jwks.is_empty() => Some((Arc::new(KeySet::of(jwks)), now)),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "the hosted field's keys cannot be had");
                known.keys
            }
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Known { keys, asked: Some(now) };
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    fn within(&self, age: Duration) -> Option<Arc<KeySet>> {
        self.keys.as_ref().filter(|(_, at)| at.elapsed() < age).map(|(keys, _)| Arc::clone(keys))
    }
}

impl KeySet {
    fn of(jwks: Vec<String>) -> Self {
        let body = format!("{{\"keys\":[{}]}}", jwks.join(","));
        let etag = super::files::etag(&body);
        Self { body: Bytes::from(body), etag, jwks }
    }
}
