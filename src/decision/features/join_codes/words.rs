//! What ops and the journal read about join codes.

use crate::decision::{JoinAsk, JoinCodeAct, JoinCodeMemory, JoinCodeState, JoinWay};
use crate::rules::JoinCode;

/// What is put under a message that is cut.
pub const MORE: &str = "\n……";

fn names(way: &JoinWay, memory: &JoinCodeMemory) -> String {
    way.groups.iter().map(|id| memory.name_of(id)).collect::<Vec<_>>().join("、")
}

pub fn asked(ask: &JoinAsk, state: &JoinCodeState, memory: &JoinCodeMemory) -> String {
    match ask {
        JoinAsk::Make(way) => format!("建进群码，进：{}", names(way, memory)),
        JoinAsk::Change { way, .. } => match &state.way {
            Some(before) if before.groups != way.groups => {
                format!("换群：{} → {}", names(before, memory), names(way, memory))
            }
            _ => "更新进群码的备注、记号或自动建群".to_owned(),
        },
        JoinAsk::Delete { .. } => "删除进群码".to_owned(),
    }
}

pub fn finished(ask: &JoinAsk, memory: &JoinCodeMemory) -> String {
    match ask {
        JoinAsk::Make(way) => format!("进群码建好了，进：{}", names(way, memory)),
        JoinAsk::Change { way, .. } => format!("进群码改好了，进：{}", names(way, memory)),
        JoinAsk::Delete { .. } => "进群码已删除".to_owned(),
    }
}

pub fn no_room(code: &JoinCode, memory: &JoinCodeMemory) -> String {
    let full: Vec<&str> = memory.seats.values().map(|seat| seat.name.as_str()).collect();
    let why = if full.is_empty() {
        "没有能进的群了".to_owned()
    } else {
        format!("没有还有空位的群了：{}都到了 {} 人", full.join("、"), code.next_before)
    };
    let advice = if full.is_empty() {
        "群名照原来的样子起"
    } else {
        "群名照现在的样子起，换个序号"
    };
    format!(
        "进群码「{}」（{}）{why}。\n请让门店再建一个客户群，{advice}，机器人认出来就自动换上，海报不用换。",
        code.called(),
        code.id
    )
}

pub fn left(id: &str) -> String {
    format!(
        "进群码 {id} 已经从文件里拿掉，但企业微信上还在，贴出去的海报还扫得进群，只是不再自动换群。\n\
         海报都撤了，就执行 zhanggui join-codes delete {id}；还要用，就把它写回 join-codes/。"
    )
}

pub fn failed(act: &JoinCodeAct, why: &str, doubt: bool) -> String {
    let id = &act.code;
    let what = match &act.ask {
        JoinAsk::Make(_) => "建",
        JoinAsk::Change { .. } => "改",
        JoinAsk::Delete { .. } => "删",
    };
    if doubt {
        return format!(
            "进群码 {id} 不知道有没有{what}成：请求发出去了，没等到答复。企业微信不让查有哪些码，\
             为免{what}两次，没有自动重试。\n就算多出一个也没有人见过，不影响进群；\
             要再{what}一次，执行 zhanggui join-codes retry {id}。"
        );
    }
    format!("进群码 {id} 没有{what}成：{why}。\n处理好以后，执行 zhanggui join-codes retry {id}。")
}
