// A button card (待办卡): what to do, why, the text to paste, and the buttons that close it.
// The platform cuts a long text on a card, so it can't be copied here: the whole stands above it.

import { api } from './api.js';
import { button, el } from './dom.js';
import { model, report } from './model.js';
import { say } from './words.js';

export function drawCard(card) {
  // A card that was put in the place of another has buttons of its own.
  const replaced = card.state === 'updated' && !card.label && card.buttons && card.buttons.length > 0;
  const open = card.state === 'open' || replaced;
  return el('article', { class: `card ${open ? '' : 'closed'}` },
    el('h3', null, card.title),
    card.why && el('p', { class: 'why' }, card.why),
    card.rows && card.rows.length > 0 && el('dl', null, card.rows.map(drawFact)),
    card.paste && el('p', { class: 'paste' }, card.paste),
    open ? el('div', { class: 'card-buttons' }, (card.buttons || []).map((choice) => drawButton(card, choice)))
      : el('div', { class: 'card-buttons' }, el('span', { class: 'card-label' }, card.label || say('已处理', 'Handled'))));
}

/** Rows come as pairs or as objects with a label and a value. */
function drawFact(row) {
  const [label, value] = Array.isArray(row) ? row : [row.label || row.keyname, row.value];
  return el('div', null, el('dt', null, label), el('dd', null, value));
}

function drawButton(card, choice) {
  const tap = async (event) => {
    const buttons = event.currentTarget.parentNode.querySelectorAll('button');
    const enable = (enabled) => buttons.forEach((one) => { one.disabled = !enabled; });
    enable(false);
    try {
      await api.tap(card.id, { user: model.me, button: choice.key });
    } catch (problem) {
      enable(true);
      report(problem);
    }
  };
  return button(choice.text, { 'data-key': `card ${card.id} ${choice.key}` }, tap);
}

/** A post that waits for its owner (企业群发): to which groups it goes, what it says, and the tap that sends it. */
export function drawMassSend(send, text) {
  const open = send.state === 'waiting';
  const label = send.state === 'sent' ? say('已发送', 'Sent') : say('已取消', 'Withdrawn');
  return el('article', { class: `card ${open ? '' : 'closed'}` },
    el('h3', null, say('企业群发', 'Mass send')),
    el('p', { class: 'why' }, send.groups.join(say('、', ', '))),
    el('p', { class: 'paste' }, text),
    el('div', { class: 'card-buttons' }, open ? drawSend(send) : el('span', { class: 'card-label' }, label)));
}

function drawSend(send) {
  const tap = async (event) => {
    const pressed = event.currentTarget;
    pressed.disabled = true;
    try {
      await api.confirm(send.msgid);
    } catch (problem) {
      pressed.disabled = false;
      report(problem);
    }
  };
  return button(say('发送', 'Send'), { 'data-key': `mass-send ${send.msgid}` }, tap);
}

/** A moment that the corp asks its staff to publish: what it says, the tap that publishes it, and what came of it. */
export function drawMoment(moment, text) {
  const echoes = say(`已发表 · ${moment.likes} 个赞 · ${moment.comments} 条评论`, `Published · ${moment.likes} likes · ${moment.comments} comments`);
  const label = moment.state === 'published' ? echoes : say('已取消', 'Withdrawn');
  const open = moment.state === 'waiting';
  return el('article', { class: `card ${open ? '' : 'closed'}` },
    el('h3', null, say('发表到客户朋友圈', 'Publish to your moments')),
    el('p', { class: 'paste' }, text),
    el('div', { class: 'card-buttons' }, open ? drawPublish(moment) : el('span', { class: 'card-label' }, label)));
}

function drawPublish(moment) {
  const tap = async (event) => {
    const pressed = event.currentTarget;
    pressed.disabled = true;
    try {
      await api.publish(moment.id, model.me);
    } catch (problem) {
      pressed.disabled = false;
      report(problem);
    }
  };
  return button(say('发表', 'Publish'), { 'data-key': `moment ${moment.id}` }, tap);
}
