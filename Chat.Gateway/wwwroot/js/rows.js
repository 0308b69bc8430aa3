const together = 5 * 60_000;

/**
 * What a room shows from `start` to `end` of its messages: rows with a key each, from which everything that can change about a row
 * can be told. `newAfter` is the last seq that was seen before; behind it stands a line, unless it is null.
 */
export function rowsOf(room, { start, end, newAfter }, isMine) {
  const { messages, notices, gaps, last } = room.log;
  const isTail = end >= messages.length;
  const rows = [];
  let before = null;
  let hasNewLine = newAfter === null;
  const bounds = [...gaps.keys()].sort((a, b) => a - b);
  const lowest = start < end ? messages[start].seq : last;
  let nextGap = bounds.findIndex(seq => seq >= lowest || start === 0);
  let nextNotice = notices.findIndex(notice => notice.after >= lowest - 1);

  const separate = row => {
    rows.push(row);
    before = null;
  };
  const linesBefore = seq => {
    for (; nextGap >= 0 && nextGap < bounds.length && bounds[nextGap] <= seq; nextGap++)
      separate({ key: `g${bounds[nextGap]}`, kind: 'gap', text: gaps.get(bounds[nextGap]) });
    const told = [];
    for (; nextNotice >= 0 && nextNotice < notices.length && notices[nextNotice].after < seq; nextNotice++)
      told.push(notices[nextNotice]);
    if (told.length > 0)
      separate({ key: `n${told[0].id}-${told.at(-1).id}`, kind: 'notice', text: told.map(notice => notice.text).join(' · ') });
  };

  for (let i = start; i < end; i++) {
    const message = messages[i];
    if (before?.day !== message.day && messages[i - 1]?.day !== message.day || i === start)
      separate({ key: `d${message.seq}`, kind: 'day', time: message.time });
    linesBefore(message.seq);
    if (!hasNewLine && message.seq > newAfter) {
      hasNewLine = true;
      separate({ key: `new${newAfter}`, kind: 'new' });
    }
    const isHead = before === null || before.user !== message.user || message.time - before.time > together;
    rows.push({ key: `m${message.seq}${isHead ? 'h' : ''}`, kind: 'message', message, isHead, isMine: isMine(message.user) });
    before = message;
  }
  if (!isTail)
    return rows;
  linesBefore(Infinity);
  let isHead = before === null || !isMine(before.user);
  for (const message of room.outgoing) {
    rows.push({ key: `o${message.id}${message.status}${isHead ? 'h' : ''}`, kind: 'outgoing', message, isHead, isMine: true });
    isHead = false;
  }
  return rows;
}
