import { byId } from './dom.js';

const takenOver = 4001;

/** Says that the connection has ended and won't come back by itself. */
export class Ended {
  #dialog = byId('ended');

  constructor({ onagain }) {
    byId('ended-action').addEventListener('click', () => onagain());
    this.#dialog.addEventListener('cancel', event => event.preventDefault());
  }

  draw({ phase, code }) {
    const isShown = phase === 'ended' && code !== 1000;
    if (isShown === this.#dialog.open)
      return;
    if (!isShown)
      return this.#dialog.close();
    const isTaken = code === takenOver;
    byId('ended-title').textContent = isTaken ? 'The chat is open elsewhere' : 'The server ended the connection';
    byId('ended-text').textContent = isTaken
      ? 'This chat was taken over by another tab or window. What you typed here is still here.'
      : `It said why with the code ${code}. What you typed is still here.`;
    byId('ended-action').textContent = isTaken ? 'Use it here' : 'Connect again';
    this.#dialog.showModal();
  }
}
