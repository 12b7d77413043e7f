/// What went wrong with the server or with what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// `deploy/postgres/throwaway` says why.
    #[error("the throwaway server: {0}")]
    Server(String),
    /// A client program says why.
    #[error("{program}: {message}")]
    Program {
        /// `psql`, `pgbench` …
        program: String,
        /// What it wrote to its standard error.
        message: String,
    },
    /// The server did not take on a setting in time.
    #[error("the server did not take on the setting within 10 s")]
    SettingIgnored,
    /// Files and processes.
    #[error("files or processes of the throwaway server: {0}")]
    Io(#[from] std::io::Error),
}
