// House by area: lights, climate, covers, and what else is used in a room.

import { control, heading, history, section, tile } from "../cards.js";
import { byName, grouped } from "../house.js";

const SYSTEMS = ["openmotics", "cozify"];
// In the order in which a room shows them.
const USED = [
  "light", "climate", "cover", "media_player", "fan", "valve", "switch", "siren",
  "scene", "select", "number", "button",
];
const SENSED = ["sensor", "binary_sensor", "device_tracker"];
const BADGES = ["temperature", "humidity", "carbon_dioxide"];
// What a room shows in the overview; its own page, behind the heading, has all of it.
const SHOWN = 8;

export function house(found, text) {
  return rooms(found, text).flatMap((room) => {
    const used = room.used.slice(0, SHOWN);
    const room_is_whole = !hasMore(room);
    const cards = used.map((point) => control(point, { name: nameIn(point) }));
    if (!used.length) {
      cards.push(...room.sensed.slice(0, SHOWN).map((point) => tile(point, { name: "both" })));
    }
    return section(
      heading(room.title, room.icon, {
        badges: badges(room),
        path: room_is_whole ? undefined : room.path,
      }),
      cards,
    );
  });
}

/** Return the rooms of which the overview does not show everything. */
export function subviews(found, text) {
  return rooms(found, text).filter(hasMore);
}

/** Return the sections of one room's own page. */
export function areaView(found, text, id) {
  const room = rooms(found, text).find((one) => one.id === id);
  if (!room) return [];
  const kind = (key, icon, points, card) =>
    section(heading(text(`house.${key}`), icon), points.map(card));
  const of = (...domains) => room.used.filter((point) => domains.includes(point.domain));
  const used = (point) => control(point, { name: nameIn(point) });
  const temperatures = room.sensed.filter((point) => point.measures("temperature"));
  return [
    ...kind("lights", "mdi:lightbulb-group", of("light"), used),
    ...kind("climate", "mdi:home-thermometer", of("climate", "fan"), used),
    ...kind("covers", "mdi:blinds", of("cover"), used),
    ...kind(
      "controls",
      "mdi:toggle-switch",
      room.used.filter((p) => !["light", "climate", "fan", "cover"].includes(p.domain)),
      used,
    ),
    ...kind("sensors", "mdi:eye", room.sensed, (point) => tile(point, { name: "both" })),
    ...section(
      heading(text("house.day"), "mdi:chart-line"),
      history(found, temperatures.slice(0, 16), 24, { name: "device" }),
    ),
  ];
}

function nameIn(point) {
  // A device's main entity has no name of its own.
  return point.name === point.deviceName ? "device" : "both";
}

function hasMore(room) {
  const badged = badges(room);
  const hidden = room.sensed.filter((point) => !badged.includes(point));
  return room.used.length > SHOWN || (room.used.length > 0 && hidden.length > 0);
}

function badges(room) {
  return BADGES.map((kind) => room.sensed.find((point) => point.measures(kind))).filter(Boolean);
}

function rooms(found, text) {
  const { hass } = found;
  const points = found.points(...SYSTEMS).filter((point) => point.main);
  const order = (point) => USED.indexOf(point.domain);
  const known = [...grouped(points, (point) => point.area ?? `entry_${point.installation.entry}`)];
  const collator = new Intl.Collator(found.language, { numeric: true });
  return known
    .map(([id, own]) => {
      const area = hass.areas[id];
      const sorted = byName(found, own);
      return {
        id,
        nowhere: !area,
        title: area?.name ?? own[0].installation.title,
        icon: area?.icon ?? (area ? "mdi:texture-box" : "mdi:home-outline"),
        path: `house-${id}`.replaceAll("_", "-"),
        used: sorted
          .filter((point) => USED.includes(point.domain))
          .sort((a, b) => order(a) - order(b)),
        sensed: sorted.filter((point) => SENSED.includes(point.domain)),
      };
    })
    .filter((room) => room.used.length || room.sensed.length)
    .sort((a, b) => a.nowhere - b.nowhere || collator.compare(a.title, b.title));
}
