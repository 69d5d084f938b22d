//! `zhanggui poster ID --out FILE`: a printable poster of a join code, as PNG or SVG.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::Folders;
use crate::app::{connect, read_files};
use crate::channels::wecom::hands::Hands;
use crate::clock::Clock;
use crate::decision::JoinCodeState;
use crate::files::known_ids;
use crate::perception::picture;
use crate::poster::{self, Poster, Size, Typeface, Typefaces};
use crate::rules::{JoinCode, Rulebook};
use crate::store;

mod fonts;

#[derive(Debug, clap::Args)]
pub struct PosterArgs {
    /// The code's id 进群码的编号
    id: String,
    /// Where to, ending in .png or .svg 画到哪个文件
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Of paper; square is 200 mm 纸张
    #[arg(long, value_enum, default_value_t = Paper::A4)]
    size: Paper,
    /// A font with Chinese letters; found by itself otherwise 中文字体文件
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Paper {
    A4,
    A3,
    Square,
}

impl From<Paper> for Size {
    fn from(paper: Paper) -> Self {
        match paper {
            Paper::A4 => Self::A4,
            Paper::A3 => Self::A3,
            Paper::Square => Self::Square,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Svg,
}

/// Returns whether there is a poster now; why not is told.
pub async fn run(args: PosterArgs) -> anyhow::Result<bool> {
    let format = format_of(&args.out)?;
    let compiled = read_files(&args.folders.config(), &args.folders.scripts())?;
    let rules = &compiled.rulebook;
    let Some(code) = rules.join_codes.get(&args.id) else {
        let known = known_ids("进群码", &args.id, rules.join_codes.keys().map(String::as_str));
        bail!("没有编号是 {} 的进群码；{known} / no such join code", args.id);
    };
    // Without a font all else would be in vain.
    let fonts = match fonts::find(args.font.as_deref()) {
        Ok(fonts) => fonts,
        Err(why) => return told(&why),
    };
    let state = store::read(&args.data).and_then(|reader| reader.join_code(&args.id));
    let state = state.ok().and_then(|memory| memory.state).unwrap_or_default();
    let Some(config_id) = state.config_id.clone() else { return told(&not_made(code, &state)) };
    let connected = connect(&compiled.server, |name| std::env::var(name).ok(), &args.folders.config())?;
    let hands = Hands::new(connected.connections, args.folders.scripts(), Clock::system())?;
    let content = match content(&hands, &rules.app, &config_id).await {
        Ok(content) => content,
        Err(why) => return told(&why),
    };
    let drawn = tokio::task::spawn_blocking({
        let (poster, size) = (poster_of(rules, code, content), Size::from(args.size));
        move || draw(&poster, size, format, &fonts)
    });
    let bytes = match drawn.await? {
        Ok(bytes) => bytes,
        Err(why) => return told(&why),
    };
    std::fs::write(&args.out, bytes).with_context(|| format!("写不了 {}", args.out.display()))?;
    println!("画好了：{} / written", args.out.display());
    Ok(true)
}

fn told(why: &str) -> anyhow::Result<bool> {
    eprintln!("{why}");
    Ok(false)
}

fn format_of(out: &Path) -> anyhow::Result<Format> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("png") => Ok(Format::Png),
        Some("svg") => Ok(Format::Svg),
        _ => bail!("--out 要以 .png 或 .svg 结尾：PNG 直接打印，SVG 交给印刷厂 / .png or .svg, please"),
    }
}

fn not_made(code: &JoinCode, state: &JoinCodeState) -> String {
    let why = match (&state.trouble, &state.asked) {
        (Some(trouble), _) => {
            format!("上次没有做成：{}。处理好以后执行 zhanggui join-codes retry {}", trouble.why, code.id)
        }
        (None, Some(_)) => "正在建，过几秒再试".to_owned(),
        (None, None) => {
            "机器人运行起来、见到对得上的客户群以后会自己建好；看 zhanggui join-codes list".to_owned()
        }
    };
    format!(
        "进群码「{}」（{}）在企业微信上还没有建好：{why}。\nThe platform has no such code yet.",
        code.called(),
        code.id
    )
}

/// What the platform's picture of the code says.
async fn content(hands: &Hands, app: &str, config_id: &str) -> Result<String, String> {
    let connection = hands.connections().app(app).ok_or_else(|| format!("服务器配置里没有应用「{app}」"))?;
    let api = hands.api();
    let way = api.join_way(connection, config_id).await.map_err(|error| error.person())?;
    let url = way.qr_code.ok_or("企业微信没有给这个码的二维码图片，过一会儿再试")?;
    let picture = api.join_way_picture(&url).await.map_err(|error| error.person())?;
    let read = tokio::task::spawn_blocking(move || picture::codes(&picture)).await;
    let codes = read
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("企业微信给的二维码图片读不了：{}", error.chinese()))?;
    match &codes[..] {
        [content] => Ok(content.clone()),
        [] => Err(format!(
            "企业微信给的图片里认不出二维码，画不成清楚的海报。可以自己下载这张图，贴进设计稿：\n{url}"
        )),
        _ => Err(format!("企业微信给的图片里有 {} 个二维码，不知道用哪个：\n{url}", codes.len())),
    }
}

fn poster_of(rules: &Rulebook, code: &JoinCode, content: String) -> Poster {
    let store = code.store.as_ref().and_then(|id| rules.stores.get(id));
    Poster {
        brand: rules.brand.name.clone(),
        store: store.map(|store| store.name.clone()).unwrap_or_default(),
        address: store.map(|store| store.address.clone()).unwrap_or_default(),
        title: code.title.clone(),
        caption: code.caption.clone(),
        content,
        colours: rules.brand.colours.clone(),
    }
}

fn draw(poster: &Poster, size: Size, format: Format, fonts: &fonts::Fonts) -> Result<Vec<u8>, String> {
    let (heavy, light) = (face(&fonts.heavy)?, face(&fonts.light)?);
    let faces = Typefaces { heavy: &heavy, light: &light };
    let picture = poster::draw(poster, size, &faces).map_err(|error| error.chinese())?;
    match format {
        Format::Svg => Ok(poster::svg(&picture, size).into_bytes()),
        Format::Png => poster::png(&picture).map_err(|error| error.chinese()),
    }
}

fn face(font: &fonts::Font) -> Result<Typeface<'_>, String> {
    Typeface::of(&font.bytes).map_err(|error| {
        tracing::debug!(path = %font.path.display(), %error, "a font cannot be used");
        format!("{} 不是能写中文的字体，换一个（--font 字体文件）", font.path.display())
    })
}
