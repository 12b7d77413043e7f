//! What the calls about jobs take and say, and to whom.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::world::{Answered, Caller, World};

const SHOP: &str = "acme/shop";

async fn begin(world: &World, body: Value) -> String {
    let job = world.post(SHOP, "/v1/tokens/import", &body).await.expect(201);
    job["job"].as_str().unwrap().to_owned()
}

async fn hand_in(world: &World, job: &str, part: &str, content_type: &str, lines: &str) -> Answered {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/v1/jobs/{job}/parts/{part}"))
        .header("content-type", content_type)
        .body(Body::from(lines.to_owned()))
        .unwrap();
    world.send(&Caller::Service(SHOP), request).await
}

#[tokio::test]
async fn lines_are_answered_by_number_and_refused_by_column_without_their_values() {
    let world = World::new().await;
    let columns = ["metadata.order", "number", "exp_month", "exp_year"];
    let job = begin(&world, json!({ "format": "csv", "columns": columns })).await;
    let lines = "42,4111111111111111,12,2030\r\n\n43,4111111111111112,12,2030\n44,5555555555554444,13x,2030\n\
                 45,5555555555554444\n4111111111111111,4111111111111111,,\n46,5555555555554444,,\n";
    let answer = hand_in(&world, &job, "0", "text/csv; charset=utf-8", lines).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!text.contains("4111111111111112") && !text.contains("13x"), "{text}");
    let answer = answer.expect(200);
    let said: Vec<_> = answer["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["line"].clone(), line["status"].clone(), line["error"]["pointer"].clone()))
        .collect();
    let refused = |line: u64, status: u16, pointer: &str| (json!(line), json!(status), json!(pointer));
    assert_eq!(
        said,
        [
            (json!(2), json!(201), Value::Null),
            refused(4, 422, "/lines/4/number"),
            refused(5, 400, "/lines/5/exp_month"),
            refused(6, 400, "/lines/6"),
            refused(7, 422, "/lines/7/metadata"),
            (json!(8), json!(201), Value::Null),
        ]
    );
    assert_eq!(
        (&answer["lines"][0]["bin"], &answer["lines"][0]["last4"]),
        (&json!("411111"), &json!("1111"))
    );
    let view = world.get(SHOP, &format!("/v1/jobs/{job}")).await.expect(200);
    let counted = json!([view["next_part"], view["rows"], view["created"], view["failed"], view["lines"]]);
    assert_eq!(counted, json!([1, 6, 2, 4, 8]));
    let token = answer["lines"][0]["token"].as_str().unwrap();
    let found = world.get(SHOP, &format!("/v1/tokens/{token}")).await.expect(200);
    assert_eq!(found["metadata"], json!({ "order": "42" }));
}

#[tokio::test]
async fn a_security_code_is_not_even_a_column() {
    let world = World::new().await;
    for columns in [
        json!(["number", "cvc"]),
        json!(["number", "metadata.cvv"]),
        json!(["exp_month"]),
        json!(["number", "number"]),
    ] {
        let body = json!({ "format": "csv", "columns": columns });
        world.post(SHOP, "/v1/tokens/import", &body).await.expect_problem(400, "invalid_request");
    }
    let job = begin(&world, json!({ "format": "ndjson" })).await;
    let line = "{\"number\":\"4111111111111111\",\"cvc\":\"123\"}\n";
    let answer = hand_in(&world, &job, "0", "application/x-ndjson", line).await.expect(200);
    assert_eq!(answer["lines"][0]["error"]["code"], "security_code_not_allowed");
}

#[tokio::test]
async fn what_cannot_be_is_said_so() {
    let world = World::new().await;
    for body in [
        json!({ "format": "csv" }),
        json!({ "format": "ndjson", "columns": ["number"] }),
        json!({ "format": "xml" }),
    ] {
        world.post(SHOP, "/v1/tokens/import", &body).await.expect_problem(400, "invalid_request");
    }
    let unknown = json!({ "format": "ndjson", "profile": "nowhere" });
    world.post(SHOP, "/v1/tokens/import", &unknown).await.expect_problem(422, "profile_not_found");
    let job = begin(&world, json!({ "format": "ndjson" })).await;
    let ndjson = "application/x-ndjson";
    hand_in(&world, &job, "0", "text/csv", "number\n").await.expect_problem(400, "invalid_request");
    hand_in(&world, &job, "0", "application/json", "{}").await.expect_problem(415, "unsupported_media_type");
    hand_in(&world, &job, "1", ndjson, "\n").await.expect_problem(409, "job_part_out_of_order");
    for part in ["01", "-1", "+1", "x", "4294967296"] {
        hand_in(&world, &job, part, ndjson, "\n").await.expect_problem(404, "not_found");
    }
    let many = "{\"number\":\"4111111111111111\"}\n".repeat(1001);
    hand_in(&world, &job, "0", ndjson, &many).await.expect_problem(400, "invalid_request");
    let elsewhere = format!("job_{}", "0".repeat(32));
    for job in [elsewhere.as_str(), "job_", "x"] {
        hand_in(&world, job, "0", ndjson, "\n").await.expect_problem(404, "not_found");
        world.get(SHOP, &format!("/v1/jobs/{job}")).await.expect_problem(404, "not_found");
    }
    world.get("other/shop", &format!("/v1/jobs/{job}")).await.expect_problem(404, "not_found");
    let wrong = json!({ "rows": 0, "checksum": "1".repeat(64) });
    let path = format!("/v1/jobs/{job}/complete");
    world.post(SHOP, &path, &wrong).await.expect_problem(409, "job_mismatch");
    let right = json!({ "rows": 0, "checksum": "0".repeat(64) });
    assert_eq!(world.post(SHOP, &path, &right).await.expect(200)["state"], "complete");
    hand_in(&world, &job, "0", ndjson, "\n").await.expect_problem(409, "job_state_invalid");
}

#[tokio::test]
async fn an_export_names_its_receiver_and_waits() {
    let world = World::new().await;
    let key = json!({
        "kty": "EC", "crv": "P-256", "kid": "ours",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    });
    let body = |key: &Value, purpose: &str| json!({ "receiver_key": key, "purpose": purpose });
    let job = world.post(SHOP, "/v1/tokens/export", &body(&key, "migration")).await.expect(201);
    assert_eq!((&job["type"], &job["state"]), (&json!("token-export"), &json!("awaiting-approval")));
    assert_eq!(job["receiver"].as_str().unwrap().len(), 43);
    assert!(job.get("checksum_key").is_none(), "the checksum is for the receiver");
    let part = format!("/v1/jobs/{}/parts/0", job["job"].as_str().unwrap());
    world.get(SHOP, &format!("{part}?purpose=migration")).await.expect_problem(403, "approval_required");
    world.get(SHOP, &format!("{part}?purpose=refund")).await.expect_problem(403, "purpose_denied");
    world.get(SHOP, &part).await.expect_problem(400, "invalid_request");
    world.post(SHOP, "/v1/tokens/export", &body(&key, "display")).await.expect_problem(403, "purpose_denied");
    let mut with_private = key.clone();
    with_private["d"] = json!("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    world
        .post(SHOP, "/v1/tokens/export", &body(&with_private, "migration"))
        .await
        .expect_problem(400, "invalid_request");
    let mut elsewhere = key;
    elsewhere["y"] = json!("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ");
    let refused = world.post(SHOP, "/v1/tokens/export", &body(&elsewhere, "migration")).await;
    let problem: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(
        (&problem["code"], &problem["pointer"]),
        (&json!("public_key_invalid"), &json!("/receiver_key"))
    );
}
