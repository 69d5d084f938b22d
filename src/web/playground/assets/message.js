// One message as the app shows it: a bubble, a grey line of the system, or a card.

import { drawCard, drawMassSend, drawMoment } from './card.js';
import { avatar, button, copy, el } from './dom.js';
import { groupOf, model, nameOf, now, roomOf } from './model.js';
import { chatTime, messageKind, millis, say } from './words.js';

/** A time stands between two messages that are further apart than this. */
const DIVIDER_MILLISECONDS = 5 * 60 * 1000;

/** The turn of one message, with the time above it when some has passed since `before`. */
export function drawMessage(message, before, chat) {
  const gap = before ? millis(message.at) - millis(before.at) : Infinity;
  return el('div', { class: 'turn' },
    gap > DIVIDER_MILLISECONDS && el('p', { class: 'time' }, chatTime(message.at, now())),
    isLine(message) ? el('p', { class: 'system' }, lineOf(message)) : drawBubble(message, chat));
}

const isLine = (message) => message.by === 'system' || message.recalled;

function lineOf(message) {
  if (!message.recalled) return plain(message.content);
  const name = message.name || nameOf(message.from);
  return say(`${name}撤回了一条消息`, `${name} recalled a message`);
}

/** A message in one line, for the list and for screen readers. */
export function preview(message) {
  if (isLine(message)) return lineOf(message);
  if (hasCard(message)) return `[${say('待办卡', 'card')}] ${message.card.title}`;
  const text = message.kind === 'markdown' ? unmarked(plain(message.content)) : plain(message.content);
  const line = text.replace(/\s+/g, ' ');
  return ['text', 'markdown'].includes(message.kind) ? line : `[${messageKind(message.kind)}] ${line}`;
}

/** Something to copy: words, or a link with its address. */
const isText = (message) => ['text', 'markdown'].includes(message.kind) || (message.kind === 'news' && message.attached && !message.attached.appid);

const hasCard = (message) => Boolean(message.card) && typeof message.card === 'object';

function drawBubble(message, chat) {
  const mine = message.from === model.me;
  const group = groupOf(chat);
  const bot = message.by === 'bot' || (!group && !mine);
  const name = message.name || nameOf(message.from);
  return el('div', { class: `said ${mine ? 'mine' : ''} ${bot ? 'by-bot' : ''}` },
    avatar(message.from, name, bot ? 'bot' : ''),
    el('div', { class: 'said-what' },
      group && !mine && drawSpeaker(name, message.from, bot, group),
      drawSaid(message, chat),
      !group && bot && isText(message) && drawCopy(plain(message.content))));
}

function drawSaid(message, chat) {
  if (message.mass_send) return drawMassSend(message.mass_send, plain(message.content));
  if (message.moment) return drawMoment(message.moment, plain(message.content));
  return hasCard(message) ? drawCard(message.card) : drawContent(message, chat);
}

function drawSpeaker(name, id, bot, group) {
  const member = ((roomOf(`group:${group.chat_id}`) || { members: [] }).members).find((one) => one.id === id);
  const outside = group.kind === 'customer' && member && !member.corp_member;
  return el('p', { class: 'speaker' }, name,
    bot && el('span', { class: 'tag' }, say('机器人', 'bot')),
    id === group.owner && el('span', { class: 'tag owner' }, say('群主', 'owner')),
    outside && el('span', { class: 'outside-tag' }, '@微信'));
}

function drawCopy(text) {
  return button(say('复制', 'Copy'), { class: 'copy', 'aria-label': say('复制这段话', 'Copy this text') }, () => copy(text));
}

function drawContent(message, chat) {
  const text = plain(message.content);
  if (message.attached) return drawAttached(message.attached, text);
  if (message.kind === 'text') return el('div', { class: 'bubble' }, drawText(text, message, chat));
  if (message.kind === 'markdown') return el('div', { class: 'bubble markdown' }, drawMarkdown(text, chat));
  return el('div', { class: 'bubble' }, el('span', { class: 'kind' }, messageKind(message.kind)), text);
}

/** A picture, or the article of a link or mini-program. */
function drawAttached(attached, name) {
  const { title, description, picture, appid } = attached;
  const image = picture && el('img', { class: 'picture', src: picture, alt: title || name });
  if (!title) return image;
  return el('div', { class: 'bubble article' },
    el('strong', null, title),
    el('div', null, el('p', null, description || attached.opens), image),
    el('small', null, appid ? say('小程序', 'mini-program') : messageKind('link')));
}

/** Content as text, whatever kind it came as. */
export function plain(content) {
  if (content === null || content === undefined) return '';
  if (typeof content !== 'object') return String(content);
  const readable = content.text || content.content || content.title || content.filename;
  return typeof readable === 'string' ? readable : JSON.stringify(content);
}

// ---- mentions ----

/** Text with the mentions of people standing out; those that the text doesn't name go at its end, as on the platform. */
function drawText(text, message, chat) {
  const parts = mentionParts(text, namesIn(chat));
  const missing = (message.mentions || []).filter((id) => nameOf(id) !== id).map(nameOf).filter((name) => !text.includes(`@${name}`));
  return parts.concat(missing.map((name) => el('span', { class: 'at' }, ` @${name}`)));
}

function namesIn(chat) {
  const members = groupOf(chat) && roomOf(chat) ? roomOf(chat).members : [];
  const names = new Set(members.concat(model.people, model.bots).map((one) => one.name).concat('所有人'));
  return Array.from(names).sort((a, b) => b.length - a.length);
}

function mentionParts(text, names) {
  const parts = [];
  let rest = text;
  while (rest) {
    const sign = rest.indexOf('@');
    if (sign < 0) break;
    const coded = /^<@([^<>\s]+)>/.exec(rest.slice(Math.max(sign - 1, 0)));
    const start = coded ? sign - 1 : sign;
    const name = coded ? nameOf(coded[1]) : names.find((one) => rest.startsWith(one, sign + 1));
    const length = coded ? coded[0].length : name && name.length + 1;
    parts.push(rest.slice(0, name ? start : sign + 1));
    if (name) parts.push(el('span', { class: 'at' }, `@${name}`));
    rest = rest.slice(name ? start + length : sign + 1);
  }
  return parts.concat(rest);
}

// ---- the platform's small markdown: headings, quotes, bold, code, coloured words, links ----

function drawMarkdown(text, chat) {
  const names = namesIn(chat);
  return text.split('\n').map((line) => {
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    if (heading) return el('p', { class: 'heading' }, inline(heading[1], names));
    if (quote) return el('p', { class: 'quote' }, inline(quote[1], names));
    return el('p', null, inline(line, names));
  });
}

/** The same text without its marks. */
function unmarked(text) {
  return text.replace(/<\/?font[^>]*>|\*\*|`|^>\s?|^#{1,6}\s+/gm, '').replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|<font color="(info|comment|warning)">(.*?)<\/font>|\[([^\]]+)\]\((?:[^)\s]+)\)/;

function inline(line, names) {
  const found = INLINE.exec(line);
  if (!found) return mentionParts(line, names);
  const [whole, bold, code, colour, coloured, link] = found;
  const before = mentionParts(line.slice(0, found.index), names);
  let part = null;
  if (bold) part = el('strong', null, inline(bold, names));
  else if (code) part = el('code', null, code);
  else if (colour) part = el('span', { class: `ink-${colour}` }, inline(coloured, names));
  else part = el('span', { class: 'at' }, link);
  return before.concat(part, inline(line.slice(found.index + whole.length), names));
}
