//! What this machine's operators and orchestrators ask: alive, ready, metrics. Plain HTTP on an address of its own, no
//! authentication, and nothing in any answer that needs one.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use strongroom_core::Readiness;
use strongroom_core::ports::HsmHealth;

/// The routes. `readiness` tells how each part fares.
pub fn router<Fares>(
    readiness: impl Fn() -> Fares + Send + Sync + 'static,
    metrics: PrometheusHandle,
) -> Router
where
    Fares: Future<Output = Readiness> + Send + 'static,
{
    let operations =
        Operations { readiness: Arc::new(move || Box::pin(readiness()) as BoxFuture<'static, _>), metrics };
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_page))
        .with_state(operations)
}

#[derive(Clone)]
struct Operations {
    readiness: Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>,
    metrics: PrometheusHandle,
}

#[derive(Serialize)]
struct ReadinessView {
    ready: bool,
    hsm: &'static str,
    store: &'static str,
    audit: &'static str,
}

async fn ready(State(operations): State<Operations>) -> Response {
    let readiness = (operations.readiness)().await;
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ready| if ready { "ready" } else { "failed" };
    let view = ReadinessView {
        ready: readiness.is_ready(),
        hsm: match readiness.hsm {
            HsmHealth::Ready => "ready",
            HsmHealth::Recovering => "recovering",
            HsmHealth::Failed => "failed",
        },
        store: word(readiness.store),
        audit: word(readiness.audit),
    };
    (status, Json(view)).into_response()
}

async fn metrics_page(State(operations): State<Operations>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], operations.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get_from(readiness: Readiness, path: &str) -> (StatusCode, String) {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || metrics::counter!("strongroom_tests_total").increment(3));
        let router = router(move || async move { readiness }, handle);
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    const ALL_WELL: Readiness = Readiness { hsm: HsmHealth::Ready, store: true, audit: true };

    #[tokio::test]
    async fn red_when_any_part_is() {
        let (status, body) = get_from(ALL_WELL, "/readyz").await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::OK, r#"{"ready":true,"hsm":"ready","store":"ready","audit":"ready"}"#)
        );
        for (readiness, part) in [
            (Readiness { hsm: HsmHealth::Recovering, ..ALL_WELL }, r#""hsm":"recovering""#),
            (Readiness { hsm: HsmHealth::Failed, ..ALL_WELL }, r#""hsm":"failed""#),
            (Readiness { store: false, ..ALL_WELL }, r#""store":"failed""#),
            (Readiness { audit: false, ..ALL_WELL }, r#""audit":"failed""#),
        ] {
            let (status, body) = get_from(readiness, "/readyz").await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(body.contains(part) && body.starts_with(r#"{"ready":false"#), "{body}");
            assert_eq!(get_from(readiness, "/healthz").await.0, StatusCode::OK);
        }
    }

    #[tokio::test]
    async fn metrics_are_rendered_and_nothing_else_is_there() {
        let (status, body) = get_from(ALL_WELL, "/metrics").await;
        assert!(status.is_success() && body.contains("strongroom_tests_total 3"), "{body}");
        assert_eq!(get_from(ALL_WELL, "/v1/status").await.0, StatusCode::NOT_FOUND);
    }
}
