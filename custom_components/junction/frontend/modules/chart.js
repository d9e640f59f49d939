// Bar charts of figures that no entity has, as a picture: in colors that can be read on
// light and dark cards alike.

const WIDTH = 460;
const HEIGHT = 200;
const MARGIN = 12;
const LEFT = 34;
const BOTTOM = 22;
const TOP = 24;

/**
 * Return a picture card of bars.
 *
 * `values` are numbers in `unit`, `labels` stand below them; `marked` is the index of a bar
 * that stands out, `limit` a line across.
 */
export function chart({ title, unit, labels, values, limit, marked, language }) {
  const figure = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const top = ceiling(Math.max(...values, limit ?? 0));
  const width = (WIDTH - LEFT - 6) / values.length;
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const x = (index) => LEFT + index * width;
  const every = Math.ceil((labels.length * 34) / (WIDTH - LEFT));
  const parts = [];
  for (const part of [0, 0.5, 1]) {
    const at = y(top * part);
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}" stroke="#888" stroke-opacity=".35"/>`,
      text(LEFT - 6, at + 4, figure.format(top * part), "end"),
    );
  }
  values.forEach((value, index) => {
    const color = limit !== undefined && value > limit ? "#e53935" : "#1e88e5";
    const opacity = marked === undefined || marked === index ? 1 : 0.7;
    const height = Math.max(0, y(0) - y(value));
    parts.push(
      `<rect x="${x(index) + width * 0.14}" y="${y(value)}" width="${width * 0.72}" ` +
        `height="${height}" rx="2" fill="${color}" fill-opacity="${opacity}"/>`,
    );
    if (index % every === 0)
      parts.push(text(x(index) + width / 2, HEIGHT - 6, labels[index], "middle"));
  });
  if (limit !== undefined)
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${y(limit)}" y2="${y(limit)}" ` +
        'stroke="#808080" stroke-width="1.5" stroke-dasharray="6 4"/>',
    );
  parts.push(text(0, 11, unit, "start"));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ` +
    `${WIDTH + 2 * MARGIN} ${HEIGHT + 2 * MARGIN}" ` +
    `font-family="Roboto, Noto, sans-serif" font-size="11">${parts.join("")}</svg>`;
  const told = labels.map((label, index) => `${label} ${figure.format(values[index])}`);
  return {
    type: "picture",
    image: `data:image/svg+xml,${encodeURIComponent(svg)}`,
    alt_text: `${title} (${unit}): ${told.join(", ")}`,
    tap_action: { action: "none" },
    grid_options: { columns: 12, rows: "auto" },
  };
}

function text(x, y, words, anchor) {
  const safe = String(words).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#808080">${safe}</text>`;
}

/** Return a round number that nothing is above. */
function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) * power;
}
