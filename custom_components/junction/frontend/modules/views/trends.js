// Trends: use by hour of the day, weekday, and month, and compared with the time before.

import { bars, counted, heading, section, titled } from "../cards.js";
import { chart } from "../chart.js";
import { countedHours, hourly, knownBefore, knownMonths, sums, weekly } from "../statistics.js";

const METERS = ["dsmr", "dsmr_reader", "iotile", "cozify", "openmotics"];
// What is compared: the points of sensors, or the end of the ids of what was imported.
const KINDS = [
  { key: "import", ids: ["energy_import"], imported: "delivered", unit: "kWh" },
  { key: "export", ids: ["energy_export"], imported: "returned", unit: "kWh" },
  { key: "gas", kind: "gas", ids: ["reading"], imported: "gas", unit: "m³" },
  { key: "water", kind: "water", unit: "m³" },
];
const ICONS = {
  import: "mdi:transmission-tower-export",
  export: "mdi:solar-power",
  gas: "mdi:meter-gas",
  water: "mdi:water",
};
// A house with fifty flats has as many meters; the first of them are shown.
const SERIES = 12;
const WEEKS = 4;

export function trends(house, text) {
  if (!house.hasStatistics) return [];
  const meters = house.of(...METERS);
  const found = meters.flatMap((meter) => KINDS.flatMap((kind) => series(meter, kind)));
  const several = new Set(found.map((one) => one.meter)).size > 1;
  return found.slice(0, SERIES).flatMap((one) => {
    const name = one.alone ? text(`trends.${one.kind.key}`) : one.point.name;
    const head = heading(titled(name, one.meter, several), ICONS[one.kind.key]);
    return section(head, [{ later: () => cards(house, text, one, name) }]);
  });
}

function series(meter, kind) {
  const points = meter.points.filter(
    (point) =>
      point.counts &&
      (kind.kind ? point.measures(kind.kind) : true) &&
      (kind.ids ? kind.ids.includes(point.id) : !point.id.endsWith("_today")),
  );
  return points.map((point) => ({
    meter,
    kind,
    point,
    id: point.entity,
    alone: points.length === 1,
  }));
}

async function cards(house, text, { meter, kind, id }, name) {
  // Imported history is years long; what the sensor recorded begins with its first day.
  const imported = `${meter.statistics}_${kind.imported}`;
  const known = await sums(house);
  const best = [imported, id].find((one) => known.has(one));
  if (!best) return { type: "markdown", content: text("trends.none") };
  const [hours, months] = await Promise.all([
    countedHours(house, best, WEEKS, kind.unit),
    knownMonths(house, best),
  ]);
  const before = knownBefore(house, months, hours);
  return [
    ["week", "month", "year"].map((period) => {
      const columns = before[period] ? 6 : 12;
      return [
        counted(house, best, text(`trends.this_${period}`), period, { columns }),
        before[period] &&
          counted(house, best, text(`trends.last_${period}`), period, { offset: -1 }),
      ];
    }),
    habits(house, text, kind, hours),
    bars(house, [{ id: best, name }], "month", 365, text("trends.months")),
  ]
    .flat(Infinity)
    .filter(Boolean);
}

function habits(house, text, { unit }, hours) {
  if (!hours.length) return [];
  const format = new Intl.DateTimeFormat(house.language, { weekday: "short", timeZone: "UTC" });
  // The first of January 2024 was a Monday.
  const weekdays = [...Array(7).keys()].map((day) => format.format(Date.UTC(2024, 0, day + 1)));
  const bar = (key, labels, values) => [
    { type: "heading", heading: text(key), heading_style: "subtitle" },
    chart({ title: text(key), unit, labels, values, language: house.language }),
  ];
  return [
    bar("trends.by_hour", [...Array(24).keys()].map(String), hourly(house, hours)),
    bar("trends.by_weekday", weekdays, weekly(house, hours)),
  ];
}
