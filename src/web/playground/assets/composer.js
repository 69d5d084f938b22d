// Under the messages: quick phrases, the text field, the robot's mention, or the way into the group.

import { Refusal, api } from './api.js';
import { at, button, differs, el, fill, toast } from './dom.js';
import { inside } from './chat.js';
import { groupOf, model, nameOf, person, report, robotIn } from './model.js';
import { phrasesFor } from './scenes.js';
import { say } from './words.js';

let mentioning = false;

export function drawComposer() {
  const group = groupOf(model.chat);
  const robot = robotIn(group);
  const may = inside();
  if (!differs('composer', model.me, model.chat, may, robot, mentioning)) return;
  at('composer').hidden = !may;
  at('chips').hidden = !may;
  at('foot').hidden = !may && !group;
  at('outside').hidden = may || !group;
  const mention = at('mention');
  mention.hidden = !robot;
  mention.textContent = robot ? `@${robot.name}` : '';
  mention.setAttribute('aria-pressed', String(Boolean(robot) && mentioning));
  if (may) fill(at('chips'), phrasesFor(group, person(model.me)).map(drawPhrase));
  else if (group) fill(at('outside'), drawWayIn(group));
}

function drawPhrase(phrase) {
  return button(phrase.label, { class: 'chip', 'data-key': `chip ${phrase.label}` }, () => send(phrase.text(), phrase.mention));
}

function drawWayIn(group) {
  return [
    el('p', null, say(`${nameOf(model.me)}不在这个群里`, `${nameOf(model.me)} is not in this group`)),
    button(say('加入群聊', 'Join'), { class: 'primary', 'data-key': 'join' }, () => join(group.chat_id, { id: model.me })),
  ];
}

export function join(chat, newcomer) {
  const { id, name } = newcomer;
  return api.join(chat, { id, name }).catch(report);
}

/** Sends as the current person; true when the simulator took it. */
async function send(content, mention) {
  const group = groupOf(model.chat);
  try {
    if (group) await api.post(group.chat_id, { from: model.me, kind: 'text', content, mention_bot: Boolean(mention) });
    else await api.tell(model.me, { to: model.chat, kind: 'text', content });
    return true;
  } catch (problem) {
    if (group && problem instanceof Refusal && problem.status === 409) {
      toast(problem.message, { label: say('加入群聊', 'Join'), run: () => join(group.chat_id, { id: model.me }) });
    } else {
      report(problem);
    }
    return false;
  }
}

export function startComposer() {
  const words = at('words');
  const grow = () => {
    words.rows = Math.min(words.value.split('\n').length, 4);
  };
  const submit = async () => {
    const content = words.value.trim();
    if (!content) return;
    words.value = '';
    grow();
    const taken = await send(content, mentioning);
    if (!taken && !words.value) words.value = content;
    if (taken) mentioning = false;
    drawComposer();
    words.focus();
  };
  words.addEventListener('input', grow);
  words.addEventListener('keydown', (event) => {
    // Enter also picks a word while an input method is composing.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  at('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  at('mention').addEventListener('click', () => {
    mentioning = !mentioning;
    drawComposer();
    words.focus();
  });
}
