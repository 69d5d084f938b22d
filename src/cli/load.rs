//! `zhanggui load`: real, encrypted callbacks against a running edge, and what they cost.
//!
//! With `--bare` the same traffic first goes to a bare axum route that only reads the body, in a
//! process of its own, so that a ratio of two numbers of one run says what the whole road costs. With
//! `--disk` the disk is measured alone, because nothing durable is answered sooner than the disk answers.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::http::Uri;
use axum::routing::post;
use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::net::TcpListener;

mod connection;
mod disk;
mod report;
mod schedule;
mod traffic;
mod welcomes;

use crate::channels::wecom::Credentials;
use crate::clock::Clock;
use connection::Connection;
use report::{Report, Tally, cpu_time};
use schedule::Schedule;
use traffic::{Kind, Sender};
use welcomes::{Person, Welcomed, Welcomes};

/// 压力测试：向运行中的机器人发送真实加密的回调，报告吞吐和延迟
#[derive(Debug, Args)]
pub struct Load {
    /// 连接文件（demo 或 sim 的 --connection 写出的 JSON）
    #[arg(long, value_name = "FILE", required_unless_present = "serve_bare")]
    connection: Option<PathBuf>,
    /// 每秒请求数（开环：到点就算，延迟从应发时刻算起）；不给则每个连接收到应答立即再发
    #[arg(long, value_name = "N", conflicts_with = "max")]
    rate: Option<f64>,
    /// 不限速，能发多快发多快（默认）
    #[arg(long)]
    max: bool,
    /// 并发连接数
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// 持续秒数
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// 消息分散在多少个群里
    #[arg(long, default_value_t = 1000)]
    groups: u64,
    /// 发哪一种回调
    #[arg(long, value_enum, default_value_t = Kind::WecomApp)]
    kind: Kind,
    /// 压测的同时每秒加几位新客户，报告多久发出欢迎语（平台只给 20 秒）
    #[arg(long, value_name = "N")]
    welcomes: Option<f64>,
    /// 被测进程号：报告每个请求花费的 CPU 时间（仅 Linux）
    #[arg(long)]
    pid: Option<u32>,
    /// 先用同样的流量测一个只读请求体的空路由，再报告两者之比
    #[arg(long)]
    bare: bool,
    /// 先单独量这个目录所在的磁盘：每毫秒写一页并落盘，要等多久（应答不可能比磁盘快）
    #[arg(long, value_name = "DIR")]
    disk: Option<PathBuf>,
    /// 允许测试本机以外的地址（请确认那台机器归你管）
    #[arg(long)]
    i_own_this_host: bool,
    /// 输出格式：给人看的文字，或一行 JSON
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// Runs the bare route and prints its address.
    #[arg(long, value_name = "ADDR", hide = true)]
    serve_bare: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum OutputFormat {
    Text,
    Json,
}

/// The part of a connection file that is needed here.
#[derive(Debug, Deserialize)]
struct ConnectionFile {
    callbacks: Vec<CallbackAddress>,
    #[serde(default)]
    api_base_url: String,
    #[serde(default)]
    people: Vec<Person>,
}

#[derive(Clone, Debug, Deserialize)]
struct CallbackAddress {
    kind: String,
    url: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    encoding_aes_key: String,
    #[serde(default)]
    receive_id: String,
}

/// What one invocation measured.
#[derive(Debug, serde::Serialize)]
struct Measured {
    target: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    bare: Option<Report>,
    /// Requests per second of the target by those of the bare route.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// Pages that were written to the disk alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<disk::Waits>,
    /// What became of the customers who were added meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    welcomes: Option<Welcomed>,
}

/// Runs the command; the report goes to standard output.
pub async fn run(options: Load) -> anyhow::Result<()> {
    if let Some(address) = options.serve_bare {
        return serve_bare(address).await;
    }
    let file = options.connection.as_deref().context("--connection is required")?;
    let file = connection_file(file)?;
    let callback = callback_of(&file, options.kind)?;
    let (target, path) = target_of(&callback.url, options.i_own_this_host)?;
    let sender = Arc::new(sender(&options, &callback, path)?);
    let disk = measure_disk(&options).await?;
    let bare = if options.bare { Some(measure_bare(&options, &sender).await?) } else { None };
    let loaded = measure(&options, &sender, target, options.pid);
    let (report, welcomes) = tokio::try_join!(loaded, welcome(&options, &file))?;
    let ratio = bare.as_ref().map(|bare| report.per_second / bare.per_second);
    print(&Measured { target: report, bare, ratio, disk, welcomes }, options.format)
}

fn connection_file(file: &Path) -> anyhow::Result<ConnectionFile> {
    let text = std::fs::read_to_string(file).with_context(|| format!("读不了连接文件 {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} 不是连接文件的格式", file.display()))
}

fn callback_of(file: &ConnectionFile, kind: Kind) -> anyhow::Result<CallbackAddress> {
    let callback = file.callbacks.iter().find(|callback| callback.kind == kind.as_str());
    callback.cloned().with_context(|| format!("连接文件里没有 {} 类型的回调", kind.as_str()))
}

/// Customers who are added during the run, if any are asked for.
async fn welcome(options: &Load, file: &ConnectionFile) -> anyhow::Result<Option<Welcomed>> {
    let Some(rate) = options.welcomes else { return Ok(None) };
    target_of(&file.api_base_url, options.i_own_this_host)?;
    let welcomes = Welcomes::new(&file.api_base_url, &file.people, rate)?;
    welcomes.run(Duration::from_secs(options.seconds)).await.map(Some)
}

/// The address to connect to and the path to post to.
fn target_of(url: &str, owned: bool) -> anyhow::Result<(SocketAddr, String)> {
    let uri: Uri = url.parse().with_context(|| format!("回调地址 {url} 不是合法的 URL"))?;
    ensure!(uri.scheme_str() == Some("http"), "压力测试只支持 http:// 地址：{url}");
    let host = uri.host().with_context(|| format!("回调地址 {url} 没有主机名"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = (host, uri.port_u16().unwrap_or(80)).to_socket_addrs()?.next();
    let address = address.with_context(|| format!("找不到主机 {host}"))?;
    if !address.ip().is_loopback() && !owned {
        bail!("{address} 不在本机。压力测试默认只测本机；确认那台机器归你管后，加 --i-own-this-host");
    }
    Ok((address, uri.path().to_owned()))
}

fn sender(options: &Load, callback: &CallbackAddress, path: String) -> anyhow::Result<Sender> {
    let token = vec![SecretString::from(callback.token.as_str())];
    let key = [SecretString::from(callback.encoding_aes_key.as_str())];
    let credentials = Credentials::new(token, &key, &callback.receive_id)
        .context("连接文件里的 token 或 encoding_aes_key 不可用")?;
    Ok(Sender {
        kind: options.kind,
        path,
        credentials,
        corp_id: callback.receive_id.clone(),
        groups: options.groups.max(1),
        clock: Clock::system(),
        run: Clock::system().now().as_millisecond().unsigned_abs(),
    })
}

/// Sends for the given time over all connections and adds up what they saw.
async fn measure(
    options: &Load,
    sender: &Arc<Sender>,
    target: SocketAddr,
    pid: Option<u32>,
) -> anyhow::Result<Report> {
    // A platform's connections stand before its callbacks come: opening them is not what is measured.
    let mut opened = Vec::with_capacity(options.connections);
    for _ in 0..options.connections {
        opened.push(Connection::open(target).await?);
    }
    let cpu_before = pid.map(cpu_time).transpose()?;
    let lasts = Duration::from_secs(options.seconds);
    let start = Instant::now();
    let schedule = Arc::new(Schedule::new(start, lasts, options.rate));
    let connections: Vec<_> = opened
        .into_iter()
        .map(|connection| tokio::spawn(drive(connection, Arc::clone(sender), Arc::clone(&schedule))))
        .collect();
    let mut tally = Tally::default();
    for connection in connections {
        tally.add(connection.await?);
    }
    let took = start.elapsed();
    let cpu_after = pid.map(cpu_time).transpose()?;
    let cpu = cpu_after.zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    Ok(Report::new(tally, took, cpu))
}

/// One connection's share of the run.
async fn drive(mut connection: Connection, sender: Arc<Sender>, schedule: Arc<Schedule>) -> Tally {
    let mut tally = Tally::default();
    while let Some((number, due)) = schedule.next(Instant::now()) {
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await; // would round a past moment up to 1 ms
        }
        let sent = match sender.callback(number) {
            Ok(callback) => connection.send(callback).await,
            Err(error) => Err(error.into()),
        };
        match sent {
            Ok(status) => tally.answered(status, due.elapsed()),
            Err(error) => tally.broken(&error),
        }
    }
    tally
}

async fn measure_disk(options: &Load) -> anyhow::Result<Option<disk::Waits>> {
    let Some(folder) = options.disk.clone() else { return Ok(None) };
    let lasts = Duration::from_secs(options.seconds);
    tokio::task::spawn_blocking(move || disk::measure(&folder, lasts)).await?.map(Some)
}

/// Measures a bare route in a child process with the same traffic.
async fn measure_bare(options: &Load, sender: &Arc<Sender>) -> anyhow::Result<Report> {
    let mut bare = Bare::start()?;
    let report = measure(options, sender, bare.address, Some(bare.child.id())).await;
    bare.stop()?;
    report
}

/// The process with the bare route; it ends with this value.
struct Bare {
    child: Child,
    address: SocketAddr,
}

impl Bare {
    fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["load", "--serve-bare", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the bare server")?;
        let output = child.stdout.take().context("the bare server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().with_context(|| format!("the bare server said {line:?}"));
        match address {
            Ok(address) => Ok(Self { child, address }),
            Err(error) => {
                child.kill()?;
                Err(error)
            }
        }
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // Already stopped, unless the run was abandoned; then there is nobody left to tell.
        let _ = self.stop();
    }
}

/// Runs the bare route until the process is ended.
async fn serve_bare(address: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let mut output = std::io::stdout();
    writeln!(output, "{}", listener.local_addr()?)?;
    output.flush()?;
    Ok(axum::serve(listener, bare_router()).await?)
}

/// The measure of all things: a route that reads the body and answers nothing.
fn bare_router() -> Router {
    Router::new().route("/{*path}", post(|_body: Bytes| async {}))
}

fn print(measured: &Measured, format: OutputFormat) -> anyhow::Result<()> {
    let mut output = std::io::stdout();
    if format == OutputFormat::Json {
        writeln!(output, "{}", serde_json::to_string(measured)?)?;
        return Ok(());
    }
    if let Some(disk) = &measured.disk {
        write!(output, "{}", disk.to_text())?;
    }
    if let Some(bare) = &measured.bare {
        write!(output, "空路由（只读请求体）\n{}", bare.to_text())?;
    }
    write!(output, "机器人\n{}", measured.target.to_text())?;
    if let Some(ratio) = measured.ratio {
        writeln!(output, "吞吐是空路由的 {:.0}%", ratio * 100.0)?;
    }
    if let Some(welcomes) = &measured.welcomes {
        write!(output, "{}", welcomes.to_text())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loaded_unless_the_host_is_owned() {
        let (address, path) = target_of("http://127.0.0.1:8080/callback/wecom/a", false).expect("loopback");
        assert_eq!((address.port(), path.as_str()), (8080, "/callback/wecom/a"));
        assert!(target_of("http://[::1]/callback/wecom/a", false).is_ok());
        assert!(target_of("http://192.0.2.1/callback/wecom/a", false).is_err());
        assert!(target_of("http://192.0.2.1/callback/wecom/a", true).is_ok());
        assert!(target_of("https://127.0.0.1/callback/wecom/a", false).is_err());
    }

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        load: Load,
    }

    fn options(arguments: &str) -> Load {
        let arguments = ["load", "--connection", "c.json"].into_iter().chain(arguments.split_whitespace());
        <Line as clap::Parser>::try_parse_from(arguments).expect("valid arguments").load
    }

    #[tokio::test]
    async fn an_open_loop_sends_what_it_was_told_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let target = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, bare_router()).await });
        let options = options("--rate 40 --seconds 1 --connections 4 --kind aibot");
        let callback = CallbackAddress {
            kind: "aibot".into(),
            url: String::new(),
            token: "token".into(),
            encoding_aes_key: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C".into(),
            receive_id: String::new(),
        };
        let sender = Arc::new(sender(&options, &callback, "/callback/aibot/helper".into()).expect("usable"));
        let report = measure(&options, &sender, target, None).await.expect("measured");
        assert_eq!((report.requests, report.broken, report.statuses[&200]), (40, 0, 40));
        assert!(report.p50_ms <= report.p99_ms && report.p99_ms <= report.max_ms, "{report:?}");
    }

    #[tokio::test]
    async fn a_target_that_is_not_there_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let error = Connection::open(address).await.err().expect("nobody listens");
        assert_eq!(error.to_string(), format!("cannot connect to {address}"));
    }
}
