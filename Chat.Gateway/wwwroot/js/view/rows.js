import { initials, names, pick } from '../names.js';
import { pieces } from '../text.js';
import { dayOf, fullOf, timeOf } from './dates.js';
import { button, h, icon } from './dom.js';

const hues = 18;

export function avatar(name) {
  const picture = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name));
  picture.style.setProperty('--hue', pick(name, hues) * 360 / hues);
  return picture;
}

export function makeRow(row, { user, onretry, ondiscard }) {
  switch (row.kind) {
    case 'day':
      return h('li', { class: 'day' }, h('span', {}, dayOf(row.time)));
    case 'new':
      return h('li', { class: 'fresh' }, h('span', {}, 'New'));
    case 'gap':
    case 'notice':
      return h('li', { class: row.kind }, row.text);
    case 'message':
      return said(row, row.message.user, user, h('time', { datetime: new Date(row.message.time).toISOString(), title: fullOf(row.message.time) }, timeOf(row.message.time)),
        row.isMine ? mark('stored', 'Stored') : null);
    default:
      return outgoing(row, user, onretry, ondiscard);
  }
}

function outgoing(row, user, onretry, ondiscard) {
  const { status, error } = row.message;
  if (status !== 'failed')
    return said(row, user, user, null, status === 'stored' ? mark('stored', 'Stored') : mark('sending', 'Sending'));
  const node = said(row, user, user, null, mark('failed', 'Not sent'));
  node.classList.add('is-failed');
  node.querySelector('.said').append(h('p', { class: 'refusal' },
    `Not sent. ${error?.message ?? ''} `,
    button({ onclick: () => onretry(row.message) }, 'Try again'),
    button({ onclick: () => ondiscard(row.message) }, 'Discard')));
  return node;
}

function said(row, author, user, time, delivery) {
  const text = row.message.text;
  const body = h('div', { class: 'text', dir: 'auto' }, ...pieces(text).map(pieceNode));
  const isNamed = !row.isMine && names(text, user);
  return h('li', { class: ['message', row.isHead && 'is-head', row.isMine && 'is-mine', isNamed && 'is-named'].filter(Boolean).join(' ') },
    row.isHead ? avatar(author) : h('span', { class: 'gutter' }, time),
    h('div', { class: 'said' },
      row.isHead
        ? h('p', { class: 'byline' }, h('bdi', { class: 'author' }, author), time)
        : h('span', { class: 'unseen' }, author),
      h('div', { class: 'line' }, body, delivery)));
}

function pieceNode(piece) {
  if (typeof piece === 'string')
    return piece;
  if (piece.odd)
    return h('span', { class: 'odd', title: 'A character that isn’t shown as itself' }, piece.odd);
  return h('a', { href: piece.href, target: '_blank', rel: 'noopener noreferrer nofollow', dir: 'ltr' }, piece.text);
}

function mark(kind, label) {
  return h('span', { class: `mark-${kind} delivery`, role: 'img', 'aria-label': label, title: label }, icon(kind));
}
