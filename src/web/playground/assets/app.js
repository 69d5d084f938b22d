// Starts the page: draws after every change, follows the simulator, says when the server is gone.

import { follow } from './api.js';
import { drawChat, startChat } from './chat.js';
import { drawClock, startClock } from './clock.js';
import { drawComposer, startComposer } from './composer.js';
import { at } from './dom.js';
import { drawJournal, startJournal } from './journal.js';
import { drawList } from './list.js';
import { drawMembers, startMembers } from './members.js';
import { applyChange, loadAll, model, onChange, refreshJournal, report, restore } from './model.js';
import { drawScenes } from './scenes.js';
import { drawWeek, startWeek } from './week.js';

/** Actions change their state without a change in the simulator, so the journal is asked this often. */
const JOURNAL_MILLISECONDS = 2000;
const RETRY_MILLISECONDS = 3000;

let retry = 0;
/** The newest journal item when the bot's tab was last looked at, on narrow screens. */
let journalRead = -1;

async function load() {
  clearTimeout(retry);
  try {
    await loadAll();
    at('banner').hidden = true;
    restore();
  } catch (problem) {
    report(problem);
    gone();
  }
}

function gone() {
  at('banner').hidden = false;
  clearTimeout(retry);
  retry = setTimeout(load, RETRY_MILLISECONDS);
}

function showTab(name) {
  document.body.dataset.tab = name;
}

function drawTabs() {
  for (const tab of at('tabs').children) {
    const current = tab.dataset.tab === document.body.dataset.tab;
    if (current) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  const newest = Math.max(0, ...model.journal.keys());
  if (document.body.dataset.tab === 'journal' || journalRead < 0) journalRead = newest;
  at('journal-news').hidden = newest <= journalRead;
}

for (const draw of [drawClock, drawList, drawChat, drawComposer, drawMembers, drawScenes, drawWeek, drawJournal, drawTabs]) onChange(draw);
for (const start of [startChat, startComposer, startMembers, startJournal, startClock, startWeek]) start();

at('tabs').addEventListener('click', (event) => {
  const chosen = event.target.closest('[data-tab]');
  if (chosen) showTab(chosen.dataset.tab);
});
at('to-list').addEventListener('click', () => showTab('chats'));
new MutationObserver(drawTabs).observe(document.body, { attributes: true, attributeFilter: ['data-tab'] });

at('language').addEventListener('click', (event) => {
  event.preventDefault();
  location.assign(event.currentTarget.getAttribute('href') + location.hash);
});
at('retry').addEventListener('click', load);
window.addEventListener('server-gone', gone);
window.addEventListener('hashchange', restore);
setInterval(() => {
  if (!document.hidden && model.ready && at('banner').hidden) refreshJournal();
}, JOURNAL_MILLISECONDS);

load();
follow(applyChange, load, () => { if (model.ready && !at('banner').hidden) load(); }, () => { if (model.ready) gone(); });
