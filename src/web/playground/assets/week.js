// A week of the store's group in a minute: played by the server, told here day by day.

import { api } from './api.js';
import { reveal } from './chat.js';
import { at, button, differs, el, fill } from './dom.js';
import { preview } from './message.js';
import { be, enter, groupOf, keyOf, messagesOf, model, now, person, report } from './model.js';
import { clockTime, day, isoDayOf, millis, say, weekday } from './words.js';

export const isPlaying = () => Boolean(model.week && model.week.playing);

/** Goes to the group's owner and plays from now on. */
export async function playWeek() {
  const { chat_id: chat, owner } = await api.playWeek();
  be(owner);
  enter(`group:${chat}`);
}

export function drawWeek() {
  const { week } = model;
  const group = week && groupOf(`group:${week.chat_id}`);
  at('week').hidden = !group;
  if (!group) return;
  at('week-progress').max = millis(week.until) - millis(week.from);
  at('week-progress').value = Math.min(now(), millis(week.until)) - millis(week.from);
  at('week-progress').hidden = !week.playing;
  const days = daysOf(week);
  if (!differs('week', week, group.name, days)) return;
  at('week-title').textContent = say(`「${group.name}」的一周`, `A week of ${group.name}`);
  at('week-hint').textContent = hint(week);
  at('week-stop').hidden = !week.playing;
  const list = at('week-days');
  fill(list, days.map((one) => drawDay(one, `group:${week.chat_id}`)));
  // While it runs the newest line is the one to read.
  if (week.playing) list.scrollTop = list.scrollHeight;
}

function hint(week) {
  if (week.playing) return say('时钟自己走，街坊自己聊，店长看到企业群发和待办卡就去办。', 'The clock runs, neighbours chat, and the owner does what the bot asks.');
  if (now() < millis(week.until)) return say('停在这里了。', 'Stopped here.');
  return say('放完了。点一条，看当时群里怎么说的。', 'Over. Tap a line to see it in the chat.');
}

/** Date → what the shop's side posted and who came and went, and how often members spoke. */
function daysOf(week) {
  const days = new Map();
  messagesOf(`group:${week.chat_id}`).forEach((message, index) => {
    const moment = millis(message.at);
    if (moment < millis(week.from) || moment > millis(week.until)) return;
    const date = isoDayOf(moment);
    if (!days.has(date)) days.set(date, { moment, lines: [], chatter: 0 });
    const one = days.get(date);
    const speaker = person(message.from);
    if (message.by === 'person' && !(speaker && speaker.corp_member)) one.chatter += 1;
    else one.lines.push({ key: keyOf(message, index), at: message.at, text: preview(message), system: message.by === 'system' });
  });
  return Array.from(days.values());
}

function drawDay(one, chat) {
  return el('li', null,
    el('h3', null, `${weekday(one.moment)} ${day(one.moment)}`, one.chatter > 0 && el('small', null, say(`成员说了 ${one.chatter} 句`, `${one.chatter} from members`))),
    one.lines.map((line) => drawLine(line, chat)));
}

function drawLine(line, chat) {
  const node = button('', { class: line.system ? 'week-line quiet' : 'week-line', 'data-key': `week ${line.key}` }, () => {
    enter(chat);
    document.body.dataset.tab = 'chat';
    reveal(line.key);
  });
  node.append(el('time', null, clockTime(line.at)), el('span', null, line.text));
  return node;
}

export function startWeek() {
  at('week-stop').addEventListener('click', () => api.stopWeek().catch(report));
}
