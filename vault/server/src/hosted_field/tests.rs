use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt as _;
use strongroom_api::ROUTES;
use tower::ServiceExt as _;

use super::*;
use crate::authn::Unidentified;

const JWK: &str = r#"{"kty":"EC","kid":"first"}"#;

fn merchants() -> Vec<Origin> {
    ["https://shop.example", "https://pay.shop.example"].map(|text| Origin::parse(text).unwrap()).to_vec()
}

fn field() -> Router {
    router(&merchants(), 1000, |_| async { Ok(vec![JWK.to_owned()]) }).unwrap()
}

async fn ask(router: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> (Response, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) =
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, Body::empty()), String::from_utf8(bytes.to_vec()).unwrap())
}

fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_file_comes_as_it_is_with_the_headers_of_its_list() {
    let router = field();
    let list: serde_json::Value =
        serde_json::from_str(include_str!("../../../client/browser/headers.json")).unwrap();
    for (name, own) in list["files"].as_object().unwrap() {
        let (response, text) = ask(&router, "GET", &format!("/{name}"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        for (header, value) in own.as_object().unwrap().iter().chain(list["every"].as_object().unwrap()) {
            let expected = value
                .as_str()
                .unwrap()
                .replace("{merchants}", "https://shop.example https://pay.shop.example");
            assert_eq!(header_of(&response, header), expected, "{name}: {header}");
        }
        let on_disk = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/browser").join(name);
        match std::fs::read_to_string(on_disk) {
            Ok(file) => assert!(text == file, "{name}"),
            Err(_) => assert_eq!(
                (name.as_str(), text.as_str()),
                ("keys.json", r#"{"keys":[{"kty":"EC","kid":"first"}]}"#)
            ),
        }
        assert_eq!(header_of(&response, "content-length"), text.len().to_string());

        let (head, nothing) = ask(&router, "HEAD", &format!("/{name}"), &[]).await;
        assert_eq!((head.status(), nothing.as_str()), (StatusCode::OK, ""));
        assert_eq!(head.headers(), response.headers(), "{name}");
        let etag = header_of(&response, "etag").to_owned();
        for known in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let (unchanged, nothing) =
                ask(&router, "GET", &format!("/{name}"), &[("if-none-match", &known)]).await;
            assert_eq!(
                (unchanged.status(), nothing.as_str()),
                (StatusCode::NOT_MODIFIED, ""),
                "{name} {known}"
            );
        }
        let (changed, _) = ask(&router, "GET", &format!("/{name}"), &[("if-none-match", "\"x\"")]).await;
        assert_eq!(changed.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_release_has_a_folder_in_which_nothing_ever_changes() {
    let router = field();
    let release = Files::embedded(&merchants()).unwrap().release().to_owned();
    assert_eq!(release.len(), 16);
    for (name, kept) in
        [("strongroom.js", true), ("form.js", true), ("field.html", false), ("keys.json", false)]
    {
        let (response, _) = ask(&router, "GET", &format!("/{release}/{name}"), &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header_of(&response, "cache-control").contains("immutable"), kept, "{name}");
        let (other, _) = ask(&router, "GET", &format!("/0000000000000000/{name}"), &[]).await;
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
    }
}

/// No call of the API is there, by any method, and no file by another way of writing its name.
#[tokio::test]
async fn nothing_else_is_there() {
    let router = field();
    for route in ROUTES {
        let path = route.path.replace(['{', '}'], "x");
        for method in ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD"] {
            let (response, text) = ask(&router, method, &path, &[]).await;
            let expected = if matches!(method, "GET" | "HEAD") {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::METHOD_NOT_ALLOWED
            };
            assert_eq!((response.status(), text.as_str()), (expected, ""), "{method} {path}");
        }
    }
    for path in [
        "/",
        "//",
        "/healthz",
        "/metrics",
        "/field.html?x=1",
        "/field.html/",
        "/./field.html",
        "/../field.html",
        "/%66ield.html",
        "/FIELD.HTML",
        "/headers.json",
        "/integrity.json",
        "/integrity.mjs",
        "/README.md",
        "/strongroom.d.ts",
    ] {
        let (response, text) = ask(&router, "GET", path, &[]).await;
        assert_eq!((response.status(), text.as_str()), (StatusCode::NOT_FOUND, ""), "{path}");
    }
    let (response, _) = ask(&router, "POST", "/field.html", &[]).await;
    assert_eq!(
        (response.status(), header_of(&response, "allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD")
    );
}

#[tokio::test(start_paused = true)]
async fn keys_are_asked_for_once_a_minute_and_old_ones_bridge_a_gap() {
    use std::time::Duration;

    let (asked, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(1)));
    let router = {
        let (asked, answers) = (Arc::clone(&asked), Arc::clone(&answers));
        router(&merchants(), 1000, move |before: Vec<String>| {
            let (number, answers) =
                (asked.fetch_add(1, Ordering::SeqCst), answers.load(Ordering::SeqCst) == 1);
            async move {
                assert_eq!(before.is_empty(), number == 0, "it is told what was published before");
                if answers {
                    Ok(vec![format!("{{\"kid\":\"{number}\"}}")])
                } else {
                    Err(VaultError::HsmUnavailable)
                }
            }
        })
        .unwrap()
    };
    let keys = async || {
        let (response, text) = ask(&router, "GET", "/keys.json", &[]).await;
        (response.status().as_u16(), text)
    };
    let first = (200, r#"{"keys":[{"kid":"0"}]}"#.to_owned());
    assert_eq!((keys().await, keys().await), (first.clone(), first.clone()));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(keys().await.1, r#"{"keys":[{"kid":"1"}]}"#);
    assert_eq!(asked.load(Ordering::SeqCst), 2);

    answers.store(0, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(61)).await;
    for _ in 0..3 {
        assert_eq!(keys().await.0, 200, "the keys of before");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3, "a vault that does not answer is not asked again at once");
    tokio::time::advance(Duration::from_secs(600)).await;
    assert_eq!(keys().await, (503, String::new()));
    answers.store(1, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(keys().await.0, 200);
}

#[tokio::test]
async fn one_address_that_asks_too_often_is_told_so_and_no_other() {
    let router = router(&merchants(), 1, |_| async { Ok(vec![JWK.to_owned()]) }).unwrap();
    let from = async |address: &str| {
        let origin = format!("{address}:50000").parse().unwrap();
        let mut request = Request::get("/field.html").body(Body::empty()).unwrap();
        request.extensions_mut().insert(Arc::new(Peer { origin, identity: Err(Unidentified::Anonymous) }));
        router.clone().oneshot(request).await.unwrap()
    };
    for _ in 0..4 {
        assert_eq!(from("192.0.2.1").await.status(), StatusCode::OK);
    }
    let refused = from("192.0.2.1").await;
    assert_eq!((refused.status(), header_of(&refused, "retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert_eq!(from("192.0.2.2").await.status(), StatusCode::OK);
}
