// The simulated clock: it runs, and it can be moved forward.

import { api } from './api.js';
import { at, el } from './dom.js';
import { model, now, refreshState, report } from './model.js';
import { isPlaying } from './week.js';
import { clockTime, day, exactTime, say, tomorrowMorning, weekday } from './words.js';

const TICK_MILLISECONDS = 1000;

export function drawClock() {
  if (!model.people.length) return;
  const moment = now();
  const clock = at('clock-now');
  clock.textContent = '';
  const parts = { day: `${day(moment)} `, weekday: `${weekday(moment)} `, time: exactTime(moment) };
  for (const name of say(['day', 'weekday', 'time'], ['weekday', 'day', 'time'])) clock.append(el('span', { class: name }, parts[name]));
  at('phone-time').textContent = clockTime(moment);
  for (const move of at('clock-moves').children) move.disabled = isPlaying();
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
