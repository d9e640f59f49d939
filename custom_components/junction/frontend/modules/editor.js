// Visual editor of the dashboard's options: installations, views, and the peak's limit.

import { VIEWS } from "./dashboard.js";
import { loadTexts } from "./texts.js";

class JunctionDashboardEditor extends HTMLElement {
  #hass;
  #config;
  #form;
  #installations;
  #text;

  setConfig(config) {
    this.#config = config;
    this.#show();
  }

  set hass(hass) {
    const first = !this.#hass;
    this.#hass = hass;
    if (first) this.#load();
    else if (this.#form) this.#form.hass = hass;
  }

  async #load() {
    const [text, { installations }] = await Promise.all([
      loadTexts(this.#hass.language),
      this.#hass.callWS({ type: "junction/dashboard" }),
      loadForm(),
    ]);
    this.#text = text;
    this.#installations = installations;
    this.#form = document.createElement("ha-form");
    this.#form.computeLabel = ({ name }) => text(`editor.${name}`);
    this.#form.computeHelper = ({ name }) => text(`editor.${name}_help`);
    this.#form.addEventListener("value-changed", (event) => this.#changed(event));
    this.#show();
    this.append(this.#form);
  }

  #choices() {
    return {
      installations: this.#installations.map((one) => ({
        value: one.entry_id,
        label: one.title,
      })),
      views: Object.keys(VIEWS).map((name) => ({
        value: name,
        label: this.#text(`view.${name}`),
      })),
    };
  }

  #show() {
    if (!this.#form || !this.#config) return;
    const choices = this.#choices();
    const select = (name) => ({
      name,
      selector: { select: { multiple: true, mode: "list", options: choices[name] } },
    });
    this.#form.hass = this.#hass;
    this.#form.schema = [
      select("installations"),
      select("views"),
      {
        name: "peak_limit",
        selector: {
          number: { min: 0.5, max: 100, step: 0.1, mode: "box", unit_of_measurement: "kW" },
        },
      },
    ];
    const all = (name) => choices[name].map(({ value }) => value);
    this.#form.data = {
      installations: this.#config.installations ?? all("installations"),
      views: this.#config.views ?? all("views"),
      peak_limit: this.#config.peak_limit ?? 2.5,
    };
  }

  #changed(event) {
    event.stopPropagation();
    const config = { ...this.#config, ...event.detail.value };
    // All of them is not kept, so that what comes later is shown, too.
    for (const [name, choices] of Object.entries(this.#choices())) {
      if (choices.every(({ value }) => config[name].includes(value))) delete config[name];
    }
    if (!config.peak_limit || config.peak_limit === 2.5) delete config.peak_limit;
    this.#config = config;
    this.#show();
    this.dispatchEvent(
      new CustomEvent("config-changed", { detail: { config }, bubbles: true, composed: true }),
    );
  }
}

/** Load Home Assistant's forms, which come with the editor of any of its cards. */
async function loadForm() {
  if (customElements.get("ha-form")) return;
  const { createCardElement } = await window.loadCardHelpers();
  const card = await createCardElement({ type: "tile", entity: "sun.sun" });
  await card.constructor.getConfigElement();
  await customElements.whenDefined("ha-form");
}

customElements.define("junction-dashboard-editor", JunctionDashboardEditor);
