//! The faults happen, and they end.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use strongroom_postgres_server::{PostgresServer, Role};

use boxes::database_with_boxes;
use session::busy;

#[cfg(test)]
mod boxes;
#[cfg(test)]
mod session;

#[test]
fn a_server_stops_breaks_and_comes_back_with_what_was_committed() {
    let server = PostgresServer::start().unwrap();
    let database = database_with_boxes(&server);
    for (number, stop) in [PostgresServer::stop_fast, PostgresServer::stop_immediate].iter().enumerate() {
        database.sql(Role::Service, &format!("INSERT INTO boxes VALUES ({number})")).unwrap();
        let port = server.port();
        stop(&server).unwrap();
        let error = database.sql(Role::Service, "SELECT 1").unwrap_err().to_string();
        assert!(error.contains("Connection refused"), "{error}");
        server.start_again().unwrap();
        assert_eq!(server.port(), port);
        assert_eq!(
            database.sql(Role::Service, "SELECT count(*) FROM boxes").unwrap(),
            (number + 1).to_string()
        );
    }
    let log = server.log().unwrap();
    assert!(log.contains("received fast shutdown request"), "{log}");
    assert!(log.contains("database system was not properly shut down"), "{log}");
}

#[test]
fn read_only_refuses_writes_until_it_is_over() {
    let server = PostgresServer::start().unwrap();
    let database = database_with_boxes(&server);
    let mut session = busy(&database);
    server.set_read_only(true).unwrap();
    assert!(!session.wait().unwrap().success(), "a session outlived the change");
    let insert = "INSERT INTO boxes VALUES (1)";
    for role in [Role::Service, Role::Owner] {
        let error = database.sql(role, insert).unwrap_err().to_string();
        assert!(error.contains("read-only transaction"), "{error}");
    }
    assert_eq!(database.sql(Role::Service, "SELECT count(*) FROM boxes").unwrap(), "0");
    server.stop_fast().unwrap();
    server.start_again().unwrap();
    assert!(database.sql(Role::Service, insert).is_err(), "a restart ended it");
    server.set_read_only(false).unwrap();
    database.sql(Role::Service, insert).unwrap();
}

#[test]
fn sessions_of_a_role_are_ended() {
    let server = PostgresServer::start().unwrap();
    let database = database_with_boxes(&server);
    assert_eq!(server.terminate_backends(Role::Service).unwrap(), 0);
    let mut session = busy(&database);
    assert_eq!(server.terminate_backends(Role::Owner).unwrap(), 0);
    assert_eq!(server.terminate_backends(Role::Service).unwrap(), 1);
    assert!(!session.wait().unwrap().success());
}

#[test]
fn a_locked_table_waits_for_the_guard_or_the_clock() {
    let database = database_with_boxes(&PostgresServer::shared().unwrap());
    let (server, name) = (database.server(), database.name());
    let insert = "SET lock_timeout = '200ms'; INSERT INTO boxes VALUES (1)";
    let lock = server.lock_table(name, "public", "boxes", Duration::from_secs(60)).unwrap();
    let error = database.sql(Role::Service, insert).unwrap_err().to_string();
    assert!(error.contains("lock timeout"), "{error}");
    drop(lock);
    database.sql(Role::Service, insert).unwrap();

    let _lock = server.lock_table(name, "public", "boxes", Duration::from_millis(700)).unwrap();
    assert!(database.sql(Role::Service, insert).is_err(), "the table was not locked");
    database.sql(Role::Service, "INSERT INTO boxes VALUES (2)").unwrap();
    let error = server.lock_table(name, "public", "no_such", Duration::from_secs(1)).unwrap_err().to_string();
    assert!(error.contains("does not exist"), "{error}");
}

#[test]
fn nothing_is_left_of_a_dropped_server() {
    let server = PostgresServer::start().unwrap();
    let folder = server.connection().data_folder.parent().unwrap().to_owned();
    let other = server.clone();
    drop(server);
    other.superuser_sql("postgres", "SELECT 1").unwrap();
    let (port, panicked) = (
        other.port(),
        thread::spawn(move || {
            let _held = other;
            std::panic::resume_unwind(Box::new("as a failing test does"));
        }),
    );
    panicked.join().unwrap_err();
    assert!(!folder.exists());
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn nothing_is_left_by_a_process_that_died() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dies_with_a_server", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    let said = |name: &str| {
        text.lines().find_map(|line| line.split_once(name)).map(|(_, value)| value.to_owned()).unwrap()
    };
    let (folder, port) = (said("folder="), said("port=").parse::<u16>().unwrap());
    let began = Instant::now();
    while std::path::Path::new(&folder).exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "{folder} is still there");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

/// What [`nothing_is_left_by_a_process_that_died`] starts.
#[test]
#[ignore = "aborts its process"]
fn dies_with_a_server() {
    let server = PostgresServer::shared().unwrap();
    println!("\nfolder={}", server.connection().data_folder.parent().unwrap().display());
    println!("port={}", server.port());
    std::process::abort();
}
