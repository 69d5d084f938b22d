use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Two TLS providers could be in the tree; which one serves is decided once, here.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("TLS was set up before main");
        return ExitCode::from(2);
    }
    zhanggui::cli::run()
}
