import { byId, h } from './dom.js';

/** What is the matter with the connection, and that the page is of another version than the server. */
export class Banners {
  #place = byId('banners');
  #status = h('p', { class: 'banner is-off', role: 'status', hidden: true });
  #version = h('p', { class: 'banner', role: 'status', hidden: true });
  #words = h('span');
  #countdown = h('span', { 'aria-hidden': 'true' });
  #tryNow;

  constructor(handlers) {
    this.#tryNow = h('button', { type: 'button', onclick: () => handlers.ontrynow() }, 'Try now');
    this.#status.append(this.#words, this.#countdown, this.#tryNow);
    this.#place.append(this.#status, this.#version);
  }

  draw({ phase, reason, until, wasOnline, serverVersion }, pageVersion) {
    const isOff = phase === 'waiting' || phase === 'opening' || phase === 'loggingIn';
    this.#status.hidden = !isOff;
    if (isOff) {
      const words = phase === 'waiting' ? `${reason} Reconnecting` : wasOnline ? 'Reconnecting…' : 'Connecting…';
      if (this.#words.textContent !== words)
        this.#words.textContent = words;
      this.#countdown.textContent = phase === 'waiting' ? ` in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s` : '';
      this.#tryNow.hidden = phase !== 'waiting';
    }
    const isOther = pageVersion !== null && serverVersion !== null && serverVersion !== pageVersion;
    if (isOther && this.#version.hidden) {
      this.#version.replaceChildren(
        h('span', {}, `The server is now version ${serverVersion}, this page is of ${pageVersion}.`),
        h('button', { type: 'button', onclick: () => location.reload() }, 'Reload'));
    }
    this.#version.hidden = !isOther;
  }
}
