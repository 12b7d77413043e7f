//! What is told of requests, and what never is.

use std::io;
use std::sync::{Arc, Mutex};

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{CARD, Caller, World, request};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

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

    fn requests(&self) -> Vec<Value> {
        let lines = self.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| line["fields"].clone()).filter(|fields| fields["message"] == "request").collect()
    }
}

fn block_on<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

#[test]
fn each_request_is_one_line_without_a_token_or_a_value() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let (token, request_id) = tracing::subscriber::with_default(subscriber, || {
        block_on(async {
            let world = World::new().await;
            let token = world.token("acme/shop", CARD).await;
            let reveal = json!({ "purpose": "refund", "reveal": "full" });
            let path = format!("/v1/tokens/{token}/detokenize");
            let answer = world.post("acme/shop", &path, &reveal).await;
            answer.expect(200);
            world.get("acme/shop", &format!("/v1/tokens?pan={CARD}")).await.expect(400);
            world.get("acme/shop", &format!("/{CARD}/{token}")).await.expect(404);
            world
                .send(&Caller::Nobody, request("GET", &format!("/v1/tokens/{token}"), None))
                .await
                .expect(401);
            drop(world.get("acme/shop", "/v1/tokens"));
            (token, answer.request_id().to_owned())
        })
    });
    let text = log.text();
    assert!(!text.contains(CARD) && !text.contains(&token), "{text}");
    let lines = log.requests();
    assert_eq!(lines.len(), 5, "{lines:?}");
    let revealed = &lines[1];
    assert_eq!(revealed["request_id"], request_id);
    assert_eq!(revealed["tenant"], "acme");
    assert_eq!(revealed["service"], "shop");
    assert_eq!(revealed["route"], "detokenize_token");
    assert_eq!(revealed["path"], "/v1/tokens/{token}/detokenize");
    assert_eq!((&revealed["status"], &revealed["code"]), (&200.into(), &"ok".into()));
    assert!(revealed["bytes_received"].as_u64().unwrap() > 0 && revealed["bytes_sent"].as_u64().unwrap() > 0);
    assert_eq!((&lines[2]["code"], &lines[2]["route"]), (&"invalid_request".into(), &"list_tokens".into()));
    assert_eq!((&lines[3]["code"], &lines[3]["path"]), (&"not_found".into(), &"".into()));
    assert_eq!((&lines[4]["code"], &lines[4]["tenant"]), (&"unauthenticated".into(), &Value::Null));
}

#[test]
fn requests_are_counted_also_those_that_cannot_be_read() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        block_on(async {
            let world = World::new().await;
            let token = world.token("acme/shop", CARD).await;
            for _ in 0..3 {
                world
                    .post("acme/shop", "/v1/tokens", &json!({ "type": 4111111111111111_u64 }))
                    .await
                    .expect(400);
            }
            world.get("acme/shop", &format!("/v1/tokens/{token}")).await.expect(200);
        });
    });
    let metrics = handle.render();
    let expect = |line: &str| assert!(metrics.contains(line), "{line} in {metrics}");
    expect(r#"strongroom_requests_total{route="create_token",status="400",code="invalid_request"} 3"#);
    expect(r#"strongroom_requests_total{route="create_token",status="201",code="ok"} 1"#);
    expect(r#"strongroom_request_duration_seconds_count{route="get_token"} 1"#);
    expect("strongroom_requests_in_flight 0");
    assert!(!metrics.contains("4111") && !metrics.contains("tok_"), "{metrics}");
}

#[test]
fn who_goes_away_is_told_of_too() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        block_on(async {
            let world = World::new().await;
            let body = axum::body::Body::from_stream(futures_util::stream::pending::<
                Result<bytes::Bytes, io::Error>,
            >());
            let mut request = request("POST", "/v1/tokens", None);
            *request.body_mut() = body;
            request.headers_mut().insert("content-type", "application/json".parse().unwrap());
            let waiting = world.send(&Caller::Service("acme/shop"), request);
            let patience = std::time::Duration::from_millis(20);
            assert!(tokio::time::timeout(patience, waiting).await.is_err());
        });
    });
    let lines = log.requests();
    assert_eq!((lines.len(), &lines[0]["code"]), (1, &"went_away".into()));
}
