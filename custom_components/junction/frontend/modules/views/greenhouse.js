// Greenhouse: what each Mycodo measures, controls, and switches.

import { control, gauge, heading, history, section, tile, titled } from "../cards.js";
import { byName } from "../house.js";

// Range and colors of what is shown as a gauge; two of a kind at most.
const GAUGES = {
  temperature: [-10, 50, [[-10, "info"], [5, "success"], [30, "warning"], [40, "error"]]],
  humidity: [0, 100, [[0, "warning"], [40, "success"], [80, "info"]]],
  carbon_dioxide: [0, 2000, [[0, "success"], [1000, "warning"], [1500, "error"]]],
  moisture: [0, 100, [[0, "warning"], [20, "success"], [80, "info"]]],
};
const EACH = 2;
// Letters that half a section has room for, below a gauge.
const NAME = 29;
const TILES = 24;
const OUTPUTS = ["switch", "light", "fan", "number", "valve", "cover"];
const GRAPHS = ["temperature", "humidity", "carbon_dioxide", "pressure", "moisture", "illuminance"];

export function greenhouse(house, text) {
  const found = house.of("mycodo").filter((one) => one.points.length);
  return found.flatMap((one) => {
    const title = (key) => titled(text(key), one, found.length > 1);
    const main = byName(house, one.points.filter((point) => point.main));
    const controllers = main.filter((point) => point.domain === "climate");
    const regulated = new Set(
      main.filter((point) => point.key?.startsWith("mycodo_pid")).map((point) => point.device),
    );
    const ofPid = (point) => regulated.has(point.device) && point.domain !== "sensor";
    const sensors = main.filter((point) => ["sensor", "binary_sensor"].includes(point.domain));
    const outputs = main.filter((point) => OUTPUTS.includes(point.domain) && !ofPid(point));
    return [
      ...section(heading(title("greenhouse.control"), "mdi:thermostat"), [
        controllers.slice(0, 3).map((point) => ({
          type: "thermostat",
          entity: point.entity,
          name: [{ type: "device" }],
        })),
        controllers.slice(3).map((point) => control(point, { name: "device" })),
        main
          .filter((point) => ofPid(point) && point.domain !== "climate")
          .map((point) => control(point)),
      ]),
      ...section(heading(title("greenhouse.climate"), "mdi:greenhouse"), measured(sensors)),
      ...section(heading(title("greenhouse.day"), "mdi:chart-line"), graphs(house, sensors)),
      ...section(
        heading(title("greenhouse.outputs"), "mdi:power-socket"),
        outputs.map((point) => control(point)),
      ),
    ];
  });
}

function measured(sensors) {
  const gauges = [];
  const kinds = {};
  const rest = sensors.filter((point) => {
    const known = point.domain === "sensor" && GAUGES[point.kind];
    // A dew point has the unit of a temperature and is none that plants feel.
    if (!known || point.key === "mycodo_dewpoint" || (kinds[point.kind] ?? 0) >= EACH) return true;
    if (!Number.isFinite(Number.parseFloat(point.state))) return true;
    kinds[point.kind] = (kinds[point.kind] ?? 0) + 1;
    let [low, high, colors] = known;
    if (point.unit === "°F") {
      const convert = (celsius) => celsius * 1.8 + 32;
      [low, high] = [convert(low), convert(high)];
      colors = colors.map(([at, color]) => [convert(at), color]);
    }
    gauges.push(
      gauge(point, low, high, colors, {
        name: "both",
        grid_options: {
          columns: !point.repeats && point.name.length > NAME ? 12 : 6,
          rows: "auto",
        },
      }),
    );
    return false;
  });
  return [gauges, rest.slice(0, TILES).map((point) => tile(point, { name: "both" }))];
}

function graphs(house, sensors) {
  return GRAPHS.flatMap((kind) =>
    history(house, sensors.filter((point) => point.measures(kind)).slice(0, 8), 24, {
      name: "both",
    }),
  );
}
