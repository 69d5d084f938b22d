//! What git knows about the files that people edit. Runs the `git` program, never a shell; never
//! waits for somebody to type a password, and never longer than it is told to.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

mod checkout;
mod remote;
mod revision;

pub use checkout::{Checkout, Commit};
pub use remote::{DeployKey, DeployKeyError, Relation, Remote};
pub use revision::RevisionFile;

/// For what git answers from the disk alone. Locks are not waited for, so this is the disk's time.
const LOCALLY: Duration = Duration::from_secs(20);

/// Settings of the machine or the repository that must not change what we ask for: hooks and
/// background housekeeping start other programs, a pager or an editor would wait for a person.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.askPass=",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
];

/// What an outer git (whose hook may have started us) leaves in the environment: it would lead to
/// another repository, or to a dialog.
const FOREIGN: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_SSH",
    "GIT_EXTERNAL_DIFF",
];

/// Why git could not tell.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("没有找到 git 程序 / git is not installed: {0}")]
    NotInstalled(io::Error),
    #[error("git {command} 失败{} / failed: {cause}", advice(cause))]
    Failed { command: String, cause: String },
    #[error("git {command} 超过 {} 秒没有结束，已中止 / took too long and was ended", within.as_secs())]
    TooSlow { command: String, within: Duration },
}

/// What whoever runs us can do about the usual mishaps on the way to another machine, after a colon; else nothing.
fn advice(cause: &str) -> &'static str {
    const USUAL: [(&str, &str); 6] = [
        (
            "Host key verification failed",
            "：运行掌柜的用户还不认识这台 git 服务器，先用 ssh 手工连一次，核对指纹",
        ),
        ("Permission denied", "：git 服务器不认这把密钥，请把部署密钥的公钥登记到仓库（只读就够）"),
        ("Could not resolve hostname", "：找不到 git 服务器，请检查远端地址和 DNS"),
        ("Connection refused", "：连不上 git 服务器，请检查地址、端口和网络"),
        ("Connection timed out", "：连不上 git 服务器，请检查网络和防火墙"),
        ("does not appear to be a git repository", "：远端地址不对，请用 git remote -v 核对"),
    ];
    USUAL.iter().find(|(sign, _)| cause.contains(sign)).map_or("", |(_, advice)| advice)
}

/// A folder inside a working tree.
#[derive(Clone, Debug)]
pub struct Git {
    folder: PathBuf,
}

impl Git {
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs `git ARGUMENTS` in the folder and returns what it printed.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, GitError> {
        self.run_with(arguments, &[], LOCALLY)
    }

    /// The same with more environment, and with a time after which git and everything that it
    /// started is killed.
    fn run_with<A: AsRef<OsStr>>(
        &self,
        arguments: &[A],
        environment: &[(&str, &OsStr)],
        within: Duration,
    ) -> Result<Vec<u8>, GitError> {
        printed(arguments, self.command(arguments, environment), within)
    }

    /// Runs `git ARGUMENTS` with something to read and returns what it printed.
    fn ask(&self, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, GitError> {
        let (reader, mut writer) = io::pipe().map_err(GitError::NotInstalled)?;
        let mut command = self.command(arguments, &[]);
        command.stdin(reader);
        // Written beside the reading: both pipes are short.
        std::thread::spawn(move || {
            // Whoever does not read to the end has told why.
            let _ = writer.write_all(&input);
        });
        printed(arguments, command, LOCALLY)
    }

    /// The first line of what git printed.
    fn line<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String, GitError> {
        let output = self.run(arguments)?;
        Ok(String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned())
    }

    fn command<A: AsRef<OsStr>>(&self, arguments: &[A], environment: &[(&str, &OsStr)]) -> Command {
        let mut command = Command::new("git");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        for name in FOREIGN {
            command.env_remove(name);
        }
        command
            .arg("-C")
            .arg(&self.folder)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that ssh and whatever else git starts can be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }
}

fn printed<A: AsRef<OsStr>>(
    arguments: &[A],
    mut command: Command,
    within: Duration,
) -> Result<Vec<u8>, GitError> {
    let name = || arguments.first().map(|first| first.as_ref().to_string_lossy().into_owned());
    let failed = |cause: String| GitError::Failed { command: name().unwrap_or_default(), cause };
    let child = command.spawn().map_err(GitError::NotInstalled)?;
    // It holds the end of the pipe that git reads from, which must close with git.
    drop(command);
    match finish(child, within).map_err(|error| failed(error.to_string()))? {
        None => Err(GitError::TooSlow { command: name().unwrap_or_default(), within }),
        Some(Finished { good: true, output, .. }) => Ok(output),
        Some(Finished { complaint, .. }) => {
            Err(failed(String::from_utf8_lossy(&complaint).trim().to_owned()))
        }
    }
}

struct Finished {
    good: bool,
    output: Vec<u8>,
    complaint: Vec<u8>,
}

/// Waits until the program has ended; `None` when it had to be killed.
fn finish(mut child: Child, within: Duration) -> io::Result<Option<Finished>> {
    let deadline = Instant::now() + within;
    let (output, complaint) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
    // Both end when the program has, with everything that holds its pipes.
    let ended = |stream: Option<Receiver<io::Result<Vec<u8>>>>| match stream {
        None => Ok(Some(Vec::new())),
        Some(stream) => match stream.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => bytes.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        },
    };
    let (output, complaint) = (ended(output), ended(complaint));
    if !matches!((&output, &complaint), (Ok(Some(_)), Ok(Some(_)))) {
        kill(&mut child)?;
    }
    let good = child.wait()?.success();
    let (Some(output), Some(complaint)) = (output?, complaint?) else { return Ok(None) };
    Ok(Some(Finished { good, output, complaint }))
}

fn collect(mut stream: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes).map(|_| bytes);
        // Nobody listens any more once the program took too long.
        drop(tell.send(read));
    });
    told
}

/// Kills the program and everything that it started.
fn kill(child: &mut Child) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        return Ok(rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?);
    }
    child.kill()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_git_said() {
        let folder = std::env::temp_dir();
        let version = Git::at(&folder).run(&["--version"]).expect("git is installed");
        assert!(version.starts_with(b"git version"));
        let error = Git::at(&folder).run(&["no-such-command"]).expect_err("unknown");
        assert!(error.to_string().contains("no-such-command"), "{error}");
    }

    #[test]
    fn what_ssh_says_is_told_with_what_to_do() {
        let failed =
            |cause: &str| GitError::Failed { command: "fetch".into(), cause: cause.into() }.to_string();
        let told = failed("git@git.example.com: Permission denied (publickey).\r\nfatal: Could not read …");
        assert!(told.starts_with("git fetch 失败：git 服务器不认这把密钥"), "{told}");
        let told = failed("Host key verification failed.");
        assert!(told.contains("核对指纹") && told.ends_with("Host key verification failed."), "{told}");
        assert_eq!(failed("bad object"), "git fetch 失败 / failed: bad object");
    }

    /// `git` waits for a program of its own that never ends, as `ssh` to a dead machine would.
    #[test]
    fn what_takes_too_long_is_ended_with_all_that_it_started() {
        let git = Git::at(std::env::temp_dir());
        let patience = Duration::from_millis(300);
        let started = Instant::now();
        let error = git.run_with(&["-c", "alias.wait=!sleep 600", "wait"], &[], patience);
        assert!(matches!(error, Err(GitError::TooSlow { .. })), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}
