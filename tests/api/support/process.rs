//! The program as a process of its own on a world's database: what only a process can show is looked at here.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{SEPAY_SECRET, VNPAY_SECRET, World};

/// A start takes well under a second; more means that there is none.
const START_MAX: Duration = Duration::from_secs(20);

pub struct Process {
    child: Child,
    pub base: String,
    pub address: String,
    log: PathBuf,
}

impl Process {
    /// `serve` with the world's keys and whatever settings, answering.
    pub async fn serve(world: &World, settings: &[(&str, &str)]) -> Process {
        let process = Process::start(world, "serve", settings);
        process.wait_until_alive(world).await;
        process
    }

    /// Any command on the world's database.
    pub fn start(world: &World, command: &str, settings: &[(&str, &str)]) -> Process {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let address = format!("127.0.0.1:{port}");
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("process-{port}.log"));
        let child = Command::new(env!("CARGO_BIN_EXE_ocop-market"))
            .arg(command)
            .env_clear()
            .envs([
                ("DATABASE_URL", world.database.app_url.as_str()),
                ("BIND", &address),
                ("DATA_FOLDER", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys")),
                ("SEPAY_HMAC_SECRET", SEPAY_SECRET),
                ("VNPAY_SECRET", VNPAY_SECRET),
                ("RUST_LOG", "warn"),
            ])
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file for the log"))
            .spawn()
            .expect("a server process");
        Process { child, base: format!("http://{address}"), address, log }
    }

    async fn wait_until_alive(&self, world: &World) {
        let started = Instant::now();
        while world.http.get(format!("{}/healthz", self.base)).send().await.is_err() {
            assert!(started.elapsed() < START_MAX, "the server does not answer: {}", self.log());
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).expect("its log")).into_owned()
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in KiB, and its peak.
    pub fn memory_kib(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process lives");
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
        };
        (value("VmRSS:"), value("VmHWM:"))
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().expect("kill");
        assert!(sent.success(), "no process to signal");
    }

    /// How it ended, if it did within this time.
    pub async fn ended_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        loop {
            match self.child.try_wait().expect("a child") {
                None if started.elapsed() < time => actix_web::rt::time::sleep(Duration::from_millis(20)).await,
                ended => return ended,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}
