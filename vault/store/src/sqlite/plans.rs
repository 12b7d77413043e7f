//! Every statement on a table that grows finds its rows by an index, in the order that is asked for.

use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};

use super::audit::{bundles, checkpoints, segments};
use super::{aliases, answers, fingerprints, jobs, schema, tags, tokens};

#[tokio::test]
async fn finders_search_by_index() {
    let mut connection = migrated().await;
    let mut statements = vec![
        (
            answers::FORGET.to_owned(),
            "SEARCH idempotency_answers USING COVERING INDEX idempotency_answers_by_age",
        ),
        (
            jobs::LIST.to_owned(),
            "SEARCH jobs USING INDEX jobs_by_age (tenant=? AND created_by=? AND (created_at,job)>(?,?))",
        ),
        (jobs::IDLE.to_owned(), "SEARCH jobs USING INDEX jobs_idle (updated_at<?)"),
        (jobs::FIND.to_owned(), "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (tenant=? AND job=?)"),
        (
            jobs::FIND_PART.to_owned(),
            "SEARCH job_parts USING INDEX sqlite_autoindex_job_parts_1 (tenant=? AND job=? AND part=?)",
        ),
        (
            jobs::FORGET_PARTS.to_owned(),
            "SEARCH job_parts USING INDEX sqlite_autoindex_job_parts_1 (tenant=? AND job=? AND part<?)",
        ),
        (bundles::READ.to_owned(), "SEARCH audit_bundles USING INDEX"),
        (bundles::HEAD.to_owned(), "SEARCH audit_bundles USING INDEX"),
        (segments::UNTIL.to_owned(), "SEARCH audit_segments USING INDEX"),
        (
            segments::READ.to_owned(),
            "SEARCH audit_segments USING INDEX audit_segments_by_time (last_time>? AND (last_time,stream,first_sequence)<(?,?,?))",
        ),
        (checkpoints::READ.to_owned(), "SEARCH checkpoints USING INDEX"),
        (checkpoints::LATEST.to_owned(), "SEARCH checkpoints USING INDEX"),
    ];
    let lists = [
        "SEARCH tokens USING INDEX tokens_by_end (tenant=? AND (expires_at,token)>(?,?)",
        "SEARCH token_tags USING PRIMARY KEY (tenant=? AND tag=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_last_four (tenant=? AND last_four=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_bin (tenant=? AND bin=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_brand (tenant=? AND brand=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_kind (tenant=? AND kind=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_used (tenant=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_profile (tenant=? AND profile=? AND (created_at,token)>(?,?)",
        "SEARCH tokens USING INDEX tokens_by_age (tenant=? AND (created_at,token)>(?,?)",
    ];
    statements.extend(tokens::LISTS.iter().map(|list| list.text.clone()).zip(lists));
    for exponent in [0, 1, 8] {
        let text = |rows: &super::rows::ManyRows| rows.text(exponent).as_str().to_owned();
        statements.extend([
            (text(&tokens::FIND), "SEARCH tokens USING INDEX sqlite_autoindex_tokens_1 (tenant=? AND token=?)"),
            (text(&answers::FIND), "SEARCH idempotency_answers USING INDEX sqlite_autoindex_idempotency_answers_1"),
            (text(&aliases::FIND), "SEARCH token_aliases USING PRIMARY KEY (tenant=? AND alias=?)"),
            (text(&aliases::DELETE), "SEARCH token_aliases USING PRIMARY KEY (tenant=? AND alias=?)"),
            (
                text(&tags::DELETE),
                "SEARCH token_tags USING PRIMARY KEY (tenant=? AND tag=? AND created_at=? AND token=?)",
            ),
            (text(&tokens::TAKEN), "SEARCH tokens USING COVERING INDEX"),
            (text(&tokens::REVISE), "SEARCH tokens USING INDEX sqlite_autoindex_tokens_1 (tenant=? AND token=?)"),
            (
                text(&fingerprints::FIND),
                "SEARCH fingerprints USING PRIMARY KEY (tenant=? AND scope=? AND key_version=? AND fingerprint=?)",
            ),
            (
                text(&fingerprints::DELETE),
                "SEARCH fingerprints USING PRIMARY KEY (tenant=? AND scope=? AND key_version=? AND fingerprint=? \
                 AND random_token=?)",
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

/// The statement's own list of values, which has no index.
fn is_of_the_values(step: &str) -> bool {
    ["CONSTANT ROW", "VALUES CLAUSE", "SCAN revised", "SCAN wanted", "SCAN gone"]
        .iter()
        .any(|name| step.contains(name))
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
