// The left pane: who I am, who else I can be, and my chats.

import { at, avatar, button, differs, el, fill, mosaic } from './dom.js';
import { preview } from './message.js';
import { be, chatsOf, enter, groupOf, messagesOf, model, nameOf, now, person, roomOf, unread, unreadInbox } from './model.js';
import { listTime, millis, saidBy, say } from './words.js';

export function drawList() {
  const { mine, open } = chatsOf(model.me);
  const rows = mine.map(describe).sort((a, b) => b.when - a.when);
  const others = open.map(describeFromOutside);
  const sides = model.people.filter((one) => one.corp_member).concat(model.people.filter((one) => !one.corp_member));
  const people = sides.map((one) => ({ id: one.id, name: one.name, title: one.title, news: unreadInbox(one.id) }));
  if (!differs('list', model.me, model.chat, rows, others, people)) return;
  drawMe();
  fill(at('people'), people.map(drawPerson));
  fill(at('chats'),
    el('h2', null, say('聊天', 'Chats')),
    rows.length > 0 ? el('ul', { class: 'rows' }, rows.map(drawRow)) : el('p', { class: 'empty' }, say('还没有进任何群', 'In no group yet')),
    others.length > 0 && el('h2', null, say('还没加入', 'Not joined')),
    others.length > 0 && el('ul', { class: 'rows' }, others.map(drawRow)));
}

function drawMe() {
  const me = person(model.me);
  if (!me) return;
  fill(at('me'), avatar(me.id, me.name), el('p', null, el('b', null, me.name), el('small', null, roleOf(me))));
}

function roleOf(someone) {
  const side = someone.corp_member ? say('企业成员', 'colleague') : say('外部客户', 'customer');
  return someone.title ? `${someone.title} / ${side}` : side;
}

function drawPerson(one) {
  const current = one.id === model.me;
  const label = one.news > 0 ? say(`${one.name}，${one.news} 条新消息`, `${one.name}, ${one.news} new`) : one.name;
  const node = button('', { class: 'person', 'aria-pressed': String(current), 'aria-label': label, title: one.title || '', 'data-key': `be ${one.id}` }, () => be(one.id));
  node.append(avatar(one.id, one.name), el('span', null, one.name));
  if (one.news > 0 && !current) node.append(el('i', { class: 'badge' }, String(one.news)));
  return node;
}

function describe(chat) {
  const group = groupOf(chat);
  const messages = messagesOf(chat);
  const last = messages[messages.length - 1];
  return {
    chat,
    name: group ? group.name : nameOf(chat),
    when: last ? millis(last.at) : 0,
    time: last ? listTime(last.at, now()) : '',
    last: last ? lastLine(last, group) : '',
    news: unread(chat),
    members: group && roomOf(chat) ? roomOf(chat).members.slice(0, 4) : null,
  };
}

/** What is said in a group is not for those who are not in it. */
function describeFromOutside(chat) {
  const count = (roomOf(chat) || { members: [] }).members.length;
  return Object.assign(describe(chat), { time: '', news: 0, last: say(`${count} 人`, `${count} members`) });
}

/** The last message, with its speaker where it is not clear. */
function lastLine(message, group) {
  const named = group && message.by !== 'system' && !message.recalled && message.from !== model.me;
  return named ? saidBy(message.name || nameOf(message.from), preview(message)) : preview(message);
}

function drawRow(row) {
  const current = row.chat === model.chat;
  const open = () => {
    enter(row.chat);
    document.body.dataset.tab = 'chat';
  };
  const node = button('', { class: 'row', 'aria-current': current ? 'true' : null, 'data-key': `chat ${row.chat}` }, open);
  node.append(row.members ? mosaic(row.members) : avatar(row.chat, row.name, 'bot'),
    el('span', { class: 'row-text' },
      el('span', { class: 'row-top' }, el('b', null, row.name), el('time', null, row.time)),
      el('span', { class: 'row-last' }, row.last || say('点开看看', 'Open it'))));
  if (row.news > 0 && !current) node.append(el('i', { class: 'badge' }, row.news > 99 ? '99+' : String(row.news)));
  return el('li', null, node);
}
