//! Lists that help to find a script again: 帮助, 最近, 收藏.

use super::{NAME, Said, find, memory, opener, say};
use crate::decision::Draft;
use crate::decision::event::MemberId;
use crate::scripts::{self, Script};

/// A list longer than this helps nobody on a phone; the rest is found by typing a keyword.
const LISTED_AT_MOST: usize = 60;
/// One screen of a phone.
const SHOWN_AT_MOST: usize = 10;
/// More favourites than this are no favourites.
const FAVOURITES_AT_MOST: usize = 30;

pub(super) fn how_to_ask() -> String {
    format!("发一个关键词给我，就能拿到对应的话术。发送“{}”看看有哪些。", scripts::HELP)
}

pub(super) fn help(draft: &mut Draft<'_>, from: &MemberId) -> Said {
    draft.because(NAME, "help", "列出可用的话术");
    let asker = draft.asker(Some(from));
    let usable = draft.rules.scripts.usable(&asker);
    if usable.is_empty() {
        return say("现在还没有可用的话术，请联系运营。");
    }
    let mut text = format!(
        "发送关键词就能拿到话术，拼音和首字母也行。\n“{} 关键词”收藏常用的，“{}”看收藏，“{}”看最近用过的。\n",
        scripts::FAVOURITES,
        scripts::FAVOURITES,
        scripts::RECENT
    );
    if !draft.rules.campaigns.is_empty() {
        text.push_str(&format!(
            "卖完了发“{} 商品名”，有货了发“{} 商品名”，活动后面的话会停下或接着发。\n",
            scripts::SOLD_OUT,
            scripts::RESTOCKED
        ));
    }
    let mut scene = "";
    for script in usable.iter().take(LISTED_AT_MOST) {
        if script.scene != scene {
            scene = &script.scene;
            text.push_str(&format!("\n【{}】\n", scripts::scene_in_chinese(scene)));
        }
        text.push_str(&format!("· {}：{}\n", opener(script), script.title));
    }
    if usable.len() > LISTED_AT_MOST {
        text.push_str(&format!("\n一共 {} 条，没列出来的发关键词就能找到。", usable.len()));
    }
    say(text)
}

pub(super) fn recent(draft: &mut Draft<'_>, from: &MemberId) -> Said {
    draft.because(NAME, "recent", "列出最近用过的话术");
    let ids = memory(draft, from).recent.clone();
    let found = still_usable(draft, from, &ids);
    if found.is_empty() {
        return say(format!("您最近还没有用过话术。{}", how_to_ask()));
    }
    find::numbered(draft, from, "最近用过的，回复数字再发一次：", &found)
}

pub(super) fn favourites(draft: &mut Draft<'_>, from: &MemberId) -> Said {
    draft.because(NAME, "favourites", "列出收藏的话术");
    let ids = memory(draft, from).favourites.clone();
    let found = still_usable(draft, from, &ids);
    if found.is_empty() {
        let text = format!("还没有收藏。发“{} 关键词”，以后就能在这里找到它。", scripts::FAVOURITES);
        return say(text);
    }
    find::numbered(draft, from, "您收藏的话术，回复数字就发给您：", &found)
}

fn still_usable<'r>(draft: &Draft<'r>, from: &MemberId, ids: &[String]) -> Vec<&'r Script> {
    let asker = draft.asker(Some(from));
    let library = &draft.rules.scripts;
    let here = ids.iter().filter_map(|id| library.resolved(id, &asker));
    here.filter(|script| script.usable_on(asker.today)).take(SHOWN_AT_MOST).collect()
}

pub(super) fn keep(draft: &mut Draft<'_>, from: &MemberId, keyword: &str) -> Said {
    let asker = draft.asker(Some(from));
    let Some(script) = draft.rules.scripts.triggered(keyword, &asker) else {
        draft.because(NAME, "miss", "要收藏的关键词没有对应的话术");
        return say(format!("没有找到这个关键词，没能收藏。发“{}”看看有哪些。", scripts::HELP));
    };
    draft.because(NAME, "kept", format!("收藏「{}」", script.title));
    let favourites = &mut memory(draft, from).favourites;
    favourites.retain(|id| *id != script.id);
    favourites.insert(0, script.id.clone());
    favourites.truncate(FAVOURITES_AT_MOST);
    say(format!("已收藏「{}」。发“{}”就能看到。", script.title, scripts::FAVOURITES))
}

pub(super) fn drop_favourite(draft: &mut Draft<'_>, from: &MemberId, keyword: &str) -> Said {
    let asker = draft.asker(Some(from));
    let script = draft.rules.scripts.triggered(keyword, &asker);
    let favourites = &mut memory(draft, from).favourites;
    let before = favourites.len();
    favourites.retain(|id| script.is_none_or(|script| *id != script.id));
    if favourites.len() == before {
        draft.because(NAME, "not_kept", "要取消的收藏不在收藏里");
        return say("收藏里没有这条。");
    }
    draft.because(NAME, "unkept", "取消收藏");
    say("已取消收藏。")
}
