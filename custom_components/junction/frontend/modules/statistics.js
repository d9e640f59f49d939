// Long-term statistics: asked for when somebody looks, and summed up here.

const DAY = 24 * 36e5;
const WEEK = 7 * DAY;

const listed = new WeakMap();

/** Return the ids of all statistics that have sums, asked for once per page. */
export async function sums({ hass }) {
  const { connection } = hass;
  if (!listed.has(connection)) {
    const answer = hass.callWS({
      type: "recorder/list_statistic_ids",
      statistic_type: "sum",
    });
    listed.set(connection, answer);
    // What is imported in the meantime is found by the next look.
    const forget = () => listed.delete(connection);
    answer.then(() => setTimeout(forget, 60_000), forget);
  }
  const found = await listed.get(connection);
  return new Set(found.map((one) => one.statistic_id));
}

/** Return which of a series' months are known, as [year, month], from last year on. */
export async function knownMonths(house, id) {
  const clock = clockOf(house);
  const now = Date.now();
  const answer = await house.hass.callWS({
    type: "recorder/statistics_during_period",
    start_time: new Date(Date.UTC(clock(now).year - 1, 0, 1) - DAY).toISOString(),
    end_time: new Date(now).toISOString(),
    statistic_ids: [id],
    period: "month",
    types: ["change"],
  });
  return (answer[id] ?? [])
    .filter(({ change }) => Number.isFinite(change))
    .map(({ start }) => [clock(start).year, clock(start).month]);
}

/** Return whether anything is known of the calendar week, month, and year before these. */
export function knownBefore(house, months, hours) {
  const clock = clockOf(house);
  const { year, month, weekday } = clock(Date.now());
  const monday = Date.now() - weekday * DAY;
  const week = [0, 1, 2, 3, 4, 5, 6].map((day) => clock(monday - (day + 1) * DAY).day);
  const previous = month === 1 ? [year - 1, 12] : [year, month - 1];
  return {
    week: hours.some(([start]) => week.includes(clock(start).day)),
    month: months.some(([y, m]) => y === previous[0] && m === previous[1]),
    year: months.some(([y]) => y === year - 1),
  };
}

/** Return [start in ms, counted] of each hour of the last weeks that is known. */
export async function countedHours(house, id, weeks, unit) {
  const now = Date.now();
  const answer = await house.hass.callWS({
    type: "recorder/statistics_during_period",
    start_time: new Date(now - weeks * WEEK).toISOString(),
    end_time: new Date(now).toISOString(),
    statistic_ids: [id],
    period: "hour",
    types: ["change"],
    units: unit === "kWh" ? { energy: "kWh" } : { volume: "m³" },
  });
  return (answer[id] ?? [])
    .filter(({ change }) => Number.isFinite(change))
    .map(({ start, change }) => [start, change]);
}

/** Return what is counted in each hour of an average day. */
export function hourly(house, hours) {
  const clock = clockOf(house);
  const sums = Array(24).fill(0);
  const days = Array.from(sums, () => new Set());
  for (const [start, counted] of hours) {
    const { hour, day } = clock(start);
    sums[hour] += counted;
    days[hour].add(day);
  }
  return sums.map((sum, hour) => sum / Math.max(1, days[hour].size));
}

/** Return what is counted on an average Monday, Tuesday, and so on. */
export function weekly(house, hours) {
  const clock = clockOf(house);
  const sums = Array(7).fill(0);
  const known = Array(7).fill(0);
  for (const [start, counted] of hours) {
    const { weekday } = clock(start);
    sums[weekday] += counted;
    known[weekday] += 1;
  }
  // Days of which only a part is known count as that part.
  return sums.map((sum, weekday) => (known[weekday] ? (24 * sum) / known[weekday] : 0));
}

function clockOf(house) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: house.timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
    weekday: "short",
  });
  const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  return (start) => {
    const parts = Object.fromEntries(
      format.formatToParts(start).map(({ type, value }) => [type, value]),
    );
    return {
      year: Number(parts.year),
      month: Number(parts.month),
      hour: Number(parts.hour),
      weekday: names.indexOf(parts.weekday),
      day: `${parts.year}-${parts.month}-${parts.day}`,
    };
  };
}
