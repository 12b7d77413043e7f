use strongroom_postgres_server::{PostgresServer, Role, TestDatabase};

/// A fresh database with a table that the service may read and add to, granted as the migrations do.
pub(crate) fn database_with_boxes(server: &PostgresServer) -> TestDatabase {
    let database = server.create_database().unwrap();
    database
        .sql(
            Role::Owner,
            "CREATE TABLE boxes (number integer PRIMARY KEY, label text);
             GRANT USAGE ON SCHEMA public TO strongroom_service;
             GRANT SELECT, INSERT ON boxes TO strongroom_service",
        )
        .unwrap();
    database
}
