//! Bot, simulated WeCom and page in one process, on one listener (product.md F22).

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::net::TcpListener;

use super::example::{Example, lay_out};
use super::{House, PageJournal, Settings, StartError};
use crate::clock::Clock;
use crate::sim::{self, Addresses, Simulator, World, world};
use crate::store;
use crate::web::playground;

/// The playground looks at member lists this often, so that nobody has to wait for a welcome.
const MEMBER_LISTS_EVERY: SignedDuration = SignedDuration::from_secs(2);
/// Where the bot, the simulator and the secrets live below the playground's folder.
const BOT: &str = "bot";
const SIMULATOR: &str = "simulator";
const SECRETS: &str = "secrets";

/// Why a playground could not be started.
#[derive(Debug, thiserror::Error)]
pub enum PlaygroundError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Simulator(#[from] sim::OpenError),
    #[error("模拟平台的 HTTP 客户端无法建立 / the simulator's HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
    #[error("{path} 无法使用 / cannot be used: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
}

/// A playground that runs.
pub struct Playground {
    pub address: SocketAddr,
    pub house: House,
    simulator: Simulator,
}

impl Playground {
    /// Starts everything below `folder` and listens where `listener` does. A second start in the
    /// same folder goes on where the last one ended, however it ended.
    pub async fn start(folder: &Path, listener: TcpListener) -> Result<Self, PlaygroundError> {
        let cannot = |path: &Path| {
            let path = path.to_owned();
            move |cause| PlaygroundError::Folder { path, cause }
        };
        let address = listener.local_addr().map_err(cannot(folder))?;
        let clock = Clock::system();
        let simulator_folder = folder.join(SIMULATOR);
        std::fs::create_dir_all(&simulator_folder).map_err(cannot(&simulator_folder))?;
        let world = World::open(&simulator_folder, clock.clone())?;
        let base = format!("http://{address}");
        world.set_addresses(Addresses { api: base.clone(), bot: base.clone() });
        let example = configure_for(&world, folder).map_err(cannot(folder))?;

        let data = folder.join(BOT);
        // The page reads the journal with a connection of its own; the database must be there first.
        drop(store::open(&data).map_err(StartError::from)?);
        let reader = store::read(&data).map_err(StartError::from)?;
        let mut settings = Settings::new(example.config, example.scripts, data);
        settings.clock = clock;
        settings.listener = Some(listener);
        settings.member_lists_every = MEMBER_LISTS_EVERY;
        settings.beside = sim::router(world.clone()).merge(playground::router(PageJournal(reader)));
        let house = House::start(settings).await?;
        let mut simulator = Simulator::start(world, Addresses { api: base.clone(), bot: base })?;
        let at_rest = house.at_rest.clone();
        simulator.play_weeks(Arc::new(move |now| at_rest.at(now).map_err(|error| error.to_string())));
        Ok(Self { address, house, simulator })
    }

    pub fn world(&self) -> &World {
        self.simulator.world()
    }

    /// Stops the simulator first, so that its streams do not keep the bot's door open.
    pub async fn stop(self) {
        self.simulator.stop().await;
        self.house.stop().await;
    }
}

/// Lays the example brand out below `folder`, connected to the simulated corp: writes its secrets
/// and the configuration that refers to them. The world's addresses must be known.
pub fn configure_for(world: &World, folder: &Path) -> io::Result<Example> {
    let connection = sim::connection_file(world);
    let secrets = folder.join(SECRETS);
    std::fs::create_dir_all(&secrets)?;
    let mut server = Server { text: String::from(HEAD), secrets };
    server.line("api", &connection["api_base_url"])?;
    for app in connection["apps"].as_array().into_iter().flatten() {
        server.section("app", &app["id"])?;
        server.line("corp_id", &connection["corp_id"])?;
        server.line("agent_id", &app["agent_id"])?;
        server.secret("secret", &app["id"], &app["secret"])?;
        server.callback(&connection, "wecom-app", &app["id"])?;
        server.text.push_str("sync = true\n");
    }
    for callback in connection["callbacks"].as_array().into_iter().flatten() {
        match callback["kind"].as_str() {
            Some("group-robot") => {
                server.section("robot", &callback["id"])?;
                server.callback(&connection, "group-robot", &callback["id"])?;
            }
            Some("aibot") => {
                server.section("aibot", &callback["id"])?;
                server.text.push_str("name = \"小掌柜\"\n");
                server.callback(&connection, "aibot", &callback["id"])?;
            }
            Some("archive") => {
                server.text.push_str("\n[[wecom.archive]]\n");
                server.line("corp_id", &callback["id"])?;
                server.secret("hmac_key", &callback["id"], &callback["hmac_key"])?;
            }
            _ => {}
        }
    }
    for webhook in connection["webhooks"].as_array().into_iter().flatten() {
        server.section("webhook", &webhook["id"])?;
        server.secret("key", &webhook["id"], &webhook["key"])?;
    }
    let example = lay_out(folder, &server.text)?;
    let groups = example.config.join("groups").join("05-playground.toml");
    if !groups.exists() {
        std::fs::write(groups, groups_by_id())?;
    }
    Ok(example)
}

const HEAD: &str = r#"# 试玩用的总配置：接的是模拟的企业微信，每次启动都会重写。别的文件可以随便改，一秒内生效。
# The playground's server file, written anew at each start; change the other files as you like.
[server]
listen = "127.0.0.1:0"
timezone = "Asia/Shanghai"
retention = "90d"

[brand]
id = "example"
name = "山谷小铺（示例品牌）"
ops = ["lin.yun"]

[wecom]
"#;

/// The platform lists no groups that an app made and tells no robot its group's name, so they are
/// named by id, as a real configuration has to.
fn groups_by_id() -> String {
    format!(
        r#"# 试玩用的两个内部群：平台不告诉机器人它们叫什么，所以按群 ID 写。
# The playground's two internal groups, by id.

[[group]]
match = {{ id = "{}" }}
profile = "dealers"
ears = ["group-robot", "member-list"]
hands = ["appchat", "staff-task"]

[[group]]
match = {{ id = "{}" }}
store = "chaoyang"
profile = "staff"
ears = ["aibot"]
hands = ["staff-task"]
"#,
        world::DEALERS,
        world::STAFF
    )
}

/// `zhanggui.toml` in the making.
struct Server {
    text: String,
    secrets: PathBuf,
}

impl Server {
    fn section(&mut self, kind: &str, id: &serde_json::Value) -> io::Result<()> {
        self.text.push_str(&format!("\n[[wecom.{kind}]]\n"));
        self.line("id", id)
    }

    /// A JSON string or number is written the same in TOML.
    fn line(&mut self, key: &str, value: &serde_json::Value) -> io::Result<()> {
        self.text.push_str(&format!("{key} = {value}\n"));
        Ok(())
    }

    fn callback(
        &mut self,
        connection: &serde_json::Value,
        kind: &str,
        id: &serde_json::Value,
    ) -> io::Result<()> {
        let callbacks = connection["callbacks"].as_array().into_iter().flatten();
        for callback in callbacks.filter(|callback| callback["kind"] == kind && &callback["id"] == id) {
            let token = self.keep("token", id, &callback["token"])?;
            let key = self.keep("aes_key", id, &callback["encoding_aes_key"])?;
            self.text.push_str(&format!("token = [{token:?}]\nencoding_aes_key = [{key:?}]\n"));
        }
        Ok(())
    }

    fn secret(&mut self, key: &str, id: &serde_json::Value, value: &serde_json::Value) -> io::Result<()> {
        let place = self.keep(key, id, value)?;
        self.text.push_str(&format!("{key} = {place:?}\n"));
        Ok(())
    }

    /// Puts a secret into a file of its own and says how the configuration names it.
    fn keep(&self, what: &str, id: &serde_json::Value, value: &serde_json::Value) -> io::Result<String> {
        let name = format!("{}.{what}", id.as_str().unwrap_or("unknown"));
        std::fs::write(self.secrets.join(&name), value.as_str().unwrap_or_default())?;
        Ok(format!("file:../{SECRETS}/{name}"))
    }
}
