import { hashOf, roomOf } from './names.js';
import { Session } from './session.js';
import { Socket } from './socket.js';
import { browser, forgetSession, loadSession, restoreRooms, savedRooms, saveSession } from './store.js';
import { Screen } from './view/screen.js';

const saveAfter = 300;
const roomsEvery = 60_000;

const versionTag = document.querySelector('meta[name=chat-version]').content;
const pageVersion = versionTag.startsWith('{') ? null : versionTag;

let session = null;
let socket = null;
let saving = null;
let isDrawing = false;
let ticking = null;
let knownName = browser.get('name');
// The room that the address names, as far as it has been followed.
let addressed = null;

const screen = new Screen({
  onenter: enter,
  onmoved: draw,
  onolder: room => drive((session, now) => session.askOlder(room, now)),
  onretry: (room, message) => drive((session, now) => session.retry(room, message, now)),
  ondiscard: (room, message) => drive(() => room.remove(message)),
  onrejoin: room => drive((session, now) => session.join(room.name, now)),
  onsend: (room, text) => {
    drive((session, now) => session.publish(room, text, now));
    // It has to be kept before the page can go.
    saveSession(session);
  },
  ontyped: (room, isText) => drive((session, now) => isText && session.type(room, now)),
  onleave: room => {
    drive((session, now) => session.leave(room, now));
    goTo(firstRoom());
  },
  onchosen: name => location.assign(hashOf(name)),
  ontrynow: tryNow,
  onagain: tryNow,
  onlogout: logOut,
  onrooms: () => drive((session, now) => session.link.isOnline && session.askRooms(now)),
});

function drive(input) {
  return socket?.drive(input);
}

function tryNow() {
  drive((session, now) => session.link.tryNow(now));
}

/** Begins anew under a name; what an earlier session has left in its rooms goes along. */
function enter(user, room, token) {
  if (token !== null)
    browser.set('token', token || null);
  const kept = session?.link.isReturning ? savedRooms(session) : [];
  begin({ user, session: null }, kept);
  if (room && kept.length === 0)
    history.replaceState(null, '', hashOf(room));
  enterRoomOfAddress();
}

function begin({ user, session: secret }, rooms) {
  session = new Session({ user, session: secret, token: browser.get('token'), newId, random: Math.random });
  restoreRooms(session, rooms);
  const url = new URL('ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  socket = new Socket(url, session, changed);
  drive((session, now) => session.link.start(now));
}

// `crypto.randomUUID` is kept from pages that came over plain HTTP.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

function logOut() {
  if ([...session.rooms.values()].some(room => room.isSending) && !confirm('Some messages aren’t stored yet and will be lost. Leave anyway?'))
    return;
  drive(session => session.link.stop());
  forgetSession();
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
    drive((session, now) => session.show(session.join(name, now), now));
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
    drive((session, now) => session.show(room, now));
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
  if (!document.hidden && screen.isAtEnd)
    session?.look();
  screen.draw(session, { pageVersion, name: session?.user ?? knownName, room: roomOf(location.hash) });
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
    browser.set('token', null);
  if ((session.current?.name ?? null) !== addressed)
    goTo(session.current ?? firstRoom());
}

addEventListener('hashchange', enterRoomOfAddress);
addEventListener('pagehide', save);
addEventListener('online', tryNowIfWaiting);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden)
    tryNowIfWaiting();
  draw();
});
setInterval(() => !document.hidden && session?.link.isOnline && drive((session, now) => session.askRooms(now)), roomsEvery);

function tryNowIfWaiting() {
  if (session?.link.phase === 'waiting')
    tryNow();
}

const saved = loadSession();
if (saved?.session) {
  begin(saved, saved.rooms);
  enterRoomOfAddress();
} else {
  draw();
}
