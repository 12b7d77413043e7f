//! What is told of requests, and what never is.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{CARD, Caller, World, endless, request};

/// The log of all tests together: what one of them must not say, none of them must.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
    tracing::subscriber::set_global_default(subscriber.with_writer(log.clone()).finish()).unwrap();
    log
});

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of requests that are like this.
    fn requests(&self, name: &str, value: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].clone());
        lines.filter(|fields| fields["message"] == "request" && fields[name] == value).collect()
    }
}

#[tokio::test]
async fn each_request_is_one_line_without_a_token_or_a_value() {
    let log = LOG.clone();
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    let reveal = json!({ "purpose": "refund", "reveal": "full" });
    let shop = Caller::Service("acme/shop");
    let path = format!("/v1/tokens/{token}");
    for (caller, request, expected) in [
        (
            &shop,
            request("POST", &format!("{path}/detokenize"), Some(&reveal)),
            ("detokenize_token", "/v1/tokens/{token}/detokenize", 200, "ok", Some("acme")),
        ),
        (
            &shop,
            request("GET", &format!("/v1/tokens?pan={CARD}"), None),
            ("list_tokens", "/v1/tokens", 400, "invalid_request", Some("acme")),
        ),
        (
            &shop,
            request("GET", &format!("/{CARD}/{token}"), None),
            ("none", "", 404, "not_found", Some("acme")),
        ),
        (
            &shop,
            request(&token, &path, None),
            ("none", "/v1/tokens/{token}", 405, "method_not_allowed", Some("acme")),
        ),
        (
            &Caller::Nobody,
            request("GET", &path, None),
            ("get_token", "/v1/tokens/{token}", 401, "unauthenticated", None),
        ),
    ] {
        let answer = world.send(caller, request).await;
        let lines = log.requests("request_id", answer.request_id());
        assert_eq!(lines.len(), 1, "{lines:?}");
        let (route, path, status, code, tenant) = expected;
        assert_eq!((&lines[0]["route"], &lines[0]["path"]), (&route.into(), &path.into()));
        assert_eq!((&lines[0]["status"], &lines[0]["code"]), (&status.into(), &code.into()));
        assert_eq!(lines[0]["tenant"].as_str(), tenant);
        assert_eq!(lines[0]["bytes_sent"], answer.body.len());
    }
    let text = log.text();
    assert!(!text.contains(CARD) && !text.contains(&token) && !text.contains("tok_"));
}

#[tokio::test]
async fn who_goes_away_is_told_of_too() {
    let log = LOG.clone();
    let world = World::new().await;
    let waits = world.send(&Caller::Service("acme/second"), endless("/v1/tokens/batch"));
    assert!(tokio::time::timeout(Duration::from_millis(20), waits).await.is_err());
    let lines = log.requests("route", "create_tokens");
    let left: Vec<_> = lines.iter().filter(|line| line["code"] == "went_away").collect();
    assert_eq!((left.len(), &left[0]["service"]), (1, &"second".into()));
}

#[test]
fn requests_are_counted_also_those_that_cannot_be_read() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let token = world.token("acme/shop", CARD).await;
            let unreadable = json!({ "type": 4111111111111111_u64 });
            for _ in 0..3 {
                world.post("acme/shop", "/v1/tokens", &unreadable).await.expect(400);
            }
            world.get("acme/shop", &format!("/v1/tokens/{token}")).await.expect(200);
        });
    });
    let metrics = handle.render();
    let expect = |line: &str| assert!(metrics.contains(line), "{line} in {metrics}");
    expect(r#"strongroom_requests_total{route="create_token",status="400",code="invalid_request"} 3"#);
    expect(r#"strongroom_requests_total{route="create_token",status="201",code="ok"} 1"#);
    expect(r#"strongroom_request_duration_seconds_count{route="get_token"} 1"#);
    expect("strongroom_requests_admitted 0");
    assert!(!metrics.contains("4111111111111111") && !metrics.contains("tok_"), "{metrics}");
}
