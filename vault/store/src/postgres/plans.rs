//! Every statement on a table that grows goes by index, and by shard into one partition a row.

#[path = "../../tests/postgres/server.rs"]
#[expect(dead_code, reason = "the plans need less of the server than the tests from outside")]
mod server;

use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};

use self::server::Server;
use super::audit::{bundles, checkpoints, segments};
use super::commit::TEXTS;
use super::{aliases, answers, fingerprints, tags, tokens};
use crate::list::Field;

/// Each statement with values for one row; what is executed is counted, and then taken back.
#[tokio::test]
async fn hot_statements_go_by_index_into_one_partition() {
    let mut connection = filled().await;
    for (sql, values, partitions) in statements() {
        let plan = executed_plan(&mut connection, &sql, &values).await;
        let mut nodes = Vec::new();
        collect(&plan, &mut nodes);
        let executed: Vec<&&Value> = nodes.iter().filter(|node| node["Actual Loops"] != 0).collect();
        let on_tables: Vec<&str> =
            executed.iter().filter_map(|node| node["Relation Name"].as_str()).collect();
        for table in ["tokens_p", "fingerprints_p"] {
            let scans = executed.iter().filter(|node| {
                node["Node Type"].as_str().is_some_and(|kind| kind.ends_with("Scan"))
                    && node["Relation Name"].as_str().is_some_and(|name| name.starts_with(table))
            });
            assert!(scans.count() <= partitions, "{sql}\n{on_tables:?}");
        }
        for node in &nodes {
            let kind = node["Node Type"].as_str().unwrap();
            assert!(
                !["Seq Scan", "Bitmap Heap Scan", "Hash Join", "Merge Join"].contains(&kind),
                "{sql}\n{plan:#}"
            );
        }
        let by_index = executed
            .iter()
            .any(|node| node["Node Type"].as_str().is_some_and(|kind| kind.starts_with("Index")));
        assert!(by_index, "{sql}\n{plan:#}");
    }
}

/// Statements, values for one row, and how many partitions of a table they may read.
fn statements() -> Vec<(String, String, usize)> {
    let token = "'{7}', '{acme}', '{t7}'";
    let print = "'{9}', '{acme}', '{\"\"}', '{1}'";
    let bytes = format!("'{{\"\\\\x{}\"}}'", "09".repeat(32));
    let bundle = "'node', 3, 1, '\\x00', '\\x0000000000000000000000000000000000000000000000000000000000000000', '\\x00', 1";
    let added_token = "'{acme}', '{t8}', '{standard}', '{card}', '{visa}', '{411111}', '{1111}', '{NULL}', '{1}', '{2030}', '{NULL}', \
                       '{shop}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{active}', '{\"\\\\x00\"}', '{NULL}', '{0}', '{1}', '{8}'";
    let added_print = |deterministic: &str| {
        let bytes = format!("'{{\"\\\\x{}\"}}'", "0b".repeat(32));
        format!("'{{acme}}', '{{\"\"}}', '{{1}}', {bytes}, '{{{deterministic}}}', '{{t8}}', '{{9}}'")
    };
    let commit = |number: usize, values: &[&str]| {
        let text = TEXTS.get(number).unwrap().as_str().to_owned();
        (text, [&[bundle], values].concat().join(", "), 0)
    };
    let (deterministic, random) = (added_print("t"), added_print("f"));
    vec![
        (tokens::FIND.to_owned(), token.to_owned(), 1),
        (tokens::TAKEN.to_owned(), token.to_owned(), 1),
        (
            tokens::REVISE.to_owned(),
            format!(
                "{token}, '{{1}}', '{{deleted}}', '{{2}}', '{{NULL}}', '{{NULL}}', '{{NULL}}', '{{0}}', '{{NULL}}', '{{NULL}}'"
            ),
            1,
        ),
        (aliases::FIND.to_owned(), "'{7}', '{acme}', '{a7}'".to_owned(), 1),
        (aliases::DELETE.to_owned(), "'{acme}', '{a7}', '{t7}', '{7}'".to_owned(), 1),
        (tags::DELETE.to_owned(), "'{acme}', '{g7}', '{7}', '{t7}', '{7}'".to_owned(), 1),
        (fingerprints::FIND.to_owned(), format!("{print}, {bytes}"), 1),
        (
            fingerprints::DELETE.to_owned(),
            format!("'{{acme}}', '{{\"\"}}', '{{1}}', {bytes}, '{{f}}', '{{t9}}', '{{9}}'"),
            1,
        ),
        (answers::FIND.to_owned(), "'{acme}', '{shop}', '{k7}'".to_owned(), 0),
        (bundles::HEAD.to_owned(), "'node'".to_owned(), 0),
        (bundles::READ.to_owned(), "'node', 1, 10".to_owned(), 0),
        (checkpoints::READ.to_owned(), "'node', 1, 10".to_owned(), 0),
        (checkpoints::LATEST.to_owned(), "'node'".to_owned(), 0),
        (segments::UNTIL.to_owned(), "'node'".to_owned(), 0),
        (segments::READ.to_owned(), "0, 100, 100, 'z', 100, 10".to_owned(), 0),
        commit(0, &[]),
        commit(0b00010, &[added_token]),
        commit(0b00110, &[added_token, &deterministic]),
        commit(0b01010, &[added_token, &random]),
        commit(
            0b110_0010,
            &[added_token, "'{acme}', '{a8}', '{t8}', '{8}'", "'{acme}', '{g8}', '{1}', '{t8}', '{8}'"],
        ),
    ]
}

/// A list by each index goes by that index, in order, through all partitions and nothing else.
#[tokio::test]
async fn lists_go_by_their_index() {
    let mut connection = filled().await;
    sqlx::raw_sql("ANALYZE tokens, token_tags").execute(&mut connection).await.unwrap();
    let indexes = [
        "expires_at",
        "token_tags",
        "last_four",
        "bin",
        "brand",
        "kind",
        "created_at",
        "profile",
        "created_at",
    ];
    for (list, index) in tokens::LISTS.iter().zip(indexes) {
        let values: Vec<&str> = list.fields.iter().map(|field| value_of(*field)).collect();
        let plan = executed_plan(&mut connection, &list.text, &values.join(", ")).await;
        let mut nodes = Vec::new();
        collect(&plan, &mut nodes);
        for node in &nodes {
            let kind = node["Node Type"].as_str().unwrap();
            // A few rows may be sorted, and found by way of a bitmap of the index.
            let by_other_means = ["Seq Scan", "Hash Join", "Merge Join"].contains(&kind);
            assert!(!by_other_means, "{}\n{plan:#}", list.text);
        }
        let used: Vec<&str> = nodes.iter().filter_map(|node| node["Index Name"].as_str()).collect();
        assert!(used.iter().any(|name| name.contains(index)), "{index}: {used:?}\n{}", list.text);
    }
}

/// For a list that finds a few of the rows there are.
fn value_of(field: Field) -> &'static str {
    match field {
        Field::Tenant => "'acme'",
        Field::At => "0",
        Field::Token => "''",
        Field::Limit => "10",
        Field::Tag => "'g7'",
        Field::LastFour => "'0007'",
        Field::Bin => "'400007'",
        Field::Brand => "'mir'",
        Field::Kind => "'text'",
        Field::Profile => "'p7'",
        Field::State => "NULL",
        Field::CreatedFrom => "0",
        Field::CreatedTo | Field::ExpiresBefore => "1000000",
    }
}

/// The lists of values that a session works with are given once; the rest is prepared as the service prepares it.
async fn executed_plan(connection: &mut PgConnection, sql: &str, values: &str) -> Value {
    let run = async |connection: &mut PgConnection, sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .fetch_all(connection)
            .await
            .unwrap_or_else(|_| panic!("{sql}"))
    };
    run(connection, format!("PREPARE hot AS {sql}")).await;
    run(connection, "BEGIN".to_owned()).await;
    let rows = run(connection, format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE hot ({values})")).await;
    run(connection, "ROLLBACK; DEALLOCATE hot".to_owned()).await;
    let text: String = rows.first().unwrap().try_get_unchecked(0).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[0]["Plan"].clone()
}

fn collect<'p>(node: &'p Value, nodes: &mut Vec<&'p Value>) {
    nodes.push(node);
    node["Plans"].as_array().into_iter().flatten().for_each(|inner| collect(inner, nodes));
}

/// Rows in every partition, seen by a session with the service's settings.
async fn filled() -> PgConnection {
    let config = Server::shared().migrated().await;
    let mut connection = config.writing().connect().await.unwrap();
    let fill = "\
        INSERT INTO audit_streams VALUES ('node', 1); \
        INSERT INTO audit_bundles SELECT 'node', i, 1, '\\x00', decode(repeat('00', 32), 'hex'), '\\x00', 1 \
            FROM generate_series(0, 2) i; \
        INSERT INTO checkpoints SELECT 'node', i, 'note', 1 FROM generate_series(1, 3) i; \
        INSERT INTO audit_segments SELECT 'node', i, i + 1, i, i, '\\x00' FROM generate_series(1, 3) i; \
        INSERT INTO tokens (tenant, token, shard, profile, kind, brand, bin, last_four, created_by, created_at, \
            expires_at, state, envelope, uses, row_version, ended_at) \
            SELECT 'acme', 't' || i, i, 'p' || i % 100, CASE i % 50 WHEN 0 THEN 'text' ELSE 'card' END, \
            CASE i % 100 WHEN 1 THEN 'mir' ELSE 'visa' END, to_char(400000 + i % 100, 'FM000000'), \
            to_char(i % 1000, 'FM0000'), 'shop', i, CASE i % 100 WHEN 2 THEN i + 1000 END, \
            CASE i % 100 WHEN 3 THEN 'used' ELSE 'active' END, '\\x00', 0, 1, CASE i % 100 WHEN 3 THEN i END \
            FROM generate_series(0, 4000) i WHERE i <> 8; \
        INSERT INTO token_aliases SELECT 'acme', 'a' || i, 't' || i, i FROM generate_series(0, 400) i WHERE i <> 8; \
        INSERT INTO token_tags SELECT 'acme', 'g' || i % 100, i, 't' || i, i FROM generate_series(0, 4000) i; \
        INSERT INTO fingerprints (tenant, scope, key_version, fingerprint, deterministic, token, shard) \
            SELECT 'acme', '', 1, decode(repeat('09', 32), 'hex'), false, 't' || i, i FROM generate_series(0, 400) i; \
        INSERT INTO idempotency_answers SELECT 'acme', 'shop', 'k' || i, 1, decode(repeat('00', 32), 'hex'), '\\x00', i \
            FROM generate_series(0, 100) i";
    sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();
    connection
}
