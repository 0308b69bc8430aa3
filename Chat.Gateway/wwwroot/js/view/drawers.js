// The rooms and the members where they have no place of their own: they slide in over the messages, one at a time.

import { byId, icon } from './dom.js';

// As in app.css: there is room for the members beside the messages.
const wide = matchMedia('(min-width: 68rem)');

const chat = byId('chat');
const scrim = byId('scrim');
const sidebarOpener = byId('open-sidebar');
const membersOpener = byId('open-members');
let openedBy = null;

export function start() {
  sidebarOpener.append(icon('menu'));
  sidebarOpener.addEventListener('click', () => open('sidebar', sidebarOpener));
  membersOpener.addEventListener('click', toggleMembers);
  byId('close-members').addEventListener('click', () => wide.matches ? toggleMembers() : close());
  scrim.addEventListener('click', close);
  wide.addEventListener('change', close);
  tell();
}

/** True where one was open. */
export function close() {
  if (!openedBy)
    return false;
  chat.classList.remove('shows-sidebar', 'shows-members');
  scrim.hidden = true;
  const opener = openedBy;
  openedBy = null;
  tell();
  opener.focus();
  return true;
}

function open(which, opener) {
  chat.classList.add(`shows-${which}`);
  scrim.hidden = false;
  openedBy = opener;
  tell();
  byId(which).querySelector('a, button')?.focus();
}

function toggleMembers() {
  if (!wide.matches)
    return open('members', membersOpener);
  chat.classList.toggle('hides-members');
  tell();
}

function tell() {
  sidebarOpener.setAttribute('aria-expanded', String(chat.classList.contains('shows-sidebar')));
  const hasMembers = wide.matches ? !chat.classList.contains('hides-members') : chat.classList.contains('shows-members');
  membersOpener.setAttribute('aria-expanded', String(hasMembers));
}
