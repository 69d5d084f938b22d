// Ready-made phrases and scenes, so that the playground comes alive with one tap.

import { api } from './api.js';
import { at, button, differs, el, fill } from './dom.js';
import { be, enter, isMember, loadPeople, model, person, report, robotIn } from './model.js';
import { isPlaying, playWeek } from './week.js';
import { millis, say } from './words.js';

const ADVERTISEMENTS = [
  '兼职日结300元，在家刷单轻松赚，加微信 rijie_8866',
  '兼 职 日 结，手机就能做，想赚钱加薇❤️ rijie8866',
];
let advertisement = 0;

/** The next advertisement, plain and disguised in turn. */
function nextAdvertisement() {
  advertisement += 1;
  return ADVERTISEMENTS[(advertisement - 1) % ADVERTISEMENTS.length];
}

const GUESTS = ['李婷', '周涛', '孙悦', '何强', '郑洁', '冯磊', '许晴', '邓凡'];

/** A customer whom nobody has met yet. */
export function newGuest() {
  const known = new Set(model.people.map((one) => one.name));
  const name = GUESTS.find((one) => !known.has(one)) || say(`新客人 ${model.people.length}`, `Guest ${model.people.length}`);
  return { id: `wm-guest-${Date.now()}`, name };
}

/** Phrases above the composer: [label, text()], or with a robot to mention. */
export function phrasesFor(group, who) {
  const keyword = (word, mention) => ({ label: word, text: () => word, mention });
  const ad = { label: say('发一条广告', 'Post an ad'), text: nextAdvertisement };
  const robot = robotIn(group);
  if (!group) return ['早安', '太贵了', '帮助', '太贵拉', '月饼'].map((word) => keyword(word));
  if (robot) return ['帮助', '太贵了'].map((word) => Object.assign(keyword(word, true), { label: `@${robot.name} ${word}` })).concat(keyword('早安'), ad);
  if (who && who.corp_member && group.kind === 'customer') return [keyword('欢迎新朋友，有事随时找我'), ad];
  if (group.kind === 'customer') return [keyword('多少钱一箱？'), keyword('能送货上门吗？'), ad];
  return [ad, keyword('大家好'), keyword('明天到货吗？')];
}

const heardBy = (ear) => model.groups.find((group) => group.heard_by.includes(ear));

/** The one inside the company who owns no group and came last, or is not there yet. */
function stranger() {
  const owns = (one) => model.groups.some((group) => group.owner === one.id);
  const inside = model.people.filter((one) => one.corp_member && !owns(one));
  return inside.sort((a, b) => cameAt(b.id) - cameAt(a.id))[0];
}

function cameAt(id) {
  const memberships = Array.from(model.rooms.values()).map((room) => room.members.find((one) => one.id === id)).filter(Boolean);
  return memberships.length === 0 ? Number.MAX_VALUE : Math.max(...memberships.map((one) => millis(one.joined_at)));
}

/** The scenes of the tour; each is shown only where its people and groups exist. */
function scenes() {
  return [weekScene(), adScene(), joinScene(), keywordScene()].filter(Boolean);
}

function weekScene() {
  const group = model.groups.find((one) => one.kind === 'customer');
  if (!group || isPlaying()) return null;
  return {
    title: say('一分钟放完一周', 'A week in a minute'),
    hint: say(`「${group.name}」从早安到打烊，看七天里谁在什么时候说了什么`, `seven days of ${group.name}: who says what, and when`),
    run: playWeek,
  };
}

function adScene() {
  const group = heardBy('group-robot');
  const someone = stranger();
  if (!group || !someone) return null;
  return {
    title: say(`${someone.name}进群发广告`, `${someone.name} posts an ad`),
    hint: say(`在「${group.name}」，看机器人怎么认出来、怎么处理`, `in ${group.name}: see how the bot finds out, and what it does`),
    run: async () => {
      go(someone.id, `group:${group.chat_id}`);
      if (!isMember(model.rooms.get(group.chat_id), someone.id)) await api.join(group.chat_id, { id: someone.id });
      await api.post(group.chat_id, { from: someone.id, kind: 'text', content: nextAdvertisement() });
    },
  };
}

function joinScene() {
  const group = model.groups.find((one) => one.kind === 'customer');
  const room = group && model.rooms.get(group.chat_id);
  if (!room) return null;
  const someone = model.people.find((one) => !one.corp_member && !isMember(room, one.id)) || newGuest();
  return {
    title: say(`${someone.name}扫码进群`, `${someone.name} joins a group`),
    hint: say(`「${group.name}」，拨一拨时钟，看欢迎语怎么送到`, `${group.name}: move the clock, and the welcome goes to the owner`),
    run: async () => {
      await api.join(group.chat_id, { id: someone.id, name: someone.name });
      await loadPeople();
      go(someone.id, `group:${group.chat_id}`);
    },
  };
}

function keywordScene() {
  const group = model.groups.find((one) => one.kind === 'customer') || model.groups[0];
  const staff = (group && person(group.owner)) || model.people.find((one) => one.corp_member);
  const app = model.apps[0];
  if (!staff || !app) return null;
  return {
    title: say(`${staff.name}要一句话术`, `${staff.name} asks for a script`),
    hint: say(`给「${app.name}」发“太贵了”，拿到的话复制就能用`, `a keyword to ${app.name}, and the ready text comes back`),
    run: async () => {
      go(staff.id, `app:${app.id}`);
      await api.tell(staff.id, { to: `app:${app.id}`, kind: 'text', content: '太贵了' });
    },
  };
}

function go(who, chat) {
  be(who);
  enter(chat);
  document.body.dataset.tab = 'chat';
}

export function drawScenes() {
  const all = scenes();
  if (!differs('scenes', all.map((scene) => scene.title))) return;
  at('scenes').hidden = all.length === 0;
  fill(at('scene-list'), all.map(drawScene));
}

function drawScene(scene, i) {
  const node = button('', { class: 'scene', 'data-key': `scene ${i}` }, () => scene.run().catch(report));
  node.append(el('b', null, scene.title), el('span', null, scene.hint));
  return node;
}
