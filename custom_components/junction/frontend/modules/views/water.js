// Water and sensors: what IOTile devices measure, and all water meters.

import { bars, heading, section, tile, titled } from "../cards.js";
import { grouped } from "../house.js";

const SENSORS = 8;
const DEVICES = 40;

export function water(house, text) {
  const clouds = house.of("iotile");
  const meters = house
    .points("dsmr", "dsmr_reader", "cozify", "openmotics")
    .filter((point) => point.main && point.counts && point.measures("water"));
  const devices = clouds.flatMap((cloud) =>
    [...grouped(cloud.points, (point) => point.device)].map(([device, points]) => ({
      cloud,
      name: device?.name_by_user ?? device?.name ?? cloud.title,
      points,
    })),
  );
  const names = [...meters.map((point) => point.deviceName), ...devices.map((one) => one.name)];
  // What is called alike is told apart by its installation.
  const title = (name, installation) =>
    titled(name, installation, names.filter((other) => other === name).length > 1);
  return [
    ...meters.flatMap((point) =>
      section(heading(title(point.deviceName, point.installation), "mdi:water-pump"), [
        tile(point, { columns: 12 }),
        days(house, [point], text),
      ]),
    ),
    ...devices
      .filter(({ points }) => points.some((point) => point.main))
      .slice(0, DEVICES)
      .flatMap(({ cloud, name, points }) =>
        section(heading(title(name, cloud), icon(points)), [
          cards(house, points, text),
        ]),
      ),
    ...section(heading(text("water.map"), "mdi:map"), map(devices)),
  ];
}

function icon(points) {
  return points.some((point) => point.measures("water")) ? "mdi:water" : "mdi:gauge";
}

function cards(house, points, text) {
  const sensors = points.filter((point) => point.main && point.domain === "sensor");
  const today = sensors.filter((point) => point.id.endsWith("_today"));
  const totals = sensors.filter(
    (point) => point.counts && point.measures("water") && !today.includes(point),
  );
  const rest = sensors.filter((point) => !today.includes(point) && !totals.includes(point));
  const looked = points.filter(
    (point) => point.category === "diagnostic" && point.domain !== "device_tracker",
  );
  return [
    [...today, ...totals, ...rest.slice(0, SENSORS)].map((point) => tile(point)),
    totals.length ? days(house, totals, text) : [],
    looked.map((point) => tile(point)),
  ];
}

function days(house, points, text) {
  const series = points.map((point) => ({ id: point.entity, name: point.name }));
  return bars(house, series, "day", 14, text("water.days"));
}

function map(devices) {
  const trackers = devices.flatMap(({ points }) =>
    points.filter((point) => point.domain === "device_tracker"),
  );
  const placed = trackers.filter((point) => "latitude" in point.attributes);
  return placed.length
    ? {
        type: "map",
        entities: placed.map((point) => point.entity),
        grid_options: { columns: 12, rows: 6 },
      }
    : [];
}
