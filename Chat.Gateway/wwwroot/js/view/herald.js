import { isSame } from '../names.js';
import { plainly } from '../text.js';
import { byId, h } from './dom.js';

const mostReadOut = 4;
const toastLasts = 8_000;

/** Tells what isn't looked at: the title counts what is unread, and a screen reader is told what is said in the current room. */
export class Herald {
  #said = byId('said');
  #toasts = byId('toasts');
  #room = null;
  #heard = 0;
  #wasLive = false;
  #title = '';

  draw(session) {
    this.#drawTitle(session);
    for (const notice of session.notices.splice(0))
      this.toast(notice);
    const room = session.current;
    if (!room)
      return;
    const { messages, last } = room.log;
    const wasFollowed = room === this.#room && this.#wasLive;
    this.#room = room;
    this.#wasLive = room.membership === 'live';
    if (wasFollowed) {
      const fresh = [];
      for (let i = messages.length - 1; i >= 0 && messages[i].seq > this.#heard; i--)
        fresh.unshift(messages[i]);
      this.#readOut(fresh.filter(message => !isSame(message.user, session.user)));
    }
    this.#heard = last;
  }

  toast(text) {
    const node = h('p', {}, text);
    this.#toasts.append(node);
    setTimeout(() => node.remove(), toastLasts);
  }

  #readOut(messages) {
    if (messages.length === 0)
      return;
    const lines = messages.length > mostReadOut ? [`${messages.length} new messages`] : messages.map(({ user, text }) => `${user}: ${plainly(text)}`);
    this.#said.append(...lines.map(line => h('p', {}, line)));
    while (this.#said.children.length > mostReadOut)
      this.#said.firstChild.remove();
  }

  #drawTitle({ rooms, current }) {
    let unread = 0;
    for (const room of rooms.values())
      unread += room.unread;
    const title = `${unread > 0 ? `(${unread}) ` : ''}${current ? `#${current.name} · ` : ''}Chat`;
    if (title !== this.#title)
      document.title = this.#title = title;
  }
}
