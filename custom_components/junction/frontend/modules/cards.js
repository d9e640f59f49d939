// Cards: Home Assistant's own, named and sized alike on all views.

const COLORED = ["hs", "rgb", "rgbw", "rgbww", "xy"];
const FIXED = ["onoff", "unknown"];
const FAN_SPEED = 1;
const COVER_OPENS = 3;
const COVER_POSITION = 4;
const VALVE_OPENS = 3;
const STATELESS = ["button", "scene"];
// Letters that half a section has room for, beside the icon.
const HALF = 19;
// More lines than this in one graph, and nobody tells one from the other.
export const LINES = 8;

/** Return a heading; badges are points whose state stands beside it. */
export function heading(text, icon, { badges = [], path } = {}) {
  return {
    type: "heading",
    heading: text,
    icon,
    badges: badges.map((point) => ({ type: "entity", entity: point.entity })),
    ...(path && { tap_action: { action: "navigate", navigation_path: path } }),
  };
}

/** Return a section of a heading and cards; nothing without cards. */
export function section(head, cards) {
  const shown = [cards].flat(Infinity).filter(Boolean);
  return shown.length ? [{ type: "grid", cards: [head, ...shown] }] : [];
}

/** Return what a card calls a point: the entity ("entity"), its device, or "both". */
function named(point, name) {
  // "Average temperature Temperature" says it twice.
  const parts = name !== "both" ? [name] : point.repeats ? ["device"] : ["device", "entity"];
  return parts.map((type) => ({ type }));
}

/** Return a tile named by the entity alone ("entity"), by its device, or by both. */
export function tile(point, { name = "entity", columns, ...more } = {}) {
  const parts = named(point, name);
  const long = parts.length > 1 && point.name.length > HALF;
  return {
    type: "tile",
    entity: point.entity,
    name: parts,
    grid_options: { columns: columns ?? (long ? 12 : 6) },
    // The state of these is when they were used last.
    ...(STATELESS.includes(point.domain) && { hide_state: true }),
    ...more,
  };
}

/** Return a tile with what its entity can be told. */
export function control(point, options = {}) {
  const features = featuresOf(point).map((type) =>
    type === "numeric-input" ? { type, style: "buttons" } : { type },
  );
  return tile(point, {
    name: "both",
    ...(features.length && { features }),
    ...(features.length > 1 && { columns: 12 }),
    ...options,
  });
}

function featuresOf({ domain, attributes }) {
  const supported = attributes.supported_features ?? 0;
  switch (domain) {
    case "light": {
      const modes = attributes.supported_color_modes ?? [];
      const found = modes.every((mode) => FIXED.includes(mode)) ? [] : ["light-brightness"];
      if (modes.some((mode) => COLORED.includes(mode))) found.push("light-color-favorites");
      return found;
    }
    case "climate":
      return "temperature" in attributes ? ["target-temperature"] : [];
    case "cover":
      if (supported & COVER_OPENS) return ["cover-open-close"];
      return supported & COVER_POSITION ? ["cover-position"] : [];
    case "fan":
      return supported & FAN_SPEED ? ["fan-speed"] : [];
    case "valve":
      return supported & VALVE_OPENS ? ["valve-open-close"] : [];
    case "number":
      return ["numeric-input"];
    case "select":
      return ["select-options"];
    case "media_player":
      return ["media-player-volume-slider"];
    default:
      return [];
  }
}

/** Return a tile that is there only while its entity shows something. */
export function passing(point, options) {
  return tile(point, { ...options, visibility: [shows(point)] });
}

/** Return a heading that is there only while one of some points shows something. */
export function passingHeading(text, icon, points) {
  const visibility = [{ condition: "or", conditions: points.map(shows) }];
  return { ...heading(text, icon), visibility };
}

function shows({ entity }) {
  return { condition: "state", entity, state_not: ["unknown", "unavailable"] };
}

/** Return a gauge with colors from certain values on. */
export function gauge(point, low, high, colors, { name = "entity", ...more } = {}) {
  const parts = named(point, name);
  return {
    type: "gauge",
    entity: point.entity,
    name: parts,
    min: low,
    max: high,
    needle: true,
    segments: colors.map(([from, color]) => ({ from, color: `var(--${color}-color)` })),
    ...more,
  };
}

/** Return graphs of what was recorded, of a few lines each. */
export function history(house, points, hours = 24, { name = "device", title } = {}) {
  if (!house.hasHistory || !points.length) return [];
  const graphs = [];
  for (let i = 0; i < points.length; i += LINES) {
    graphs.push({
      type: "history-graph",
      title: i ? undefined : title,
      entities: points.slice(i, i + LINES).map((point) => ({
        entity: point.entity,
        name: named(point, name),
      })),
      hours_to_show: hours,
      grid_options: { columns: 12 },
    });
  }
  return graphs;
}

/** Return bars of what was counted; `series` are ids of statistics with their names. */
export function bars(house, series, period, days, title) {
  if (!house.hasStatistics || !series.length) return [];
  return {
    type: "statistics-graph",
    title,
    entities: series.map(({ id, name }) => ({ entity: id, name })),
    chart_type: "bar",
    period,
    days_to_show: days,
    stat_types: ["change"],
    hide_legend: series.length === 1,
    grid_options: { columns: 12 },
  };
}

/** Return what was counted in a day, week, month, or year; offset -1 is the one before. */
export function counted(house, id, name, period, { offset = 0, columns = 6 } = {}) {
  if (!house.hasStatistics) return [];
  return {
    type: "statistic",
    entity: id,
    name,
    stat_type: "change",
    period: { calendar: { period, offset } },
    grid_options: { columns },
  };
}

/** Return the title of a section, with the installation's where there are several. */
export function titled(text, installation, several) {
  return several ? `${installation.title} · ${text}` : text;
}
