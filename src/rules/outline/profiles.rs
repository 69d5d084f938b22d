//! What a set of group rules says, in words.

use super::{Named, hours, lasting, on, said};
use crate::rules::{
    Answers, BlacklistScope, JoinCodeWelcome, Moderation, Nudge, Profile, RaidRule, Role, Rung, StaffTasks,
    Welcome, WelcomeStep,
};

pub fn profile(profile: &Profile) -> Named {
    let Profile { id: _, name, welcome, moderation, staff_tasks, answers, nudge, posts } = profile;
    let lines = welcome_lines(welcome).into_iter().chain(moderation_lines(moderation));
    let quiet = ("排期安静时段".to_owned(), posts.quiet.map(hours).unwrap_or_default());
    let lines = lines.chain(task_lines(staff_tasks)).chain(answer_lines(answers)).chain(nudge_lines(nudge));
    let lines = lines.chain([quiet]);
    Named { name: name.clone(), says: said(lines), ..Named::default() }
}

fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "群主",
        Role::Staff => "门店的人",
        Role::Ops => "运营",
        Role::Kol => "意见领袖",
        Role::Member => "普通成员",
    }
}

fn welcome_lines(welcome: &Welcome) -> Vec<(String, String)> {
    let Welcome { off, window, script, quiet, repeat_after, mention_at_most, steps, by_join_code } = welcome;
    let line = |key: &str, value: String| (key.to_owned(), value);
    let mut lines = vec![line("欢迎", on(*off))];
    if !off {
        lines.extend([
            line("欢迎话术", script.clone().unwrap_or_default()),
            line("欢迎等候", lasting(*window)),
            line("欢迎安静时段", quiet.map(hours).unwrap_or_default()),
            line("欢迎间隔", lasting(*repeat_after)),
            line("欢迎点名人数", mention_at_most.to_string()),
        ]);
        let step = |step: &WelcomeStep| line(&format!("欢迎后{}", lasting(step.after)), step.script.clone());
        lines.extend(steps.iter().map(step));
        let code =
            |code: &JoinCodeWelcome| line(&format!("进群码{}的欢迎话术", code.state), code.script.clone());
        lines.extend(by_join_code.iter().map(code));
    }
    lines
}

fn moderation_lines(moderation: &Moderation) -> Vec<(String, String)> {
    let line = |key: &str, value: String| (key.to_owned(), value);
    let mut lines = vec![line("广告处理", on(moderation.off))];
    if moderation.off {
        return lines;
    }
    let names = |names: Vec<&str>| names.join("、");
    let exempt = names(moderation.exempt.iter().map(|role| role_in_words(*role)).collect());
    let flood = moderation
        .flood
        .map(|flood| format!("{}内{}条或重复{}次", lasting(flood.within), flood.messages, flood.repeats));
    lines.extend([
        line("只观察不处理", if moderation.shadow { "是".to_owned() } else { String::new() }),
        line("广告类别", names(moderation.categories.iter().map(|one| one.chinese()).collect())),
        line("广告判定线", format!("{:.2}", moderation.act_at)),
        line("请人看的线", format!("{:.2}", moderation.ask_at)),
        line("不受管的人", exempt),
        line("放行的网址", moderation.allow_links.join("、")),
        line("放行的联系方式", moderation.allow_contacts.join("、")),
        line("刷屏", flood.unwrap_or_default()),
        line("刷屏话术", moderation.flood_script.clone().unwrap_or_default()),
        line("违规记录保留", lasting(moderation.strikes_expire)),
    ]);
    lines.extend(standing_lines(moderation));
    lines.extend(
        moderation.ladder.iter().map(|rung| (format!("第{}次违规", rung.strike), rung_in_words(rung))),
    );
    lines
}

/// What holds besides the sum of the signs.
fn standing_lines(moderation: &Moderation) -> Vec<(String, String)> {
    let line = |key: &str, value: Option<String>| (key.to_owned(), value.unwrap_or_default());
    let trust = moderation.trust.map(|rule| format!("{}天，{}不说话作废", rule.days, lasting(rule.expires)));
    let raid = moderation.raid.map(|rule| {
        let RaidRule { newcomers, within, joined_within, lasts } = rule;
        let (within, joined, lasts) = (lasting(within), lasting(joined_within), lasting(lasts));
        format!("{within}内{newcomers}个进群不到{joined}的人可疑，严{lasts}")
    });
    let spread = moderation
        .spread
        .map(|rule| format!("{}内{}个群，{}字起", lasting(rule.within), rule.groups, rule.letters_at_least));
    let shadowed = moderation.shadow_rules.iter().map(|rule| rule.chinese()).collect::<Vec<_>>().join("、");
    let welcome = moderation.ad_hours.iter().map(|window| hours(*window)).collect::<Vec<_>>().join("、");
    vec![
        line("只观察的规则", Some(shadowed)),
        line(
            "要两种迹象的人",
            moderation.second_signal_after.map(|after| format!("进群超过{}", lasting(after))),
        ),
        line("信得过", trust),
        line("一伙人进来闹", raid),
        line("群发", spread),
        line("可以发广告的时段", Some(welcome)),
        line("看名字", moderation.names.then(|| "是".to_owned())),
        line("提醒别人的话", Some(moderation.warning_words.join("、"))),
        line("道歉话术", moderation.apology_script.clone()),
    ]
}

fn rung_in_words(rung: &Rung) -> String {
    let mut words = rung.acts.iter().map(|act| act.chinese()).collect::<Vec<_>>().join("、");
    if let Some(blacklist) = &rung.blacklist {
        let scope = match blacklist.scope {
            BlacklistScope::Group => "本群",
            BlacklistScope::Brand => "所有群",
        };
        let lasts = blacklist.lasts.map_or_else(|| "永久".to_owned(), lasting);
        words.push_str(&format!("（{scope}，{lasts}）"));
    }
    if let Some(fine) = &rung.fine {
        words.push_str(&format!("，红包{}个共{}", fine.shares, fine.sum));
    }
    if let Some(lasts) = rung.mute {
        words.push_str(&format!("，禁言{}", lasting(lasts)));
    }
    if let Some(script) = &rung.script {
        words.push_str(&format!("，话术 {script}"));
    }
    words
}

fn answer_lines(answers: &Answers) -> Vec<(String, String)> {
    let Answers { scripts, cooldown } = answers;
    if scripts.is_empty() {
        return Vec::new();
    }
    vec![("自动回答".to_owned(), scripts.join("、")), ("自动回答间隔".to_owned(), lasting(*cooldown))]
}

fn nudge_lines(nudge: &Nudge) -> Vec<(String, String)> {
    let Nudge { scripts, quiet_for, hours: awake, at_most } = nudge;
    if scripts.is_empty() {
        return Vec::new();
    }
    let rule = format!("{}没人说话，{}，一天{at_most}次", lasting(*quiet_for), hours(*awake));
    vec![("暖场".to_owned(), rule), ("暖场话术".to_owned(), scripts.join("、"))]
}

fn task_lines(tasks: &StaffTasks) -> Vec<(String, String)> {
    let StaffTasks { remind_after, escalate_after, expire_after, quiet } = tasks;
    let line = |key: &str, value: String| (key.to_owned(), value);
    vec![
        line("待办提醒", lasting(*remind_after)),
        line("待办升级", lasting(*escalate_after)),
        line("待办作废", lasting(*expire_after)),
        line("待办安静时段", quiet.map(hours).unwrap_or_default()),
    ]
}
