//! What is signed of the record, over all streams of the cluster.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::Value;

use crate::world::{CARD, World};

/// The streams of a list, each with one of its numbers.
fn sizes(streams: &Value, number: &str) -> BTreeMap<String, u64> {
    let streams = streams.as_array().unwrap();
    let sizes: BTreeMap<_, _> = streams
        .iter()
        .map(|stream| (stream["stream"].as_str().unwrap().to_owned(), stream[number].as_u64().unwrap()))
        .collect();
    assert_eq!(sizes.len(), streams.len(), "a stream stands there once");
    sizes
}

#[tokio::test]
async fn every_stream_of_every_node_is_there_with_its_newest_note() {
    let world = World::with_lanes(2).await;
    world.visit_of_node("another").await;
    join_all((0..20).map(|_| world.token("acme/shop", CARD))).await;

    let answer = world.get("acme/auditor", "/v1/audit/checkpoints").await.expect(200);
    let mut signed = sizes(&answer["checkpoints"], "size");
    for checkpoint in answer["checkpoints"].as_array().unwrap() {
        let mut lines = checkpoint["note"].as_str().unwrap().lines();
        let origin = lines.next().unwrap();
        assert_eq!(origin.rsplit('/').next(), checkpoint["stream"].as_str());
        assert_eq!(lines.next().unwrap(), checkpoint["size"].to_string());
        assert!(checkpoint["created_at"].is_string());
    }
    assert!(signed.remove("another.1").unwrap() >= 2, "its start and its end");

    // The status is put together before its own record is written, so nothing has come since.
    let status = world.get("acme/operator", "/v1/status").await.expect(200);
    let written = sizes(&status["audit"]["streams"], "size");
    assert_eq!(written.keys().collect::<Vec<_>>(), ["node.1", "node.1.2"]);
    let covered = sizes(&status["audit"]["streams"], "checkpoint_size");
    for (stream, size) in written {
        let noted = signed.remove(&stream).unwrap_or_default();
        assert_eq!((covered[&stream], size), (noted, noted), "{stream}");
    }
    assert_eq!(signed, BTreeMap::new());
}
