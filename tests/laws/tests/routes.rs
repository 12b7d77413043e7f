//! Law: every route stands in the end-to-end coverage table, and nothing stands there that is no route.

use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_route_is_covered_end_to_end() {
    let path = strongroom_laws::root().join("tests/e2e/tests/routes.rs");
    let text = fs::read_to_string(path).expect("the coverage test is there");
    let routes: BTreeSet<String> =
        strongroom_api::ROUTES.iter().map(|route| format!("\"{} {}\"", route.method, route.path)).collect();
    let missing: Vec<_> = routes.iter().filter(|route| !text.contains(*route)).collect();
    assert!(missing.is_empty(), "not covered: {missing:?}");
    assert!(routes.len() > 20, "the route table was not read");
}
