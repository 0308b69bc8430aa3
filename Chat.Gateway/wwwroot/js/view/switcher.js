// Goes to a room by its name: one of one's own, another one, or one that isn't there yet.

import { fold } from '../names.js';
import { byId, h, sign } from './dom.js';

const mostOffered = 50;

const dialog = byId('switcher');
const field = byId('switcher-query');
const list = byId('switcher-list');
let on;
let current = null;
let offered = [];
let chosen = 0;

export function start(handlers) {
  on = handlers;
  field.addEventListener('input', () => draw(0));
  field.addEventListener('keydown', key);
  dialog.addEventListener('click', event => {
    if (event.target === dialog)
      dialog.close();
  });
}

export function open(session) {
  if (dialog.open)
    return;
  current = session;
  field.value = '';
  dialog.showModal();
  draw(0);
}

export function refresh() {
  if (dialog.open)
    draw(chosen);
}

function draw(active) {
  const { rooms, others } = current;
  const query = fold(field.value.trim().replace(/^#/u, ''));
  const all = [...rooms.keys(), ...others.rooms.filter(name => !rooms.has(name))];
  const found = all.filter(name => name.includes(query))
    .sort((a, b) => Number(b.startsWith(query)) - Number(a.startsWith(query)))
    .slice(0, mostOffered);
  offered = found.map(name => ({ name, note: rooms.has(name) ? 'joined' : `${others.online[name] ?? 0} online` }));
  if (query !== '' && !all.includes(query))
    offered.push({ name: query, note: 'make this room', isNew: true });
  chosen = Math.min(active, Math.max(0, offered.length - 1));
  list.replaceChildren(...offered.map(({ name, note, isNew }, i) => h('li', {
    id: `offer-${i}`, role: 'option', 'aria-selected': String(i === chosen), onclick: () => choose(i),
  }, sign(isNew ? '+' : '#'), h('bdi', { class: 'name' }, name), h('span', { class: 'note' }, note))));
  field.setAttribute('aria-activedescendant', offered.length > 0 ? `offer-${chosen}` : '');
  list.children[chosen]?.scrollIntoView({ block: 'nearest' });
}

function key(event) {
  const count = offered.length;
  if (event.isComposing || count === 0)
    return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    draw((chosen + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    choose(chosen);
  }
}

function choose(i) {
  dialog.close();
  on.goTo(offered[i].name);
}
