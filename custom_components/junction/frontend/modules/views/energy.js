// Energy: what is used now, the phases, the peak, cost, and the last two weeks.

import { bars, counted, gauge, heading, history, section, tile, titled } from "../cards.js";
import { chart } from "../chart.js";
import { byName } from "../house.js";

const PHASES = [1, 2, 3];
const METERS = ["dsmr", "dsmr_reader"];
const CIRCUITS = 12;

export function energy(house, text) {
  const meters = house.of(...METERS).filter((one) => main(one).length);
  const several = meters.length > 1;
  const sections = meters.flatMap((meter) => {
    const title = (key) => titled(text(key), meter, several);
    return [
      ...section(heading(title("energy.now"), "mdi:flash"), now(house, meter)),
      ...section(heading(title("energy.phases"), "mdi:sine-wave"), phases(house, meter)),
      ...section(heading(title("energy.peak"), "mdi:chart-bell-curve"), peak(house, meter, text)),
      ...section(heading(title("energy.today"), "mdi:calendar-today"), today(house, meter, text)),
      ...section(heading(title("energy.days"), "mdi:chart-bar"), days(house, meter)),
      ...section(heading(title("energy.meters"), "mdi:counter"), counters(meter)),
    ];
  });
  return [
    ...sections,
    ...section(heading(text("energy.circuits"), "mdi:power-socket-eu"), circuits(house)),
  ];
}

function main(meter) {
  return meter.some("power_net", "power_import", "energy_import", "energy_import_tariff_1");
}

function now(house, meter) {
  const [net] = meter.some("power_net", "power_import");
  const [tariff] = meter.some("tariff");
  const flows = meter.some("power_import", "power_export");
  const scale = net?.unit === "W" ? 1000 : 1;
  const colors = [[-8, "success"], [0, "info"], [4, "warning"], [8, "error"]];
  return [
    net &&
      gauge(net, -8 * scale, 12 * scale, colors.map(([at, color]) => [at * scale, color])),
    flows.map((point) => tile(point)),
    tariff && tile(tariff, { columns: 12 }),
    history(house, flows, 24, { name: "entity" }),
  ];
}

function phases(house, meter) {
  const powers = PHASES.map((n) => meter.get(`power_import_l${n}`)).filter(Boolean);
  if (powers.length < 2) return [];
  const columns = 12 / powers.length;
  const row = (id, icon) =>
    PHASES.map((n) => [n, meter.get(`${id}_l${n}`)])
      .filter(([, point]) => point)
      .map(([n, point]) => ({
        ...tile(point, { columns, vertical: true, icon }),
        name: `L${n}`,
      }));
  const rows = [
    row("power_import", "mdi:flash"),
    row("power_export", "mdi:solar-power"),
    row("voltage", "mdi:sine-wave"),
  ];
  return [rows, history(house, powers, 24, { name: "entity" })];
}

function peak(house, meter, text) {
  const [demand] = meter.some("demand_import", "quarter_last");
  const figures = meter.some("peak_month", "peak_average");
  const { limit } = house;
  const highest = Math.max(2 * limit, ...figures.map((one) => one.kilowatt || 0));
  const scale = demand?.unit === "W" ? 1000 : 1;
  const colors = [[0, "success"], [limit * 0.8, "warning"], [limit, "error"]];
  return [
    demand &&
      gauge(demand, 0, Math.ceil(highest) * scale, colors.map(([at, c]) => [at * scale, c])),
    figures.map((point) => tile(point, { columns: figures.length > 1 ? 6 : 12 })),
    months(house, meter, text),
    history(house, demand ? [demand] : [], 24, { name: "entity" }),
  ];
}

function months(house, meter, text) {
  const told = meter.get("peak_last_month")?.attributes.months;
  if (!Array.isArray(told) || !told.length) return [];
  const format = new Intl.DateTimeFormat(house.language, {
    month: "short",
    timeZone: house.timeZone,
  });
  // A peak's month ends at the first moment of the next one.
  const labels = told.map((one) => format.format(Date.parse(one.until) - 36e5 * 12));
  const values = told.map((one) => one.kilowatt);
  const current = meter.get("peak_month")?.kilowatt;
  if (current >= 0) {
    labels.push(format.format(new Date()));
    values.push(current);
  }
  return chart({
    title: text("energy.peaks"),
    unit: "kW",
    labels,
    values,
    limit: house.limit,
    marked: values.length - 1,
    language: house.language,
  });
}

function today(house, meter, text) {
  const reported = meter.some("today_import", "today_export", "today_gas", "today_cost");
  const day = (point, key, offset) =>
    counted(house, point.entity, text(`energy.${key}`), "day", { offset });
  const [used] = meter.some("energy_import");
  const [returned] = meter.some("energy_export");
  const [cost] = meter.some("today_cost");
  return [
    reported.map((point) => tile(point)),
    reported.length
      ? []
      : [
          used && day(used, "import_today", 0),
          returned && day(returned, "export_today", 0),
        ],
    used && day(used, "import_yesterday", -1),
    cost
      ? day(cost, "cost_yesterday", -1)
      : returned && day(returned, "export_yesterday", -1),
  ];
}

function days(house, meter) {
  const energies = meter.some("energy_import", "energy_export");
  const gas = meter.points.filter((one) => one.measures("gas") && one.id === "reading");
  const series = (points) => points.map((one) => ({ id: one.entity, name: one.name }));
  return [
    bars(house, series(energies), "day", 14),
    bars(house, series(gas), "day", 14),
  ];
}

function counters(meter) {
  const energies = meter.points.filter((one) =>
    /^energy_(import|export)_tariff_\d+$/.test(one.id),
  );
  const readings = meter.points.filter((one) => one.id === "reading");
  return [
    energies.map((point) => tile(point)),
    readings.map((point) => tile(point, { name: "device" })),
  ];
}

function circuits(house) {
  const found = byName(
    house,
    house
      .points("openmotics", "cozify", "mycodo")
      .filter((point) => point.main && point.measures("power")),
  );
  return [
    found.slice(0, CIRCUITS).map((point) => tile(point, { name: "both" })),
    history(house, found.slice(0, 8), 24, { name: "entity" }),
  ];
}
