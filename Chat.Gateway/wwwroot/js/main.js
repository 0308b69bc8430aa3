import { hashOf, roomOf } from './names.js';
import { Session } from './session.js';
import { Socket } from './socket.js';
import { browser, forgetSession, loadSession, restoreRooms, savedRooms, saveSession } from './store.js';
import * as screen from './view/screen.js';

const saveAfter = 300;
const roomsEvery = 20_000;

const versionTag = document.querySelector('meta[name=chat-version]').content;
const pageVersion = versionTag.startsWith('{') ? null : versionTag;

let session = null;
let socket = null;
let drawn = null;
let saving = null;
let isDrawing = false;
let ticking = null;
let knownName = browser.get('name');
let knownToken = browser.get('token');
// The room that the address names, as far as it has been followed.
let addressed = null;

screen.start({
  enter,
  moved: draw,
  older: room => act('askOlder', room),
  retry: (room, message) => act('retry', room, message),
  discard: (room, message) => {
    room.remove(message);
    changed();
  },
  rejoin: room => act('join', room.name),
  send: (room, text) => {
    act('publish', room, text);
    saveSession(session);
  },
  typed: (room, isText) => {
    if (isText)
      act('type', room);
    changed();
  },
  leave: room => {
    act('leave', room);
    goTo(firstRoom());
  },
  goTo: name => location.assign(hashOf(name)),
  tryNow,
  logOut,
  rooms: () => act('askRooms'),
});

/** Does something to the session, and carries out what comes of it. */
function act(method, ...values) {
  return socket?.drive((session, now) => session[method](...values, now));
}

function tryNow() {
  act('tryNow');
}

/** Begins anew under a name; what an earlier session has left in its rooms goes along. */
function enter(user, room, token) {
  if (token !== null)
    browser.set('token', knownToken = token || null);
  const kept = session?.link.isReturning ? savedRooms(session) : [];
  begin({ user, session: null }, kept);
  if (room && kept.length === 0)
    history.replaceState(null, '', hashOf(room));
  enterRoomOfAddress();
}

function begin({ user, session: secret }, rooms) {
  session = new Session({ user, session: secret, token: knownToken, newId, random: Math.random });
  restoreRooms(session, rooms);
  const url = new URL('ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  socket = new Socket(url, session, changed);
  act('start');
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

function logOut() {
  if ([...session.rooms.values()].some(room => room.isSending) && !confirm('Some messages aren’t stored yet and will be lost. Leave anyway?'))
    return;
  act('stop');
  forgetSession();
  browser.set('token', knownToken = null);
  session = socket = null;
  changed();
}

function enterRoomOfAddress() {
  const name = roomOf(location.hash);
  if (!session || session.link.phase === 'refused') {
    draw();
    return;
  }
  if (name !== null) {
    addressed = name;
    act('show', act('join', name));
  } else if (!session.current) {
    goTo(firstRoom());
  }
}

function firstRoom() {
  return session.rooms.values().next().value ?? null;
}

function goTo(room) {
  addressed = room?.name ?? null;
  history.replaceState(null, '', room ? hashOf(room.name) : '#/');
  if (room)
    act('show', room);
}

function changed() {
  draw();
  saving ??= setTimeout(save, saveAfter);
}

function save() {
  clearTimeout(saving);
  saving = null;
  if (session?.link.isReturning)
    saveSession(session);
}

function draw() {
  if (isDrawing)
    return;
  isDrawing = true;
  // A page that isn't seen has no frames, and its title counts on.
  if (document.hidden)
    setTimeout(drawNow, 250);
  else
    requestAnimationFrame(drawNow);
}

function drawNow() {
  isDrawing = false;
  clearTimeout(ticking);
  followNames();
  const isOther = drawn !== (drawn = session?.current);
  if (!document.hidden && !isOther && screen.isAtEnd())
    session?.look();
  screen.draw(session, { pageVersion, name: session?.user ?? knownName, room: roomOf(location.hash) });
  if (isOther)
    draw();
  if (session?.link.phase === 'waiting')
    ticking = setTimeout(draw, 500);
}

// The address says what the server calls the room, and a room that couldn't be joined isn't stayed in.
function followNames() {
  if (!session)
    return;
  if (session.link.wasOnline && knownName !== session.user)
    browser.set('name', knownName = session.user);
  if (session.link.phase === 'refused' && session.link.error.code === 'bad_token')
    browser.set('token', knownToken = null);
  if ((session.current?.name ?? null) !== addressed)
    goTo(session.current ?? firstRoom());
}

addEventListener('hashchange', enterRoomOfAddress);
addEventListener('pagehide', save);
addEventListener('online', tryNowIfWaiting);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden)
    tryNowIfWaiting();
  isDrawing = false;
  draw();
});
setInterval(() => document.hidden || act('askRooms'), roomsEvery);

function tryNowIfWaiting() {
  if (session?.link.phase === 'waiting')
    tryNow();
}

const saved = loadSession();
try {
  if (saved?.session)
    begin(saved, saved.rooms);
} catch {
  // Left by a page of another version.
  forgetSession();
  session = socket = null;
}
if (session)
  enterRoomOfAddress();
else
  draw();
