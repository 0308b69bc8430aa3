const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en', { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });

export function timeOf(ms) {
  return time.format(ms);
}

export function dayOf(ms) {
  const date = new Date(ms);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString())
    return 'Today';
  if (date.toDateString() === yesterday.toDateString())
    return 'Yesterday';
  return day.format(date);
}

export function secondsTo(ms) {
  return Math.max(0, Math.ceil((ms - Date.now()) / 1000));
}

export function fullOf(ms) {
  return `${dayOf(ms)}, ${timeOf(ms)}`;
}
