#![doc = include_str!("../README.md")]

mod development;
mod error;
mod initialise;
pub mod isolated;
mod module;
mod throwaway;

pub use development::DevelopmentToken;
pub use error::SoftHsmError;
pub use isolated::TokenAddress;
pub use module::{MODULE_VARIABLE, find_module};
pub use throwaway::ThrowawayToken;

/// The environment variable by which SoftHSM finds its configuration.
pub const CONFIG_VARIABLE: &str = "SOFTHSM2_CONF";

/// Replaces this process by the same program with the same arguments, with SoftHSM's configuration set. Returns only if
/// that failed, or at once with nothing to do if the variable is already set to that path.
///
/// Call it before anything is opened or started: destructors do not run.
#[cfg(unix)]
pub fn restart_with(config: &std::path::Path) -> Result<(), SoftHsmError> {
    use std::os::unix::process::CommandExt;

    if std::env::var_os(CONFIG_VARIABLE).is_some_and(|set| set == config) {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let failure = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(CONFIG_VARIABLE, config)
        .exec();
    Err(SoftHsmError::Io(failure))
}
