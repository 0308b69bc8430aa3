// The field in which messages are written; each room has its own draft.

import { byId, icon } from './dom.js';

const field = byId('message');
const counter = byId('counter');
const sendButton = byId('send');
let on;
let current = null;
let currentName;
let most = 4000;

export function start(handlers) {
  on = handlers;
  sendButton.append(icon('send'));
  byId('composer').addEventListener('submit', event => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.ctrlKey || event.isComposing)
      return;
    event.preventDefault();
    submit();
  });
  field.addEventListener('input', typed);
}

export function focus() {
  field.focus({ preventScroll: true });
}

export function draw(room, limit) {
  most = limit;
  const isAnother = room !== current;
  if (!isAnother && room?.name === currentName)
    return;
  current = room;
  currentName = room?.name;
  field.disabled = !room;
  field.placeholder = room ? `Message #${room.name}` : '';
  field.setAttribute('aria-label', room ? `Message to ${room.name}` : 'Message');
  if (!isAnother)
    return;
  field.value = room?.draft ?? '';
  fit();
}

function typed() {
  if (!current)
    return;
  current.draft = field.value;
  fit();
  on.typed(current, field.value.trim() !== '');
}

function submit() {
  const text = field.value.trim();
  if (!current || text === '' || excess(text) > 0)
    return;
  field.value = '';
  current.draft = '';
  fit();
  on.send(current, text);
}

// The server counts Unicode scalars; to count them takes a while only near the limit.
function excess(text) {
  return text.length <= most ? text.length - most : [...text].length - most;
}

function fit() {
  const text = field.value.trim();
  const tooMany = excess(text);
  counter.textContent = tooMany > 0 ? `${tooMany} too many` : tooMany > -200 ? `${-tooMany} left` : '';
  counter.classList.toggle('is-over', tooMany > 0);
  sendButton.disabled = text === '' || tooMany > 0;
  if (CSS.supports('field-sizing', 'content'))
    return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
