const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** `Sat 2026-11-21 17:26:59 +01:00`: an instant in the caller's zone, with nothing left to guess. */
export function formatInstant(ms: number): string {
  if (Number.isNaN(ms)) return 'unknown';
  const date = new Date(ms);
  return `${WEEKDAYS[date.getDay()]!} ${formatDate(ms)} ${formatClock(ms)} ${formatOffset(date)}`;
}

/** Every time of the wire (UTC ISO 8601) within a text as people of the caller's zone write it. */
export function inLocalTime(text: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => formatInstant(Date.parse(time)));
}

/** `17:26:59`, in the caller's zone. */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

/** `17:26:59` on the day of `ofMs`, `11-20 17:26:59` on another, `2025-11-20 17:26:59` in another year. */
export function formatNear(ms: number, ofMs: number): string {
  if (Number.isNaN(ms)) return 'unknown';
  const day = formatDate(ms);
  const ofDay = formatDate(ofMs);
  if (day === ofDay) return formatClock(ms);
  return `${day.slice(0, 5) === ofDay.slice(0, 5) ? day.slice(5) : day} ${formatClock(ms)}`;
}

/** The same as `formatNear`, to the millisecond. */
export function formatNearMs(ms: number, ofMs: number): string {
  return `${formatNear(ms, ofMs)}.${String(ms % 1_000).padStart(3, '0')}`;
}

function formatDate(ms: number): string {
  const date = new Date(ms);
  return `${String(date.getFullYear()).padStart(4, '0')}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function formatOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** `12 s`, `5 min`, `3 h`, `2 days`: roughly how long. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
