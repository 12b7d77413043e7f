//! What a command has at hand: the vault and the output.

use strongroom_client::Client;

use crate::connection::ConnectionOptions;
use crate::failure::Failure;
use crate::output::{Output, Show};

/// One run of the program.
pub struct Session {
    connection: ConnectionOptions,
    output: Output,
}

impl Session {
    /// With these options.
    pub const fn new(connection: ConnectionOptions, output: Output) -> Self {
        Self { connection, output }
    }

    /// The vault, for a call that somebody waits for.
    pub fn vault(&self) -> Result<Client, Failure> {
        self.connection.connect()
    }

    /// The vault, for long work.
    pub fn patient_vault(&self) -> Result<Client, Failure> {
        self.connection.connect_patiently()
    }

    /// Where results go.
    pub const fn output(&self) -> Output {
        self.output
    }

    /// Shows a result.
    pub fn show<T: Show>(&self, value: &T) -> Result<(), Failure> {
        self.output.show(value)
    }
}
