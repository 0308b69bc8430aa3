// Tells what isn't looked at: the title counts what is unread, and a screen reader is told what is said in the current room.

import { isSame } from '../names.js';
import { byId, h } from './dom.js';

const mostReadOut = 4;
const toastLasts = 8_000;

const said = byId('said');
const toasts = byId('toasts');
let followed = null;
let heard = 0;
let wasLive = false;
let drawnTitle = '';

export function draw(session) {
  drawTitle(session);
  for (const notice of session.notices.splice(0))
    toast(notice);
  const room = session.current;
  if (!room)
    return;
  const { messages, last } = room.log;
  const wasFollowed = room === followed && wasLive;
  followed = room;
  wasLive = room.membership === 'live';
  if (wasFollowed) {
    const fresh = [];
    for (let i = messages.length - 1; i >= 0 && messages[i].seq > heard; i--)
      fresh.unshift(messages[i]);
    readOut(fresh.filter(message => !isSame(message.user, session.user)));
  }
  heard = last;
}

export function toast(text) {
  const node = h('p', {}, text);
  toasts.append(node);
  setTimeout(() => node.remove(), toastLasts);
}

function readOut(messages) {
  if (messages.length === 0)
    return;
  const lines = messages.length > mostReadOut ? [`${messages.length} new messages`] : messages.map(({ user, text }) => `${user}: ${text}`);
  said.append(...lines.map(line => h('p', {}, line)));
  while (said.children.length > mostReadOut)
    said.firstChild.remove();
}

function drawTitle({ rooms, current }) {
  let unread = 0;
  for (const room of rooms.values())
    unread += room.unread;
  const title = `${unread > 0 ? `(${unread}) ` : ''}${current ? `#${current.name} · ` : ''}Chat`;
  if (title !== drawnTitle)
    document.title = drawnTitle = title;
}
