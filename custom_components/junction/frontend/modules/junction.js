// Entrance: registers the strategy `custom:junction` for dashboards and for views.
//
// Home Assistant loads this module on every page, so it is small: what draws a dashboard
// is loaded by the first one that is looked at.

import { languageOf } from "./texts.js";

const ICON = "mdi:home-lightning-bolt";

/** Whether something changed that dashboards are made from; states draw themselves. */
function changed(_config, before, after) {
  return (
    before.language !== after.language ||
    before.config.state !== after.config.state ||
    ["entities", "devices", "areas"].some((registry) => before[registry] !== after[registry])
  );
}

class JunctionDashboard extends HTMLElement {
  static shouldRegenerate = changed;

  static async generate(config, hass) {
    const { dashboard } = await import("./dashboard.js");
    return dashboard(config, hass);
  }

  static async getConfigElement() {
    await import("./editor.js");
    return document.createElement("junction-dashboard-editor");
  }

  static getCreateSuggestions() {
    return { title: "Junction", icon: ICON };
  }
}

class JunctionView extends HTMLElement {
  static shouldRegenerate = changed;

  static async generate(config, hass) {
    const { view } = await import("./dashboard.js");
    return view(config, hass);
  }
}

customElements.define("ll-strategy-dashboard-junction", JunctionDashboard);
customElements.define("ll-strategy-view-junction", JunctionView);

// The dialog reads name and description when it is drawn, in the language of that moment.
const names = await (await fetch(new URL("./texts/dialog.json", import.meta.url))).json();

function said() {
  const hass = document.querySelector("home-assistant")?.hass;
  return names[languageOf(hass?.language ?? navigator.language)];
}

window.customStrategies ??= [];
window.customStrategies.push({
  type: "junction",
  strategyType: "dashboard",
  get name() {
    return said().name;
  },
  get description() {
    return said().description;
  },
});
