// What is the matter with the connection, and that the page is of another version than the server.

import { secondsTo } from './dates.js';
import { button, byId, h } from './dom.js';

const place = byId('banners');
const status = h('p', { class: 'banner is-off', role: 'status', hidden: true });
const version = h('p', { class: 'banner', role: 'status', hidden: true });
const words = h('span');
const countdown = h('span', { 'aria-hidden': 'true' });
let tryNow;

export function start(on) {
  tryNow = button({ onclick: on.tryNow }, 'Try now');
  status.append(words, countdown, tryNow);
  place.append(status, version);
}

export function draw({ phase, reason, until, wasOnline, serverVersion }, pageVersion) {
  const isOff = phase === 'waiting' || phase === 'opening' || phase === 'loggingIn';
  status.hidden = !isOff;
  if (isOff) {
    const sentence = phase === 'waiting' ? `${reason} Reconnecting` : wasOnline ? 'Reconnecting…' : 'Connecting…';
    if (words.textContent !== sentence)
      words.textContent = sentence;
    countdown.textContent = phase === 'waiting' ? ` in ${secondsTo(until)} s` : '';
    tryNow.hidden = phase !== 'waiting';
  }
  const isOther = pageVersion !== null && serverVersion !== null && serverVersion !== pageVersion;
  if (isOther && version.hidden) {
    version.replaceChildren(
      h('span', {}, `The server is now version ${serverVersion}, this page is of ${pageVersion}.`),
      button({ onclick: () => location.reload() }, 'Reload'));
  }
  version.hidden = !isOther;
}
