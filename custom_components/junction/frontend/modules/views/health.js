// Health: connections, forwarding, imports, and batteries.

import { heading, passing, passingHeading, section, tile } from "../cards.js";
import { grouped } from "../house.js";

const LINKS = ["connectivity", "problem"];
const BATTERIES = 30;
const OTHERS = 24;
const FINE = { connectivity: "on", problem: "off" };

export function health(house, text) {
  const points = house.points();
  const binary = points.filter((point) => point.domain === "binary_sensor");
  const links = binary.filter(
    (point) => LINKS.includes(point.kind) && point.category && !isForwarding(point),
  );
  const imports = points.filter((point) => /^(history|import)_(progress|until)$/.test(point.id));
  const forwarded = points.filter(isForwarding);
  const batteries = points
    .filter((point) => point.kind === "battery")
    .sort((a, b) => left(a) - left(b));
  const several = house.installations.length > 1;
  return [
    ...[...grouped(links, (point) => point.installation)].flatMap(([installation, found]) =>
      section(
        heading(several ? installation.title : text("health.connections"), "mdi:lan-connect"),
        found
          .sort((a, b) => isFine(a) - isFine(b))
          .slice(0, OTHERS)
          .map((point) => tile(point, { name: "both" })),
      ),
    ),
    ...section(
      heading(text("health.forwarding"), "mdi:send"),
      forwarded.map((point) => tile(point, { name: "both" })),
    ),
    ...section(
      passingHeading(text("health.imports"), "mdi:database-import", imports),
      // The progress is unknown when no import is under way.
      imports.map((point) => passing(point, { name: "both" })),
    ),
    ...section(
      heading(text("health.batteries"), "mdi:battery"),
      batteries.slice(0, BATTERIES).map((point) => tile(point, { name: "both" })),
    ),
  ];
}

function isForwarding(point) {
  return point.id.startsWith("forward_");
}

/** Return whether a connection stands; what does not comes first. */
function isFine(point) {
  return Number(point.state === FINE[point.kind]);
}

/** Return how full a battery is (%); those that only say "low" as they say it. */
function left(point) {
  if (point.domain === "binary_sensor") return point.state === "on" ? 0 : 101;
  const value = Number.parseFloat(point.state);
  return Number.isNaN(value) ? 102 : value;
}
