// HTTP on the page's own origin: the simulator's control API, its stream, and the journal.

/** The server said no: `status` and its own sentence. Anything else means that it is gone. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

async function call(method, path, body) {
  const options = { method, headers: { accept: 'application/json' } };
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch (notJson) {
    throw new Refusal(response.status, `HTTP ${response.status}`);
  }
  if (!response.ok) throw new Refusal(response.status, answer.error || `HTTP ${response.status}`);
  return answer;
}

const enc = encodeURIComponent;

export const api = {
  state: () => call('GET', '/sim/state'),
  group: (chat) => call('GET', `/sim/groups/${enc(chat)}`),
  inbox: (user) => call('GET', `/sim/private/${enc(user)}`),
  journal: (after) => call('GET', `/playground/journal?after=${after}`),
  post: (chat, message) => call('POST', `/sim/groups/${enc(chat)}/messages`, message),
  tell: (user, message) => call('POST', `/sim/private/${enc(user)}/messages`, message),
  join: (chat, member) => call('POST', `/sim/groups/${enc(chat)}/members`, member),
  leave: (chat, user) => call('DELETE', `/sim/groups/${enc(chat)}/members/${enc(user)}?left=true`),
  remove: (chat, user) => call('DELETE', `/sim/groups/${enc(chat)}/members/${enc(user)}`),
  tap: (card, tap) => call('POST', `/sim/cards/${enc(card)}/tap`, tap),
  confirm: (massSend) => call('POST', `/sim/mass-sends/${enc(massSend)}/confirm`),
  publish: (moment, user) => call('POST', `/sim/moments/${enc(moment)}/publish`, { user }),
  clock: (move) => call('POST', '/sim/clock', move),
  playWeek: () => call('POST', '/sim/week', {}),
  stopWeek: () => call('DELETE', '/sim/week'),
};

/** Follows the simulator's changes; the browser itself reconnects after a break. */
export function follow(onChange, onMissed, onOpen, onLost) {
  const stream = new EventSource('/sim/stream');
  stream.addEventListener('open', onOpen);
  stream.addEventListener('error', onLost);
  stream.addEventListener('lagged', onMissed);
  stream.addEventListener('change', (event) => onChange(JSON.parse(event.data)));
}
