// The phone: its head, and the messages of the open chat. Only the newest are drawn; earlier ones on demand.

import { at, button, el, fill } from './dom.js';
import { drawMessage, preview } from './message.js';
import { groupOf, isMember, keyOf, lastKey, markSeen, messagesOf, model, nameOf, newerThan, now, roomOf } from './model.js';
import { clockTime, saidBy, say } from './words.js';

/** Drawn at first, and added by each tap on “earlier messages”. */
const PAGE = 200;
/** Nearer to the bottom than this counts as reading the newest message. */
const NEAR_PIXELS = 80;

const view = {
  /** Person and chat that are drawn. */
  of: '',
  /** Messages drawn at most. */
  limit: PAGE,
  /** What is drawn, in order: {key, signature, node}. */
  turns: [],
  /** The newest message is in sight, and stays so. */
  atBottom: true,
  /** New ones below what the person is reading. */
  below: 0,
  /** Key of the newest message that was drawn. */
  last: '',
};

export function drawChat() {
  at('phone-time').textContent = clockTime(now());
  drawHead();
  drawLog();
}

function drawHead() {
  const group = groupOf(model.chat);
  const title = at('chat-title');
  if (!model.chat) {
    fill(title, say('没有聊天', 'No chat'));
  } else if (group) {
    const count = (roomOf(model.chat) || { members: [] }).members.length;
    fill(title, el('span', { class: 'name' }, group.name), el('small', null, say(`（${count}）`, `(${count})`)), group.kind === 'customer' && el('span', { class: 'tag external' }, say('外部', 'external')));
  } else {
    const kinds = { app: say('应用', 'app'), bot: say('机器人', 'bot'), contact: say('企业微信', 'WeCom'), 'mass-send': say('企业微信', 'WeCom'), moments: say('企业微信', 'WeCom') };
    fill(title, el('span', { class: 'name' }, nameOf(model.chat)), el('span', { class: 'tag' }, kinds[model.chat.split(':')[0]]));
  }
  at('to-members').hidden = !group;
}

function drawLog() {
  const log = at('log');
  const messages = messagesOf(model.chat);
  const here = `${model.me}|${model.chat}`;
  const moved = view.of !== here;
  if (moved) Object.assign(view, { of: here, limit: PAGE, turns: [], atBottom: true, below: 0, last: lastKey(messages) });
  const fresh = newerThan(messages, view.last);
  view.last = lastKey(messages);

  update(log, messages, moved);
  markSeen(model.chat);
  const wroteMyself = fresh.some((message) => message.from === model.me);
  if (view.atBottom || wroteMyself) toBottom(log);
  else if (fresh.length > 0) view.below += fresh.length;
  drawNewest();
  announce(fresh);
}

/** Brings the drawn turns to the newest `limit` messages, touching only what differs. */
function update(log, messages, moved) {
  const first = Math.max(messages.length - view.limit, 0);
  const wanted = messages.slice(first).map((message, i) => turnOf(message, messages[first + i - 1], first + i));
  while (view.turns.length > 0 && wanted.length > 0 && view.turns[0].key !== wanted[0].key) view.turns.shift().node.remove();
  if (moved || view.turns.length === 0) {
    log.textContent = '';
    view.turns = [];
    if (messages.length === 0) log.append(emptyLog());
  }
  wanted.forEach((turn, i) => place(log, turn, i));
  for (const stale of view.turns.splice(wanted.length)) stale.node.remove();
  drawEarlier(log, first);
}

function turnOf(message, before, index) {
  const signature = JSON.stringify(message) + (before ? before.at : '');
  return { key: keyOf(message, index), signature, draw: () => drawMessage(message, before, model.chat) };
}

function place(log, turn, i) {
  const drawn = view.turns[i];
  if (drawn && drawn.key === turn.key && drawn.signature === turn.signature) return;
  const node = turn.draw();
  if (drawn) drawn.node.replaceWith(node);
  else log.append(node);
  view.turns[i] = { key: turn.key, signature: turn.signature, node };
}

function emptyLog() {
  const group = groupOf(model.chat);
  if (!model.ready) return el('p', { class: 'system' }, say('正在打开…', 'Opening…'));
  if (group) return el('p', { class: 'system' }, say('还没有人说话', 'Nobody has said anything yet'));
  if (!model.chat) return el('p', { class: 'system' }, say('从左边选一个聊天', 'Choose a chat'));
  return el('p', { class: 'system' }, say('发一个关键词，比如“早安”，就能拿到品牌话术', 'Send a keyword to get the brand’s text'));
}

function drawEarlier(log, hiddenCount) {
  const existing = log.querySelector('.earlier');
  if (existing) existing.remove();
  if (hiddenCount === 0) return;
  log.prepend(button(say(`查看更早的 ${hiddenCount} 条消息`, `${hiddenCount} earlier messages`), { class: 'earlier' }, () => {
    const height = log.scrollHeight;
    const top = log.scrollTop;
    view.limit += PAGE;
    view.turns = [];
    log.textContent = '';
    drawLog();
    log.scrollTop = top + log.scrollHeight - height;
  }));
}

function toBottom(log) {
  log.scrollTop = log.scrollHeight;
  view.below = 0;
}

function drawNewest() {
  const pill = at('to-newest');
  pill.hidden = view.below === 0;
  pill.textContent = say(`${view.below} 条新消息 ↓`, `${view.below} new ↓`);
}

/** Screen readers hear each new message once, not the whole log on a change of chat. */
function announce(fresh) {
  const last = fresh[fresh.length - 1];
  if (!last || last.from === model.me) return;
  at('announce').textContent = last.by === 'system' ? preview(last) : saidBy(last.name || nameOf(last.from), preview(last));
}

export function startChat() {
  const log = at('log');
  at('to-newest').addEventListener('click', () => { toBottom(log); drawNewest(); });
  log.addEventListener('scroll', () => {
    view.atBottom = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PIXELS;
    if (view.atBottom) view.below = 0;
    drawNewest();
  }, { passive: true });
  // The log grows and shrinks with the keyboard and with what stands under it.
  new ResizeObserver(() => { if (view.atBottom) toBottom(log); }).observe(log);
}

/** Brings a message of the open chat into sight. */
export function reveal(key) {
  view.limit = Infinity;
  drawChat();
  const turn = view.turns.find((one) => one.key === key);
  if (!turn) return;
  turn.node.scrollIntoView({ block: 'center' });
  turn.node.classList.remove('fresh');
  requestAnimationFrame(() => turn.node.classList.add('fresh'));
}

/** Whether the person may speak here. */
export function inside() {
  const group = groupOf(model.chat);
  return group ? isMember(roomOf(model.chat), model.me) : /^(app|bot):/.test(model.chat);
}
