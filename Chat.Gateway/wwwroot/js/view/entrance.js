// Where a name is chosen, and what became of it is told.

import { secondsTo } from './dates.js';
import { byId } from './dom.js';

const nameField = byId('name');
const roomField = byId('room');
const tokenField = byId('token');
const problemLine = byId('entrance-problem');
const button = byId('enter');
let shown = false;
let linked = null;
let drawnError = null;

export function start(on) {
  byId('entrance-form').addEventListener('submit', event => {
    event.preventDefault();
    const name = nameField.value.trim();
    if (name === '') {
      say('Choose a name first.');
      nameField.focus();
      return;
    }
    const isAsked = !byId('token-field').hidden;
    on.enter(name, roomField.value.trim().replace(/^#/u, ''), isAsked ? tokenField.value : null);
  });
}

export function show({ name, room, hasRooms }) {
  if (shown && room !== linked)
    [linked, roomField.value] = [room, room ?? 'general'];
  if (shown)
    return;
  shown = true;
  linked = room;
  byId('entrance').hidden = false;
  nameField.value = name ?? '';
  roomField.value = room ?? 'general';
  byId('room-field').hidden = hasRooms;
  (name ? button : nameField).focus();
}

export function hide() {
  shown = false;
  drawnError = null;
  byId('entrance').hidden = true;
}

/** Tells how the login stands; null where none has been tried. */
export function draw(link) {
  const isBusy = link !== null && ['opening', 'loggingIn', 'waiting'].includes(link.phase);
  button.disabled = isBusy;
  button.textContent = isBusy ? 'Joining…' : 'Join';
  if (link?.phase === 'waiting')
    say(`${link.reason} Next try in ${secondsTo(link.until)} s.`);
  else if (isBusy)
    say('');
  if (link?.phase !== 'refused' || drawnError === link.error)
    return;
  drawnError = link.error;
  const { code, message, retryAfter } = link.error;
  say(code === 'bad_token' && link.token === null ? '' : message + (retryAfter ? ` It may be free again in about ${Math.ceil(retryAfter / 1000)} s.` : ''));
  if (code === 'bad_token') {
    byId('token-field').hidden = false;
    tokenField.value = '';
    tokenField.focus();
  } else {
    nameField.focus();
    nameField.select();
  }
}

function say(problem) {
  if (problemLine.textContent !== problem)
    problemLine.textContent = problem;
}
