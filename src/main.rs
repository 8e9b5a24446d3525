//! Parses the command line and runs one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    match ocop_market::cli::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
