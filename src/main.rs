use std::process::ExitCode;

use zhanggui::allocator::Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    // Huge pages make the allocator's reserves resident: 80 MiB instead of 25 for an idle bot. The allocator does not ask
    // for them; a system may give them unasked.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        eprintln!("huge pages stay on: {error}");
    }
    // Two TLS providers could be in the tree; which one serves is decided once, here.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("TLS was set up before main");
        return ExitCode::from(2);
    }
    zhanggui::cli::run()
}
