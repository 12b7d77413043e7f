//! The command line of the vault. Everything is in the library; here is what only a process can have.

use std::alloc::System;
use std::io::{self, Write as _};
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Card numbers and plaintexts pass through buffers of libraries too: every block dies with its owner.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    // The payload of a panic may quote what was being worked on; where it happened is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let _ = writeln!(io::stderr(), "error: a fault of this program{place}");
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(strongroom_cli::run(std::env::args_os()));
            // A read of a terminal cannot be cancelled and must not keep the process.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: cannot start: {}", error.kind());
            ExitCode::FAILURE
        }
    }
}
