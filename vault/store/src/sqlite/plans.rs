//! Every statement on a table that grows finds its rows by an index, in the order that is asked for.

use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use strongroom_core::ports::store::AuditFilter;
use strongroom_domain::TenantId;

use super::audit::{bundles, checkpoints, search};
use super::{answers, fingerprints, schema, tokens};

#[tokio::test]
async fn finders_search_by_index() {
    let mut connection = migrated().await;
    let mut statements = vec![
        (tokens::FIND.to_owned(), "SEARCH tokens"),
        (
            tokens::LIST.to_owned(),
            "SEARCH tokens USING INDEX tokens_by_age (tenant=? AND (created_at,token)>(?,?))",
        ),
        (answers::FIND.to_owned(), "SEARCH idempotency_answers"),
        (
            answers::FORGET.to_owned(),
            "SEARCH idempotency_answers USING COVERING INDEX idempotency_answers_by_age",
        ),
        (bundles::READ.to_owned(), "SEARCH audit_bundles USING INDEX"),
        (checkpoints::READ.to_owned(), "SEARCH checkpoints USING INDEX"),
        (checkpoints::LATEST.to_owned(), "SEARCH checkpoints USING INDEX"),
    ];
    for exponent in [0, 1, 8] {
        let text = |rows: &super::rows::ManyRows| rows.text(exponent).as_str().to_owned();
        statements.extend([
            (text(&tokens::FIND_MANY), "SEARCH tokens USING INDEX sqlite_autoindex_tokens_1 (tenant=? AND token=?)"),
            (text(&tokens::TAKEN), "SEARCH tokens USING COVERING INDEX"),
            (text(&tokens::END), "SEARCH tokens USING INDEX sqlite_autoindex_tokens_1 (tenant=? AND token=?)"),
            (
                text(&fingerprints::FIND),
                "SEARCH fingerprints USING PRIMARY KEY (tenant=? AND scope=? AND key_version=? AND fingerprint=?)",
            ),
            (
                text(&fingerprints::DELETE),
                "SEARCH fingerprints USING PRIMARY KEY (tenant=? AND scope=? AND key_version=? AND fingerprint=? \
                 AND deterministic=? AND token=?)",
            ),
        ]);
    }
    for (statement, expected) in statements {
        let plan = plan(&mut connection, &statement).await;
        assert!(plan.iter().any(|step| step.starts_with(expected)), "{statement}\n{plan:#?}");
        let scans_a_table = |step: &String| step.starts_with("SCAN") && !is_of_the_values(step);
        assert!(!plan.iter().any(scans_a_table), "{statement}\n{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}\n{plan:#?}");
    }
}

#[tokio::test]
async fn searches_use_the_narrowest_index_in_its_order() {
    let mut connection = migrated().await;
    let tenant = TenantId::parse("acme").unwrap();
    let given = || Some("given".to_owned());
    let by_actor = AuditFilter { actor: given(), ..AuditFilter::default() };
    let by_object = AuditFilter { object: given(), actor: given(), ..AuditFilter::default() };
    let by_request = AuditFilter { request_id: given(), object: given(), ..AuditFilter::default() };
    for (scope, filter, expected) in [
        (Some(&tenant), AuditFilter::default(), "PRIMARY KEY (tenant=? AND time>? AND time<?)"),
        (
            Some(&tenant),
            by_actor.clone(),
            "INDEX audit_index_by_actor (tenant=? AND actor=? AND time>? AND time<?)",
        ),
        (
            Some(&tenant),
            by_object,
            "INDEX audit_index_by_object (tenant=? AND object=? AND time>? AND time<?)",
        ),
        (Some(&tenant), by_request.clone(), "INDEX audit_index_by_request (request_id=?"),
        (None, by_actor, "INDEX audit_index_by_time (time>? AND time<?)"),
        (None, by_request, "INDEX audit_index_by_request (request_id=?"),
    ] {
        let statement = search::statement(scope, &filter);
        let plan = plan(&mut connection, statement).await;
        let first = plan.first().unwrap();
        assert!(
            first.starts_with("SEARCH audit_index USING") && first.contains(expected),
            "{statement}\n{plan:#?}"
        );
        // A request has few records: sorting them is fine. Anything else comes in the index's order.
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorts || expected.contains("by_request"), "{statement}\n{plan:#?}");
    }
}

/// The statement's own list of values, which has no index.
fn is_of_the_values(step: &str) -> bool {
    ["CONSTANT ROW", "VALUES CLAUSE", "SCAN ending"].iter().any(|name| step.contains(name))
}

async fn migrated() -> SqliteConnection {
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
    schema::bring_up_to_date(&mut connection).await.unwrap();
    connection
}

async fn plan(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let statement = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(statement).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.try_get("detail").unwrap()).collect()
}
