// What would reorder text, or stay unseen: controls but for line feed and tab, formats but for those that are signs or spelling
// (number marks of Arabic and its kin, joiners, hieroglyphs), separators, and other code points that are ignored.
const oddOnes = '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cf}\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u2065\\u3164\\uFFA0\\uFFF0-\\uFFFB\\u{E0000}-\\u{E0FFF}';
const spared = /[\n\t\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}\u{13430}-\u{1343F}\u200C\u200D]/u;

// England, Scotland, Wales: the only flags spelt in tags.
const flag = /\u{1F3F4}[\u{E0061}-\u{E007A}]{5}\u{E007F}/u;
const link = `\\bhttps?://[^\\s<>"\`\\u3000-\\u3002${oddOnes}]{1,2000}`;
const splitter = new RegExp(`(${flag.source})|([${oddOnes}])|(${link})`, 'giu');

/** A text of others as pieces: plain text, `{ odd }` for what is shown instead of obeyed, `{ href, text }` for a link. */
export function pieces(text) {
  const found = [];
  let plain = '';
  let at = 0;
  const add = piece => {
    if (plain)
      found.push(plain);
    plain = '';
    found.push(piece);
  };
  for (const match of text.matchAll(splitter)) {
    const [whole, , oddOne, address] = match;
    plain += text.slice(at, match.index);
    at = match.index + whole.length;
    if (oddOne && !spared.test(oddOne)) {
      add({ odd: codeOf(oddOne) });
    } else if (address) {
      const shown = withoutTail(address);
      const href = hrefOf(shown);
      if (href)
        add({ href, text: shown });
      else
        plain += shown;
      plain += address.slice(shown.length);
    } else {
      plain += whole;
    }
  }
  plain += text.slice(at);
  if (plain)
    found.push(plain);
  return found;
}

function codeOf(character) {
  return 'U+' + character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
}

// A full stop behind an address ends the sentence, and a bracket belongs to it only if it was opened there.
function withoutTail(address) {
  let shown = address;
  for (let i = 0; i < 8; i++) {
    const last = shown.at(-1);
    const bracket = ')]}'.indexOf(last);
    if (bracket < 0 ? !/[.,;:!?'*_~»”’]/u.test(last) : count(shown, last) <= count(shown, '([{'[bracket]))
      break;
    shown = shown.slice(0, -1);
  }
  return shown;
}

function count(text, character) {
  return text.split(character).length - 1;
}

function hrefOf(address) {
  try {
    const url = new URL(address);
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}
