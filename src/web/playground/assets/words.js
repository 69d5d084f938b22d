// Every word that the scripts show, in Chinese and English side by side, and the way times read.

const english = document.documentElement.lang === 'en';

export const say = (chinese, inEnglish) => (english ? inEnglish : chinese);

export const saidBy = (name, words) => say(`${name}：${words}`, `${name}: ${words}`);

const pick = (table, key) => (table[key] ? say(table[key][0], table[key][1]) : key);

const EARS = {
  app: ['应用回调', 'app callback'],
  'group-robot': ['群机器人', 'group robot'],
  aibot: ['智能机器人', 'smart robot'],
  archive: ['会话存档', 'archive'],
  sync: ['读成员列表', 'member list'],
  events: ['客户群事件', 'group events'],
  clock: ['时钟', 'clock'],
  delivery: ['执行结果', 'outcome'],
};

const KINDS = {
  message: ['消息', 'message'],
  recalled: ['撤回', 'recalled'],
  entered_chat: ['打开了会话', 'opened the chat'],
  card_tapped: ['点了卡片', 'tapped a card'],
  group_changed: ['群变动', 'group changed'],
  group_snapshot: ['读到群资料', 'read the group'],
  contact_changed: ['客户变动', 'contact changed'],
  timer_due: ['到点了', 'timer due'],
  action_done: ['动作做成了', 'action done'],
  action_failed: ['动作没做成', 'action failed'],
  post_ended: ['群发有结果', 'mass send ended'],
  post_trouble: ['群发没发出', 'mass send in trouble'],
  post_due: ['排期到点', 'post due'],
  posts_missed: ['错过的排期', 'posts missed'],
  schedule_ordered: ['暂停或恢复排期', 'schedule ordered'],
  cascade: ['传达', 'cascade'],
  moment: ['发朋友圈', 'moment'],
  moment_news: ['朋友圈有消息', 'news of a moment'],
  ruled: ['判定', 'ruled'],
  file_news: ['文件有消息', 'file news'],
  other: ['其他通知', 'other'],
  unknown: ['不认识的通知', 'unknown'],
};

const ACTS = {
  post: ['在群里发言', 'posts in the group'],
  remove: ['移出成员', 'removes a member'],
  tell: ['私信', 'tells in private'],
  answer: ['当场回复', 'answers at once'],
  task_card: ['发待办卡', 'sends a task card'],
  update_card: ['更新卡片', 'updates the card'],
  read_group: ['读群资料', 'reads the group'],
  mass_send: ['企业群发', 'mass send'],
  welcome_contact: ['欢迎新客户', 'welcomes a contact'],
  moment: ['朋友圈任务', 'moments task'],
};

const HANDS = {
  appchat: ['应用群聊', 'appchat'],
  webhook: ['群推送机器人', 'webhook robot'],
  app: ['应用消息', 'app message'],
  answer: ['回调里直接回', 'in the callback'],
  'staff-task': ['请人来做', 'a person'],
  'mass-send': ['企业群发', 'mass send'],
};

const FEATURES = {
  registry: ['群登记', 'registry'],
  welcome: ['欢迎', 'welcome'],
  moderation: ['群秩序', 'moderation'],
  staff_scripts: ['话术', 'scripts'],
  staff_tasks: ['待办', 'staff tasks'],
  outcomes: ['后续', 'outcomes'],
  answers: ['公开回答', 'answers'],
  pasted_scripts: ['贴出的话术', 'pasted scripts'],
  scheduled_posts: ['排期', 'schedules'],
  playbooks: ['剧本', 'playbooks'],
  nudge: ['暖场', 'nudges'],
  cascades: ['传达', 'cascades'],
  contact_welcome: ['加好友欢迎', 'contact welcome'],
  file_news: ['文件', 'files'],
  later: ['排好的内容', 'planned posts'],
  confirmations: ['群发确认', 'confirmations'],
  moments: ['朋友圈', 'moments'],
  campaigns: ['活动', 'campaigns'],
  join_codes: ['进群码', 'join codes'],
  welcome_library: ['入群欢迎语', 'welcome library'],
  core: ['主干', 'core'],
};

const STATES = {
  waiting: ['等待发送', 'waiting'],
  asked: ['等人处理', 'a person was asked'],
  done: ['已完成', 'done'],
  expired: ['已过期', 'expired'],
};

const MESSAGES = {
  image: ['图片', 'picture'],
  voice: ['语音', 'voice'],
  video: ['视频', 'video'],
  file: ['文件', 'file'],
  link: ['链接', 'link'],
  news: ['链接', 'link'],
  location: ['位置', 'location'],
  card: ['名片', 'contact card'],
  emotion: ['表情', 'sticker'],
  weapp: ['小程序', 'mini-program'],
  miniprogram: ['小程序', 'mini-program'],
  'mass-send': ['企业群发', 'mass send'],
  moments: ['朋友圈', 'moments'],
};

export const earName = (ear) => pick(EARS, ear);
export const kindName = (kind) => pick(KINDS, kind);
export const actName = (act) => pick(ACTS, act);
export const featureName = (feature) => pick(FEATURES, feature);
export const messageKind = (kind) => pick(MESSAGES, kind);

/** `appchat:assistant` → 应用群聊. */
export const handName = (hand) => pick(HANDS, hand.split(':')[0]);

/** Where an action stands; the result names who did it, or why it failed. */
export function stateName(state, result) {
  const why = result || '';
  if (state === 'done_by') return say(`由${why}完成`, `done by ${why}`);
  if (state === 'pardoned_by') return say(`${why}撤销了（误判）`, `pardoned by ${why}`);
  if (state === 'refused_by') return say(`${why}拒绝了`, `refused by ${why}`);
  if (state === 'failed') return say('失败', 'failed');
  return pick(STATES, state);
}

/** What being heard by this ear means, truthfully. */
export function earTruth(ear) {
  const truths = {
    'group-robot': ['每条消息都当场听到', 'hears every message at once'],
    aibot: ['只听到 @ 它的消息', 'hears only what mentions it'],
    archive: ['每条都听到，但要晚几秒', 'hears everything, some seconds late'],
    events: ['知道谁进群、谁退群', 'knows who joins and leaves'],
  };
  return pick(truths, ear);
}

// ---- time: what the simulator says, in the brand's zone ----

const ZONE = 'Asia/Shanghai';
const format = (options) => new Intl.DateTimeFormat(english ? 'en-GB' : 'zh-CN', Object.assign({ timeZone: ZONE, hourCycle: 'h23' }, options));
const dayFormat = format({ month: 'long', day: 'numeric' });
const weekdayFormat = format({ weekday: 'short' });
const timeFormat = format({ hour: '2-digit', minute: '2-digit' });
const secondFormat = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const isoDay = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });

/** RFC 3339 text, or Unix seconds or milliseconds, as milliseconds. */
export function millis(moment) {
  if (typeof moment === 'number') return moment < 1e11 ? moment * 1000 : moment;
  return Date.parse(moment);
}

/** 2026-11-23. */
export const isoDayOf = (moment) => isoDay.format(millis(moment));

export const day = (moment) => dayFormat.format(millis(moment));
export const weekday = (moment) => weekdayFormat.format(millis(moment));
export const clockTime = (moment) => timeFormat.format(millis(moment));
export const exactTime = (moment) => secondFormat.format(millis(moment));

/** The time alone for today, with the day before it otherwise. */
export function chatTime(moment, now) {
  const sameDay = isoDay.format(millis(moment)) === isoDay.format(now);
  return sameDay ? clockTime(moment) : `${day(moment)} ${clockTime(moment)}`;
}

/** As short as a list needs it: the time for today, else the day. */
export function listTime(moment, now) {
  return isoDay.format(millis(moment)) === isoDay.format(now) ? clockTime(moment) : day(moment);
}

/** 8:00 of the day after `now`, as RFC 3339 with the zone's offset (no summer time there). */
export function tomorrowMorning(now) {
  const DAY = 24 * 60 * 60 * 1000;
  return `${isoDay.format(now + DAY)}T08:00:00+08:00`;
}
