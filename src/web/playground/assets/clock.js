// The simulated clock: it runs, and it can be moved forward.

import { api } from './api.js';
import { at } from './dom.js';
import { model, now, refreshState, report } from './model.js';
import { clockTime, day, exactTime, tomorrowMorning, weekday } from './words.js';

const TICK_MILLISECONDS = 1000;

export function drawClock() {
  if (!model.people.length) return;
  const moment = now();
  const clock = at('clock-now');
  clock.textContent = '';
  for (const [name, text] of [['day', `${day(moment)} `], ['weekday', `${weekday(moment)} `], ['time', exactTime(moment)]]) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = text;
    clock.append(part);
  }
  at('phone-time').textContent = clockTime(moment);
}

export function startClock() {
  setInterval(drawClock, TICK_MILLISECONDS);
  at('clock-moves').addEventListener('click', (event) => {
    const chosen = event.target.closest('button');
    if (!chosen) return;
    const move = chosen.dataset.advance ? { advance: chosen.dataset.advance } : { set: tomorrowMorning(now()) };
    api.clock(move).then(refreshState).catch(report);
  });
}
