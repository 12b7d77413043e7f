//! The vault's server.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// Wipes every block of memory when it is freed, also those of libraries that know of no secrets.
#[global_allocator]
static WIPING: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> ExitCode {
    strongroom_server::start::run(std::env::args_os())
}
