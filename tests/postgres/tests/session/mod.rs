use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use strongroom_postgres_server::{Role, TestDatabase};

/// A session of the service that is busy for a while.
pub(crate) fn busy(database: &TestDatabase) -> Child {
    let session = database
        .server()
        .program("psql", Role::Service, database.name())
        .args(["-X", "-c", "SELECT pg_sleep(9)"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(9)%' AND usename = 'strongroom_service'";
    let began = Instant::now();
    while database.sql(Role::Superuser, running).unwrap() == "0" {
        assert!(began.elapsed() < Duration::from_secs(8), "the session did not begin");
        thread::sleep(Duration::from_millis(20));
    }
    session
}
