// What the page knows: fetched from the server, kept here, drawn by the others after each change.

import { Refusal, api } from './api.js';
import { toast } from './dom.js';
import { millis, say } from './words.js';

/** The window in which owners of customer groups confirm mass sends. */
const MASS_SENDS = 'mass-send';
/** The window in which staff publish moments. */
const MOMENTS = 'moments';
/** Rests between two fetches of the same thing, so that a burst of changes costs one. */
const REST_MILLISECONDS = 150;
/** The server gives at most this many items at once; older ones are let go. */
const JOURNAL_KEPT = 200;

export const model = {
  ready: false,
  /** Simulated now minus this machine's now, in milliseconds. */
  ahead: 0,
  people: [],
  groups: [],
  /** Smart robots (`kind: 'aibot'`), and group robots that only listen and have no private chat. */
  bots: [],
  apps: [],
  /** The last week that was begun: `{chat_id, from, until, playing}`. */
  week: null,
  /** Group id → members and messages. */
  rooms: new Map(),
  /** Person's id → messages with apps and robots. */
  inboxes: new Map(),
  /** Journal number → item. */
  journal: new Map(),
  me: '',
  /** `group:ID`, `app:ID` or `bot:ID`. */
  chat: '',
};

/** `person|chat` → key of the last message that the person has seen. */
const seen = new Map();
const listeners = [];
let drawing = false;
/** Something is pressed and not yet let go. */
let held = false;

/** Calls `draw` after every change, at most once a frame. */
export const onChange = (draw) => listeners.push(draw);

export function changed() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(drawAll);
}

function drawAll() {
  // What is drawn anew between press and release gets no click: the button that was pressed is gone.
  if (held) return;
  drawing = false;
  for (const draw of listeners) draw();
}

function letGo() {
  held = false;
  if (drawing) requestAnimationFrame(drawAll);
}

window.addEventListener('pointerdown', () => { held = true; }, true);
for (const end of ['pointerup', 'pointercancel', 'blur']) window.addEventListener(end, letGo, true);

// ---- reading ----

export const now = () => Date.now() + model.ahead;
export const person = (id) => model.people.find((one) => one.id === id);
export const groupOf = (chat) => (chat.startsWith('group:') ? model.groups.find((one) => `group:${one.chat_id}` === chat) : undefined);
export const roomOf = (chat) => model.rooms.get(chat.slice('group:'.length));
export const isMember = (room, id) => Boolean(room) && room.members.some((member) => member.id === id);

const smartRobots = () => model.bots.filter((one) => one.kind === 'aibot');

/** The smart robot of a group that one is in. */
export const robotIn = (group) => (group && group.heard_by.includes('aibot') ? smartRobots()[0] : undefined);

export function nameOf(id) {
  const found = person(id.replace(/^contact:/, ''))
    || model.apps.find((one) => id === `app:${one.id}`) || model.bots.find((one) => id.replace(/^(ro)?bot:/, '') === one.id);
  if (found) return found.name;
  if (id === MASS_SENDS) return say('群发助手', 'Mass sends');
  if (id === MOMENTS) return say('客户朋友圈', 'Moments');
  for (const room of model.rooms.values()) {
    const member = room.members.find((one) => one.id === id);
    if (member) return member.name;
  }
  return id;
}

export function messagesOf(chat, owner = model.me) {
  if (chat.startsWith('group:')) return (roomOf(chat) || { messages: [] }).messages;
  return (model.inboxes.get(owner) || []).filter((message) => peerOf(message, owner) === chat);
}

/** Whose window a private message stands in: `app:ID`, `bot:ID` or `contact:USERID`. */
function peerOf(message, owner) {
  return message.window || (message.from === owner ? message.to : message.from);
}

/** Chats that this person has, and groups that they could join. */
export function chatsOf(id) {
  const who = person(id);
  const inside = Boolean(who && who.corp_member);
  const mine = [];
  const open = [];
  for (const group of model.groups) {
    if (isMember(model.rooms.get(group.chat_id), id)) mine.push(`group:${group.chat_id}`);
    else if (inside || group.kind === 'customer') open.push(`group:${group.chat_id}`);
  }
  if (inside) mine.push(...model.apps.map((app) => `app:${app.id}`), ...smartRobots().map((bot) => `bot:${bot.id}`));
  for (const message of model.inboxes.get(id) || []) {
    const window = peerOf(message, id);
    if (window && !mine.includes(window)) mine.push(window);
  }
  return { mine, open };
}

export const keyOf = (message, index) => message.msgid || `at ${index}`;
export const lastKey = (messages) => (messages.length > 0 ? keyOf(messages[messages.length - 1], messages.length - 1) : '');

/** The messages after the one with this key; all of them when it is gone or was never there. */
export function newerThan(messages, key) {
  let start = messages.length;
  while (start > 0 && keyOf(messages[start - 1], start - 1) !== key) start -= 1;
  return messages.slice(start);
}

export function unread(chat, owner = model.me) {
  const key = `${owner}|${chat}`;
  if (!seen.has(key)) return 0;
  return newerThan(messagesOf(chat, owner), seen.get(key)).filter((message) => message.from !== owner && message.by !== 'system').length;
}

/** What waits for a person in their private chats: cards and answers. */
export function unreadInbox(owner) {
  return chatsOf(owner).mine.filter((chat) => !chat.startsWith('group:')).reduce((sum, chat) => sum + unread(chat, owner), 0);
}

export function markSeen(chat, owner = model.me) {
  seen.set(`${owner}|${chat}`, lastKey(messagesOf(chat, owner)));
}

function startCounting(chat, owner) {
  if (!seen.has(`${owner}|${chat}`)) markSeen(chat, owner);
}

// ---- fetching ----

const running = new Map();

/** Runs `fetch` for this key now, or once more after the run under way. */
function soon(key, fetch) {
  if (running.has(key)) {
    running.set(key, true);
    return;
  }
  running.set(key, false);
  const rest = () => new Promise((done) => setTimeout(done, REST_MILLISECONDS));
  fetch().catch(report).then(rest).then(() => {
    const again = running.get(key);
    running.delete(key);
    if (again) soon(key, fetch);
  });
}

/** Tells the person what the server refused; a server that is gone has its own banner. */
export function report(problem) {
  if (problem instanceof Refusal) toast(problem.message);
  else window.dispatchEvent(new CustomEvent('server-gone'));
}

export async function loadPeople() {
  const state = await api.state();
  model.ahead = millis(state.now) - Date.now();
  for (const part of ['people', 'groups', 'bots', 'apps']) model[part] = state[part] || [];
  model.week = state.week;
  changed();
}

async function loadGroup(id) {
  model.rooms.set(id, await api.group(id));
  for (const someone of model.people) startCounting(`group:${id}`, someone.id);
  changed();
}

async function loadInbox(user) {
  model.inboxes.set(user, (await api.inbox(user)).messages);
  for (const chat of chatsOf(user).mine) startCounting(chat, user);
  changed();
}

/** Asks again from before the oldest item with an unfinished action, so that its outcome is seen. */
async function loadJournal() {
  const unfinished = (item) => item.actions.some((action) => action.state === 'waiting' || action.state === 'asked');
  const known = Array.from(model.journal.values());
  const newest = Math.max(0, ...known.map((item) => item.n));
  const after = Math.min(newest, ...known.filter(unfinished).map((item) => item.n - 1));
  const { items } = await api.journal(after);
  for (const item of items) model.journal.set(item.n, item);
  const numbers = Array.from(model.journal.keys()).sort((a, b) => a - b);
  for (const n of numbers.slice(0, -JOURNAL_KEPT)) model.journal.delete(n);
  changed();
}

export const refreshState = () => soon('state', loadPeople);
export const refreshGroup = (id) => soon(`group ${id}`, () => loadGroup(id));
export const refreshInbox = (user) => soon(`inbox ${user}`, () => loadInbox(user));
export const refreshJournal = () => soon('journal', loadJournal);

/** Everything, at the start and after the server was gone. */
export async function loadAll() {
  await loadPeople();
  const inside = model.people.filter((someone) => someone.corp_member);
  await Promise.all([
    ...model.groups.map((group) => loadGroup(group.chat_id)),
    ...inside.map((someone) => loadInbox(someone.id)),
  ]);
  model.journal.clear();
  await loadJournal().catch(report);
  model.ready = true;
  changed();
}

/** One change that the simulator told of. */
export function applyChange(change) {
  if (change.what === 'clock') refreshState();
  if (change.what === 'members' || change.what === 'week') refreshState();
  if (change.what === 'private') refreshInbox(change.id);
  if (change.what === 'group' || change.what === 'members') refreshGroup(change.id);
  refreshJournal();
}

// ---- who and where ----

export function be(id) {
  model.me = id;
  if (!model.inboxes.has(id)) refreshInbox(id);
  const { mine, open } = chatsOf(id);
  if (!mine.concat(open).includes(model.chat)) model.chat = mine[0] || open[0] || '';
  remember();
}

export function enter(chat) {
  model.chat = chat;
  remember();
}

/** The address keeps person and chat, so that a reload or a link comes back here. */
function remember() {
  const place = new URLSearchParams({ as: model.me, chat: model.chat });
  history.replaceState(null, '', `${location.pathname}${location.search}#${place}`);
  changed();
}

export function restore() {
  const place = new URLSearchParams(location.hash.slice(1));
  const wanted = place.get('as');
  model.chat = place.get('chat') || '';
  const first = model.people.find((someone) => someone.corp_member) || model.people[0];
  if (person(wanted)) be(wanted);
  else if (first) be(first.id);
}
