// Time stamps as WeChat writes them, always in the district's zone.

const ZONE = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const weekday = new Intl.DateTimeFormat("zh-CN", { weekday: "long", timeZone: ZONE });
const date = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", timeZone: ZONE });
const DAY = 86_400_000;

let ahead = 0; // how far the sandbox's clock, which can be set, is ahead of the browser's, in ms

export const setNow = (iso) => { ahead = new Date(iso) - Date.now(); };
export const now = () => new Date(Date.now() + ahead);
export const timeOfDay = (moment) => clock.format(moment);

/** "14:05", "昨天 14:05", "星期三 14:05" or "11月3日 14:05". */
export function stamp(moment) {
  const days = dayNumber(now()) - dayNumber(moment);
  if (days <= 0) return timeOfDay(moment);
  if (days === 1) return `昨天 ${timeOfDay(moment)}`;
  return `${days < 7 ? weekday.format(moment) : date.format(moment)} ${timeOfDay(moment)}`;
}

const dayNumber = (moment) => Math.floor((moment.getTime() + 8 * 3_600_000) / DAY); // Shanghai is UTC+8 all year
