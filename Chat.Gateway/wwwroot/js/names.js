/** As the server folds a name, or nearly: what it calls a room is taken from its answer. */
export function fold(name) {
  return name.normalize('NFKC').toLowerCase();
}

export function isSame(a, b) {
  return fold(a) === fold(b);
}

/** The room that an address such as `#/general` names; null where it names none. */
export function roomOf(hash) {
  if (!hash.startsWith('#/') || hash.length === 2)
    return null;
  try {
    return decodeURIComponent(hash.slice(2));
  } catch {
    return hash.slice(2);
  }
}

export function hashOf(room) {
  return '#/' + encodeURIComponent(room);
}

/** One or two letters for a picture of somebody: "ana.maria" is AM. */
export function initials(name) {
  const letters = name.split(/[._-]+/u).filter(Boolean).slice(0, 2).map(part => [...part][0]);
  return (letters.join('') || '?').toUpperCase();
}

/** A number below `count` that is always the same for a name. */
export function pick(name, count) {
  let hash = 3;
  for (const character of fold(name))
    hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return (hash >>> 20) % count;
}

/** Whether a text names somebody: their name as a word. */
export function names(text, user) {
  const folded = fold(text);
  const name = fold(user);
  for (let at = folded.indexOf(name); at >= 0; at = folded.indexOf(name, at + 1)) {
    if (!isWord(folded[at - 1]) && !isWord(folded[at + name.length]))
      return true;
  }
  return false;
}

function isWord(character) {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
