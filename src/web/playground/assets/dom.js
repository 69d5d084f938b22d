// Building nodes. Whatever people wrote goes in as text, never as markup.

import { say } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const HUES = 8;
const TOAST_MILLISECONDS = 4000;

/** The element with this id, which the template promises. */
export const at = (id) => document.getElementById(id);

/** el('button', {class, onclick, disabled, 'aria-label': …}, children…); strings become text. */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(node, child);
    else if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

export function button(label, props, onclick) {
  return el('button', Object.assign({ type: 'button', onclick }, props), label);
}

/** Replaces what is inside, and keeps the focus on the thing with the same `data-key`. */
export function fill(container, ...children) {
  const focused = container.contains(document.activeElement) && document.activeElement.dataset.key;
  container.textContent = '';
  add(container, children);
  if (!focused) return;
  for (const node of container.querySelectorAll('[data-key]')) {
    if (node.dataset.key === focused) node.focus();
  }
}

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** The square with a short name in it; the same id always has the same colour. */
export function avatar(id, name, kind) {
  const colour = kind === 'bot' ? 'tint-bot' : tint(id);
  return el('span', { class: `avatar ${colour}`, 'aria-hidden': 'true' }, shortName(name));
}

/** A group's square: its first four members in small, as the app draws it. */
export function mosaic(members) {
  const cells = members.slice(0, 4).map((member) => el('i', { class: tint(member.id) }, shortName(member.name).slice(-1)));
  return el('span', { class: 'avatar mosaic', 'aria-hidden': 'true' }, cells);
}

function tint(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `tint-${sum % HUES}`;
}

function shortName(name) {
  const letters = Array.from(name.replace(/[（(].*$/, '').trim() || '？');
  if (/^[\x20-\x7e]+$/.test(letters.join(''))) return letters[0].toUpperCase();
  return letters.slice(-2).join('');
}

const drawnFrom = new Map();

/** Whether a part of the page would look different from when this was last asked. */
export function differs(part, ...inputs) {
  const signature = JSON.stringify(inputs);
  if (drawnFrom.get(part) === signature) return false;
  drawnFrom.set(part, signature);
  return true;
}

let toastTimer = 0;

/** A short notice at the bottom, with an optional button. */
export function toast(text, action) {
  const box = at('toast');
  fill(box, el('span', null, text), action && button(action.label, null, () => { box.hidden = true; action.run(); }));
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, TOAST_MILLISECONDS);
}

/** Puts text on the clipboard and says so. */
export async function copy(text) {
  const copied = await copyText(text);
  toast(copied ? say('已复制，到群里粘贴就行', 'Copied, now paste it in the group') : say('浏览器不让复制，请长按选中', 'The browser refused, please select it'));
}

/** False when the browser refuses both ways. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (refused) {
    const helper = el('textarea', { class: 'hidden' });
    helper.value = text;
    document.body.append(helper);
    helper.select();
    const copied = document.execCommand('copy');
    helper.remove();
    return copied;
  }
}
