// Dashboards and views from what there is.

import { heading } from "./cards.js";
import { loadHouse } from "./house.js";
import { loadTexts } from "./texts.js";
import { energy } from "./views/energy.js";
import { greenhouse } from "./views/greenhouse.js";
import { health } from "./views/health.js";
import { areaView, house as houseView, subviews } from "./views/house.js";
import { trends } from "./views/trends.js";
import { water } from "./views/water.js";

// By name in the options and in the address, in the order of the tabs.
export const VIEWS = {
  energy: { icon: "mdi:lightning-bolt", build: energy },
  trends: { icon: "mdi:chart-timeline-variant", build: trends },
  house: { icon: "mdi:home", build: houseView },
  greenhouse: { icon: "mdi:greenhouse", build: greenhouse },
  water: { icon: "mdi:water", build: water },
  health: { icon: "mdi:heart-pulse", build: health },
};

/** Return the configuration of a dashboard: the views that have something to show. */
export async function dashboard(config, hass) {
  const [house, text] = await Promise.all([
    loadHouse(hass, config),
    loadTexts(hass.language),
  ]);
  const { type, views: wanted, ...options } = config;
  const strategy = (view) => ({ type, ...options, view });
  const views = [];
  for (const [name, { icon, build }] of Object.entries(VIEWS)) {
    if (wanted && !wanted.includes(name)) continue;
    if (!build(house, text).length) continue;
    views.push({
      title: text(`view.${name}`),
      path: name,
      icon,
      type: "sections",
      strategy: strategy(name),
    });
    if (name === "house") {
      for (const area of subviews(house, text)) {
        views.push({
          title: area.title,
          path: area.path,
          type: "sections",
          subview: true,
          back_path: "house",
          strategy: { ...strategy("house"), area: area.id },
        });
      }
    }
  }
  return { title: "Junction", views: views.length ? views : [nothing(house, text)] };
}

/** Return the configuration of one view. */
export async function view(config, hass) {
  const [house, text] = await Promise.all([
    loadHouse(hass, config),
    loadTexts(hass.language),
  ]);
  const { build, icon } = VIEWS[config.view] ?? VIEWS.energy;
  const sections =
    config.area === undefined
      ? build(house, text)
      : areaView(house, text, config.area);
  if (!sections.length) return nothing(house, text);
  // What takes a question to Home Assistant is asked for only now that somebody looks.
  const asked = await Promise.all(
    sections.map(async (one) => ({
      ...one,
      cards: (await Promise.all(one.cards.map((card) => card?.later?.() ?? card))).flat(),
    })),
  );
  return {
    title: text(`view.${config.view ?? "energy"}`),
    icon,
    type: "sections",
    max_columns: 4,
    dense_section_placement: true,
    sections: asked.filter((one) => one.cards.length > 1),
  };
}

function nothing(house, text) {
  const none = house.all.length === 0;
  return {
    title: "Junction",
    type: "sections",
    path: "empty",
    sections: [
      {
        type: "grid",
        cards: [
          heading(text("empty.heading"), "mdi:view-dashboard-outline"),
          { type: "markdown", content: text(none ? "empty.none" : "empty.chosen") },
        ],
      },
    ],
  };
}
