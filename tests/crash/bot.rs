//! The real binary as a process of its own, to be killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zhanggui::app::Example;

/// The longest that a start or a stop may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a bot is started with.
pub struct Place {
    pub files: Example,
    pub data: PathBuf,
}

/// A bot that was started. Dropping it kills it.
pub struct Bot {
    child: Child,
    ready: Option<oneshot::Receiver<String>>,
    log: Option<JoinHandle<Vec<String>>>,
}

impl Place {
    pub fn serve(&self) -> Command {
        let mut command = zhanggui("serve", &self.data);
        command.args(["--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.arg("--config").arg(&self.files.config).arg("--scripts").arg(&self.files.scripts);
        command
    }

    /// Every line of `zhanggui journal`.
    pub fn journal(&self) -> Vec<Value> {
        let Output { status, stdout, stderr } = zhanggui("journal", &self.data).output().expect("runs");
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        let lines = std::str::from_utf8(&stdout).expect("UTF-8").lines();
        lines.map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }
}

fn zhanggui(command: &str, data: &Path) -> Command {
    let mut process = Command::new(env!("CARGO_BIN_EXE_zhanggui"));
    process.arg(command).arg("--data").arg(data).env_remove("RUST_LOG");
    process
}

impl Bot {
    pub fn start(place: &Place) -> Self {
        let mut child = place.serve().stderr(Stdio::piped()).spawn().expect("the binary starts");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        let (told, ready) = oneshot::channel();
        let log = std::thread::spawn(move || {
            let mut told = Some(told);
            let address = |line: &String| {
                if let Some(address) = address_in(line)
                    && let Some(told) = told.take()
                {
                    // Nobody waits when the bot is killed before it is ready.
                    let _ = told.send(address);
                }
            };
            log.lines().map_while(Result::ok).inspect(address).collect()
        });
        Self { child, ready: Some(ready), log: Some(log) }
    }

    /// Waits until callbacks are welcome; gives the base of the bot's addresses.
    pub async fn ready(&mut self) -> String {
        let ready = self.ready.take().expect("asked once");
        match timeout(PATIENCE, ready).await {
            Ok(Ok(address)) => format!("http://{address}"),
            _ => {
                let _ = self.child.kill();
                panic!("not ready:\n{}", self.log().join("\n"))
            }
        }
    }

    /// kill -9. Gives what the bot has logged.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("SIGKILL is sent");
        let status = self.child.wait().expect("it ends");
        let log = self.log();
        assert_eq!(status.code(), None, "it ended by itself, {status}:\n{}", log.join("\n"));
        log
    }

    /// SIGTERM; waits for the end.
    pub async fn stop(mut self) -> (ExitStatus, Vec<String>) {
        let pid = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -TERM $0", &pid]).status().expect("sh runs");
        assert!(sent.success());
        let wait = tokio::task::spawn_blocking(move || (self.child.wait().expect("it ends"), self.log()));
        timeout(PATIENCE, wait).await.expect("it stops").expect("no panic")
    }

    /// To be asked once the process has ended.
    fn log(&mut self) -> Vec<String> {
        self.log.take().map(|log| log.join().expect("no panic")).unwrap_or_default()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // Already gone, unless the test failed meanwhile.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address_in(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == "ready").then(|| line["address"].as_str().map(str::to_owned))?
}
