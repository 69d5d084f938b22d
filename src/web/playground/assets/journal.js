// The right pane: what the bot heard, by which ear, why it acted, and where each action stands.

import { at, avatar, differs, el, fill, icon } from './dom.js';
import { groupOf, model, nameOf, person } from './model.js';
import { actName, earName, earTruth, exactTime, featureName, handName, kindName, say, stateName } from './words.js';

let scope = 'all';
const drawnItems = new Map();
/** What was there when the page opened is not new. */
let settled = false;

export function drawJournal() {
  drawTruth();
  drawTimeline();
}

// ---- how this group is heard, and by what the bot acts ----

function drawTruth() {
  const group = groupOf(model.chat);
  if (!differs('truth', model.chat, group)) return;
  if (!group) {
    fill(at('truth'), model.chat && el('p', null, icon('ear'), say('这里是私聊：每条消息都当场听到，也能当场回复。', 'A private chat: everything is heard and answered at once.')));
    return;
  }
  const ears = group.heard_by.map((ear) => el('p', null, icon('ear'), el('b', null, earName(ear)), earTruth(ear)));
  fill(at('truth'),
    el('h3', null, group.name),
    ears.length > 0 ? ears : el('p', null, icon('ear'), say('机器人听不到这个群', 'The bot can’t hear this group')),
    group.about && el('p', null, icon('hand'), group.about));
}

// ---- the timeline, newest first ----

function drawTimeline() {
  const timeline = at('timeline');
  const group = groupOf(model.chat);
  const here = (item) => (group ? item.group === group.chat_id : !item.group && item.from === model.me);
  const items = Array.from(model.journal.values()).filter((item) => scope === 'all' || here(item)).sort((a, b) => b.n - a.n);
  const wanted = items.map(drawnItem);
  settled = settled || model.ready;
  if (wanted.length === 0) {
    fill(timeline, el('li', { class: 'empty' }, model.ready ? say('还没听到什么。发一条消息，或点上面的一个场景。', 'Nothing heard yet. Send a message, or try a scene above.') : say('正在打开…', 'Opening…')));
    return;
  }
  wanted.forEach((node, i) => {
    if (timeline.children[i] !== node) timeline.insertBefore(node, timeline.children[i] || null);
  });
  while (timeline.children.length > wanted.length) timeline.lastChild.remove();
  for (const n of drawnItems.keys()) if (!model.journal.has(n)) drawnItems.delete(n);
}

/** The node of an item, made anew only when the item changed. */
function drawnItem(item) {
  const signature = JSON.stringify(item);
  const known = drawnItems.get(item.n);
  if (known && known.signature === signature) return known.node;
  const node = drawItem(item);
  if (!known && settled) node.classList.add('fresh');
  drawnItems.set(item.n, { signature, node });
  return node;
}

function drawItem(item) {
  // The reasons of a member list that was read say all that it said.
  const told = item.kind === 'group_snapshot' && item.reasons.length > 0;
  const quiet = told || (item.reasons.length === 0 && item.actions.length === 0);
  const text = item.kind === 'message' ? item.text : named(item.text) || kindName(item.kind);
  return el('li', { class: quiet ? 'item quiet' : 'item' },
    el('header', null,
      el('span', { class: `ear ear-${item.ear || 'none'}` }, item.ear ? earName(item.ear) : say('内部', 'internal')),
      el('span', { class: 'what' }, kindName(item.kind)),
      item.repeat && el('span', { class: 'tag' }, say('平台重发，不再处理', 'repeat, ignored')),
      el('span', { class: 'where' }, whereOf(item)),
      el('time', null, exactTime(item.at))),
    !told && el('p', { class: 'heard' }, drawSource(item), el('span', null, item.from && el('b', null, nameOf(item.from)), text)),
    item.reasons.length > 0 && el('ul', { class: 'reasons', 'aria-label': say('为什么', 'Why') }, item.reasons.map(drawReason)),
    item.actions.length > 0 && el('ul', { class: 'actions', 'aria-label': say('做了什么', 'What it did') }, item.actions.map(drawAction)));
}

/** The platform doesn't tell the bot what each group is called, but the page knows. */
function whereOf(item) {
  if (!item.group) return '';
  const group = groupOf(`group:${item.group}`);
  return group ? group.name : item.group_name || item.group;
}

const SOURCES = { clock: 'clock', delivery: 'hand' };

function drawSource(item) {
  if (item.from) return avatar(item.from, nameOf(item.from));
  return el('span', { class: 'avatar source' }, icon(SOURCES[item.ear] || 'list'));
}

/** What the bot wrote of people by their ids, with their names; and scripts by their place in the library. */
function named(text) {
  const people = (word) => (person(word) ? person(word).name : word);
  return text.replace(/[^\s（(]*\/(?=bot-scripts\/)/g, '').replace(/[\w.-]+/g, people);
}

function drawReason(reason) {
  return el('li', { title: reason.code }, el('span', { class: 'feature' }, featureName(reason.feature)), el('span', null, named(reason.text)));
}

/** These begin with the id of whom they concern; the others are the text that was said. */
const CONCERNING = ['remove', 'tell', 'task_card'];

function drawAction(action) {
  return el('li', null,
    el('span', { class: 'did' }, el('b', null, actName(action.act)), el('small', null, handName(action.hand))),
    el('span', { class: `state state-${action.state}` }, stateName(action.state, action.result)),
    action.detail && el('p', { class: 'detail' }, CONCERNING.includes(action.act) ? named(action.detail) : action.detail),
    action.state === 'failed' && action.result && el('p', { class: 'detail failed' }, action.result));
}

export function startJournal() {
  at('scope').addEventListener('click', (event) => {
    const chosen = event.target.closest('[data-scope]');
    if (!chosen) return;
    scope = chosen.dataset.scope;
    for (const one of at('scope').children) one.setAttribute('aria-pressed', String(one === chosen));
    drawTimeline();
  });
}
