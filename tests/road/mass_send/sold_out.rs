//! One store has sold out: what waits for the owners of its groups is withdrawn, and nothing else.

use super::*;

/// One task for a group of each of two stores, which wait for their owner.
async fn of_two_stores(office: &Office, stage: &Stage) -> String {
    let hexi = make_group(stage, "山谷小铺河西店福利群").await;
    know(office, stage, CHAOYANG, "山谷小铺朝阳店福利群").await;
    know(office, stage, &hexi, "山谷小铺河西店福利群").await;
    let mut actions = [CHAOYANG, &hexi].map(|group| post(stage, group, OWNER, words()));
    if let Act::MassSend(send) = &mut actions[1].act {
        send.store = "hexi".into();
    }
    office.decide(stage, "post", actions.to_vec()).await;
    hexi
}

/// 售罄: what waits in the groups of 朝阳店 is not to go out.
async fn sold_out(office: &Office, stage: &Stage) {
    // The platform tells nothing of a task that was just made.
    stage.pass_by(minutes(1));
    office.withdraw(stage, "早安", Some("chaoyang")).await;
}

/// The platform cancels a task as a whole: the owner is asked anew for the store that has something left.
#[tokio::test(flavor = "multi_thread")]
async fn one_store_that_has_sold_out_is_taken_out_of_the_task() {
    let stage = Stage::build().await;
    let office = stage.open();
    let hexi = of_two_stores(&office, &stage).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    let [whole] = &tasks(&stage)[..] else { panic!("one task: {:?}", tasks(&stage)) };
    sold_out(&office, &stage).await;
    ended(&office, "withdrawn", 1).await;
    ended(&office, "asked_again", 1).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    let (cancelled, again) = stage.world().read(|state| {
        let again = state.mass_sends.values().find(|send| send.msgid != *whole).expect("another task");
        (state.mass_sends[whole].cancelled_at, again.clone())
    });
    assert!(cancelled.is_some() && again.chats == [hexi.as_str()], "{again:?}");
    let expected = [
        ("done".to_owned(), "已撤下，没有发出".to_owned()),
        ("failed".to_owned(), format!("同一个任务里有别的群撤下了，重新请 {OWNER} 确认")),
    ];
    assert_eq!(results(&office, "post"), expected);

    tap(&stage, &again.msgid).await;
    stage.pass_by(minutes(3));
    ended(&office, "sent", 1).await;
    assert_eq!((said(&stage, CHAOYANG).len(), said(&stage, &hexi).len()), (0, 1));
    only(&stage, &[ADD, CANCEL, ADD]);
    office.close().await;
    stage.close().await;
}

/// The task is cancelled, and the bot is killed before it knows.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_a_store_is_taken_out_asks_for_the_others_once() {
    let stage = Stage::build().await;
    let office = stage.open();
    let hexi = of_two_stores(&office, &stage).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    stage.fault(CANCEL, "lost-answer").await;
    sold_out(&office, &stage).await;
    until("the cancelling", || stage.times(CANCEL) == 1).await;
    office.kill().await;

    let office = stage.open();
    stage.pass_by(minutes(3));
    ended(&office, "asked_again", 1).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    office.close().await;
    let office = stage.open();
    stage.pass_by(minutes(10));
    office.all_sent().await;
    let waiting = stage.world().read(|state| {
        let waits = state.mass_sends.values().filter(|send| send.cancelled_at.is_none());
        waits.map(|send| send.chats.clone()).collect::<Vec<_>>()
    });
    assert_eq!(waiting, [[hexi]]);
    assert_eq!(stage.times(ADD), 2);
    office.close().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_has_sent_before_a_store_sold_out_is_not_asked_for_again() {
    let stage = Stage::build().await;
    let office = stage.open();
    of_two_stores(&office, &stage).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    tap(&stage, &tasks(&stage)[0]).await;
    sold_out(&office, &stage).await;
    stage.pass_by(minutes(3));
    ended(&office, "sent", 2).await;
    assert!(entries(&office, "withdrawn").is_empty() && entries(&office, "asked_again").is_empty());
    assert_eq!(stage.times(ADD), 1);
    office.close().await;
    stage.close().await;
}

/// Decided, and not yet asked for: the place in the budget is free again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_for_yet_is_not_asked_for_where_it_sold_out() {
    let stage = Stage::build().await;
    let office = stage.open();
    let hexi = of_two_stores(&office, &stage).await;
    sold_out(&office, &stage).await;
    ended(&office, "withdrawn", 1).await;
    stage.pass_by(SignedDuration::from_secs(6));
    office.all_sent().await;
    let asked = stage
        .world()
        .read(|state| state.mass_sends.values().map(|send| send.chats.clone()).collect::<Vec<_>>());
    assert_eq!(asked, [[hexi]]);
    assert_eq!(results(&office, "post")[0], ("failed".to_owned(), "已撤下，没有发出".to_owned()));
    only(&stage, &[ADD]);
    office.close().await;
    stage.close().await;
}
