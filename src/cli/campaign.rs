//! `zhanggui campaign`: which campaigns there are, what each is going to say in every store, and deciding
//! about them.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use jiff::Timestamp;

use super::Folders;
use super::operator::ask;
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::{CampaignOrder, CampaignState, Part, Planned};
use crate::files::known_ids;
use crate::rules::{Campaign, Rulebook};
use crate::store;
use crate::web::control::OrderCampaign;

/// Posts shown of one store, if nothing is said.
const SHOWN: usize = 20;

#[derive(Debug, clap::Args)]
pub struct CampaignArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Where {
    /// Where the campaigns stand 活动所在的配置
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 有哪些活动，各到了哪一步 / all campaigns and how they stand
    List(Where),
    /// 只看不发：每家店会在什么时候收到什么 / what every store is going to get; nothing is sent
    Show(ShowArgs),
    /// 同意一个活动按现在的文件发 / let it begin as it stands in the files
    Agree(Which),
    /// 不同意，改好文件再问 / it may not begin
    Refuse(Which),
    /// 暂停，还没发出去的也撤下 / let nothing more go out
    Pause(Which),
    /// 恢复，不管是暂停的、结束的还是售罄的 / let it go on, whatever held it up
    Resume(Which),
    /// 结束，后面的都不发 / nothing more of it
    End(Which),
    /// 卖完了：一家店的，或者全部 / nothing is left, in a store or anywhere
    SoldOut(Stock),
    /// 又有货了 / there is more
    Restocked(Stock),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The campaign's id 活动的编号
    id: String,
    /// Only this store, by its id 只看这家店，写门店编号
    #[arg(long)]
    store: Option<String>,
    /// How many posts of each store 每家店看几条
    #[arg(long, default_value_t = SHOWN)]
    posts: usize,
    /// As if it were this moment, like 2026-12-01T09:00:00+08:00 当作现在是这个时间
    #[arg(long)]
    at: Option<Timestamp>,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The campaign's id 活动的编号
    id: String,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, clap::Args)]
struct Stock {
    #[command(flatten)]
    which: Which,
    /// Only in this store, by its id 只是这家店，写门店编号
    #[arg(long)]
    store: Option<String>,
}

/// Returns whether it was done.
pub async fn run(args: &CampaignArgs) -> anyhow::Result<bool> {
    match &args.command {
        Command::List(place) => list(place),
        Command::Show(args) => show(args),
        Command::Agree(which) => order(which, None, CampaignOrder::Agree).await,
        Command::Refuse(which) => order(which, None, CampaignOrder::Refuse).await,
        Command::Pause(which) => order(which, None, CampaignOrder::Pause).await,
        Command::Resume(which) => order(which, None, CampaignOrder::Resume).await,
        Command::End(which) => order(which, None, CampaignOrder::End).await,
        Command::SoldOut(Stock { which, store }) => {
            order(which, store.as_deref(), CampaignOrder::SoldOut { store: store.clone() }).await
        }
        Command::Restocked(Stock { which, store }) => {
            order(which, store.as_deref(), CampaignOrder::Restocked { store: store.clone() }).await
        }
    }
}

fn read(place: &Where) -> anyhow::Result<Rulebook> {
    Ok(read_files(&place.folders.config(), &place.folders.scripts())?.rulebook)
}

fn find<'r>(rules: &'r Rulebook, id: &str) -> anyhow::Result<&'r Campaign> {
    match rules.campaigns.get(id) {
        Some(campaign) => Ok(campaign),
        None => bail!(
            "没有编号是 {id} 的活动。{} / no such campaign",
            known_ids("活动", id, rules.campaigns.keys().map(String::as_str))
        ),
    }
}

fn check_store(rules: &Rulebook, store: Option<&str>) -> anyhow::Result<()> {
    match store {
        Some(id) if rules.stores.get(id).is_none() => bail!(
            "没有编号是 {id} 的门店。{} / no such store",
            known_ids("门店", id, rules.stores.keys().map(String::as_str))
        ),
        _ => Ok(()),
    }
}

fn list(place: &Where) -> anyhow::Result<bool> {
    let rules = read(place)?;
    if rules.campaigns.is_empty() {
        println!("还没有活动：写在 config/campaigns/*.toml 里。\nNo campaigns yet.");
        return Ok(true);
    }
    // Before the first start there is no database, and nobody has said anything.
    let said = store::read(&place.data).and_then(|reader| reader.brand()).unwrap_or_default();
    let now = Clock::system().now();
    let mut rows = vec![["编号", "活动", "状态", "下一条"].map(str::to_owned)];
    for campaign in rules.campaigns.values() {
        let state = said.campaigns.get(&campaign.id).cloned().unwrap_or_default();
        let next = campaign.next_post(&rules, now).map(|next| local(&rules, next));
        rows.push([
            campaign.id.clone(),
            campaign.title.clone(),
            standing(&rules, campaign, &state),
            next.unwrap_or_else(|| "不会再发".to_owned()),
        ]);
    }
    print!("{}", super::columns::table(&rows));
    Ok(true)
}

fn standing(rules: &Rulebook, campaign: &Campaign, state: &CampaignState) -> String {
    let name = |id: &String| rules.stores.get(id).map_or_else(|| id.clone(), |store| store.name.clone());
    match state.hindrance(campaign, None, ToString::to_string) {
        _ if campaign.off => "已关掉".to_owned(),
        Some((_, why)) => why,
        None if state.sold_out.is_empty() => "正在进行".to_owned(),
        None => {
            format!("正在进行，售罄：{}", state.sold_out.keys().map(name).collect::<Vec<_>>().join("、"))
        }
    }
}

fn local(rules: &Rulebook, at: Timestamp) -> String {
    at.to_zoned(rules.timezone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn show(args: &ShowArgs) -> anyhow::Result<bool> {
    let rules = read(&args.place)?;
    let campaign = find(&rules, &args.id)?;
    check_store(&rules, args.store.as_deref())?;
    let now = args.at.unwrap_or_else(|| Clock::system().now());
    let all = campaign.stores(&rules);
    let stores: Vec<Option<&str>> = match &args.store {
        Some(store) => vec![Some(store.as_str())],
        None if all.is_empty() => vec![None],
        None => all.into_iter().map(Some).collect(),
    };
    println!("{}（{}）", campaign.title, campaign.place);
    for store in stores {
        let name =
            store.and_then(|id| rules.stores.get(id)).map_or("没有门店的群", |store| &store.name);
        println!("\n== {name} ==");
        let planned = campaign.preview(&rules, store, now, args.posts);
        if planned.is_empty() {
            println!("后面没有要发的。 Nothing more to come.");
        }
        planned.iter().for_each(|planned| print_planned(&rules, planned));
    }
    Ok(true)
}

fn print_planned(rules: &Rulebook, planned: &Planned<'_>) {
    println!("\n{}  {}（话术 {}）", local(rules, planned.at), planned.heading(), planned.schedule.post);
    match &planned.parts {
        Ok(parts) => {
            for line in parts
                .iter()
                .map(Part::paste_or_kind)
                .flat_map(|text| text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>())
            {
                println!("{line}");
            }
        }
        Err(why) => println!("  发不了：{why}"),
    }
}

async fn order(which: &Which, store: Option<&str>, order: CampaignOrder) -> anyhow::Result<bool> {
    let rules = read(&which.place)?;
    find(&rules, &which.id)?;
    check_store(&rules, store)?;
    let asked = OrderCampaign { campaign: which.id.clone(), order, by: which.by.clone() };
    ask(&which.place.data, "campaign", &asked).await
}
