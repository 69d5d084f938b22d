// The sheet with a group's members: join, leave, be removed by the owner, bring somebody in.

import { api } from './api.js';
import { at, avatar, button, differs, el, fill } from './dom.js';
import { join } from './composer.js';
import { groupOf, isMember, model, report, roomOf } from './model.js';
import { newGuest } from './scenes.js';
import { say } from './words.js';

export function drawMembers() {
  const sheet = at('sheet');
  const group = groupOf(model.chat);
  const room = roomOf(model.chat);
  if (!sheet.open) return;
  if (!group || !room) {
    sheet.close();
    return;
  }
  if (!differs('members', model.me, group, room.members, model.people.length)) return;
  at('sheet-title').textContent = say(`群成员（${room.members.length}）`, `Members (${room.members.length})`);
  fill(at('sheet-body'), drawInside(group, room), drawOutside(group, room), drawMyself(group, room));
}

function drawInside(group, room) {
  const remove = (member) => button(say('移出', 'Remove'), { class: 'small danger', 'data-key': `remove ${member.id}`, 'aria-label': say(`把${member.name}移出群聊`, `Remove ${member.name}`) },
    () => api.remove(group.chat_id, member.id).catch(report));
  return el('ul', { class: 'members' }, room.members.map((member) => el('li', null,
    avatar(member.id, member.name),
    el('span', { class: 'member' }, el('b', null, member.name), el('small', null, member.title || '')),
    member.id === group.owner && el('span', { class: 'tag owner' }, say('群主', 'owner')),
    group.owner === model.me && member.id !== model.me && remove(member))));
}

/** Who could be brought in: customers only into customer groups, as on the real platform. */
function drawOutside(group, room) {
  const others = model.people.filter((one) => !isMember(room, one.id) && one.id !== model.me && (one.corp_member || group.kind === 'customer'));
  const bring = (one) => button(say('拉进群', 'Bring in'), { class: 'small', 'data-key': `bring ${one.id}` }, () => join(group.chat_id, one));
  return [
    others.length > 0 && el('h3', null, say('还不在群里', 'Not in the group')),
    others.length > 0 && el('ul', { class: 'members' }, others.map((one) => el('li', null,
      avatar(one.id, one.name),
      el('span', { class: 'member' }, el('b', null, one.name), el('small', null, one.title || '')),
      bring(one)))),
    group.kind === 'customer' && button(say('来一位新客人', 'A new customer joins'), { class: 'wide', 'data-key': 'guest' }, () => join(group.chat_id, newGuest())),
  ];
}

function drawMyself(group, room) {
  if (!isMember(room, model.me)) return button(say('加入群聊', 'Join'), { class: 'wide primary', 'data-key': 'mine' }, () => join(group.chat_id, { id: model.me }));
  return button(say('退出群聊', 'Leave'), { class: 'wide danger', 'data-key': 'mine' }, () => api.leave(group.chat_id, model.me).catch(report));
}

export function startMembers() {
  const sheet = at('sheet');
  at('to-members').addEventListener('click', () => {
    sheet.show();
    drawMembers();
    at('sheet-close').focus();
  });
  const close = () => {
    sheet.close();
    at('to-members').focus();
  };
  at('sheet-close').addEventListener('click', close);
  sheet.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
}
