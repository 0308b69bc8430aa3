// Says that the connection has ended and won't come back by itself.

import { byId } from './dom.js';

const takenOver = 4001;

const dialog = byId('ended');

export function start(on) {
  byId('ended-action').addEventListener('click', on.tryNow);
  dialog.addEventListener('cancel', event => event.preventDefault());
}

export function draw({ phase, code }) {
  const isShown = phase === 'ended' && code !== 1000;
  if (isShown === dialog.open)
    return;
  if (!isShown)
    return dialog.close();
  const isTaken = code === takenOver;
  byId('ended-title').textContent = isTaken ? 'The chat is open elsewhere' : 'The server ended the connection';
  byId('ended-text').textContent = isTaken
    ? 'This chat was taken over by another tab or window. What you typed here is still here.'
    : `It said why with the code ${code}. What you typed is still here.`;
  byId('ended-action').textContent = isTaken ? 'Use it here' : 'Connect again';
  dialog.showModal();
}
