//! Two nodes.

use std::time::{Duration, Instant};

use serde_json::json;
use strongroom_e2e::{Caller, Database, Node, Outcome, VaultProcess};
use strongroom_postgres_server::PostgresServer;

/// Two nodes over one database and one token, with a key `notes` to encrypt fields with. Fields drop in this order: the
/// second node lives in the first one's folder.
pub struct Cluster {
    /// The node `second`.
    pub second: Node,
    /// The node `dev`, which began the cluster.
    pub first: VaultProcess,
}

impl Cluster {
    /// Both nodes, each on its way to this server.
    pub async fn start(server: &PostgresServer) -> Outcome<Self> {
        Self::start_by(server, None).await
    }

    /// The first node reaches the server by the port of a proxy, the second directly.
    pub async fn start_by(server: &PostgresServer, proxy: Option<u16>) -> Outcome<Self> {
        let mut first = VaultProcess::prepare_over(|folder| Database::on(server, proxy, folder))?;
        first.launch()?;
        // Before the second node starts, which then knows it from the beginning.
        let key = json!({"name": "notes", "purpose": "field-encryption"});
        first.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
        let way = |port: u16| format!("\nport = {port}\n");
        let direct: Vec<_> = proxy.iter().map(|proxy| (way(*proxy), way(server.port()))).collect();
        let mut second = first.prepare_node("second", &direct)?;
        second.launch()?;
        Ok(Self { second, first })
    }

    /// One identity at both nodes.
    pub fn callers(&self, identity: &str) -> Outcome<[Caller; 2]> {
        Ok([self.first.caller(identity)?, self.second.caller(identity)?])
    }

    /// The operations ports of both.
    pub const fn operations_ports(&self) -> [u16; 2] {
        [self.first.operations_port(), self.second.operations_port()]
    }

    /// Runs SQL as the database's administrator could.
    pub fn sql(&self, statement: &str) -> Outcome<String> {
        Ok(self.first.sql(statement)?.trim().to_owned())
    }

    /// What both nodes have logged.
    pub fn logs(&self) -> [String; 2] {
        [self.first.log(), self.second.log()]
    }

    /// Waits until every record of every stream is under a signed checkpoint; how long it took.
    pub async fn wait_until_signed(&self, patience: Duration) -> Outcome<Duration> {
        let began = Instant::now();
        loop {
            let unsigned = self.sql(UNSIGNED)?;
            if unsigned.is_empty() {
                return Ok(began.elapsed());
            }
            if began.elapsed() > patience {
                return Err(format!("streams whose last records nobody signed: {unsigned}").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Streams with records behind their last checkpoint.
const UNSIGNED: &str = "\
    SELECT stream FROM audit_streams s \
    WHERE (SELECT max(first_sequence + event_count) FROM audit_bundles b WHERE b.stream = s.stream) \
    > coalesce((SELECT max(size) FROM checkpoints c WHERE c.stream = s.stream), 0)";
