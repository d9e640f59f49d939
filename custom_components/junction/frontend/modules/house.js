// What there is: installations, and the points that their entities show.

const cache = new WeakMap();

/** Ask for the installations, once for each state of the entity registry. */
export async function loadHouse(hass, config) {
  let answer = cache.get(hass.entities);
  if (!answer) {
    answer = hass.callWS({ type: "junction/dashboard" });
    cache.set(hass.entities, answer);
    answer.catch(() => cache.delete(hass.entities));
  }
  const { installations } = await answer;
  return new House(hass, installations, config);
}

export class House {
  constructor(hass, installations, config) {
    this.hass = hass;
    this.all = installations;
    this.limit = Number(config.peak_limit) > 0 ? Number(config.peak_limit) : 2.5;
    this.language = hass.locale?.language ?? hass.language;
    this.timeZone =
      hass.locale?.time_zone === "local" ? undefined : hass.config.time_zone;
    const { components } = hass.config;
    this.hasHistory = components.includes("history");
    this.hasStatistics = components.includes("recorder");
    const wanted = config.installations;
    this.installations = installations
      .filter((one) => !wanted || wanted.includes(one.entry_id))
      .map((one) => new Installation(hass, one));
  }

  /** Return the installations of some kinds. */
  of(...backends) {
    return this.installations.filter((one) => backends.includes(one.backend));
  }

  /** Return the points of all installations of some kinds, or of all kinds. */
  points(...backends) {
    const found = backends.length ? this.of(...backends) : this.installations;
    return found.flatMap((one) => one.points);
  }
}

class Installation {
  constructor(hass, told) {
    this.entry = told.entry_id;
    this.title = told.title;
    this.backend = told.backend;
    this.statistics = told.statistics;
    this.points = [];
    for (const [entity, id] of Object.entries(told.points)) {
      // Between two answers of Home Assistant an entity may be gone already.
      if (hass.entities[entity]) this.points.push(new Point(hass, this, entity, id));
    }
  }

  /** Return the first point of an id, undefined without one. */
  get(id) {
    return this.points.find((point) => point.id === id);
  }

  /** Return the points that exist of some ids, in their order. */
  some(...ids) {
    return ids.map((id) => this.get(id)).filter(Boolean);
  }
}

class Point {
  constructor(hass, installation, entity, id) {
    const registered = hass.entities[entity];
    const device = hass.devices[registered.device_id];
    const state = hass.states[entity];
    this.installation = installation;
    this.entity = entity;
    this.id = id;
    this.domain = entity.split(".", 1)[0];
    this.key = registered.translation_key;
    this.category = registered.entity_category;
    this.device = device;
    this.area = registered.area_id ?? device?.area_id ?? null;
    this.state = state?.state;
    this.attributes = state?.attributes ?? {};
    this.kind = this.attributes.device_class;
    this.unit = this.attributes.unit_of_measurement;
    this.counts = ["total", "total_increasing"].includes(this.attributes.state_class);
    this.deviceName = device?.name_by_user ?? device?.name ?? "";
    this.name = this.attributes.friendly_name ?? entity;
  }

  /** Whether its device is called what it measures: "Average temperature". */
  get repeats() {
    const device = this.deviceName.toLowerCase();
    const name = this.name.toLowerCase();
    const own = name.startsWith(device) ? name.slice(device.length).trim() : "";
    return own !== "" && device.split(/\s+/).includes(own);
  }

  /** Whether people look at it or use it, other than to look after the device. */
  get main() {
    return !this.category;
  }

  /** Whether it is a sensor of some device class. */
  measures(...kinds) {
    return this.domain === "sensor" && kinds.includes(this.kind);
  }

  /** Return its value in kW, for power; NaN without one. */
  get kilowatt() {
    const value = Number.parseFloat(this.state);
    return this.unit === "W" ? value / 1000 : value;
  }
}

/** Sort points by what people call them, "Lamp 2" before "Lamp 10". */
export function byName(house, points) {
  const collator = new Intl.Collator(house.language, { numeric: true });
  return [...points].sort((a, b) => collator.compare(a.name, b.name));
}

/** Group points by what a function tells of them, in order of appearance. */
export function grouped(points, by) {
  const groups = new Map();
  for (const point of points) {
    const key = by(point);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(point);
  }
  return groups;
}
