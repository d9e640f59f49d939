// Texts of the dashboard in the languages that Junction speaks.

const LANGUAGES = ["en", "nl", "fr", "de", "fi", "sv"];
const loaded = new Map();

/** Return the language of ours for one of Home Assistant's ("de-CH"); English without one. */
export function languageOf(language) {
  const [short] = language.toLowerCase().split("-");
  return LANGUAGES.includes(short) ? short : "en";
}

/** Load the texts of a language; returns a function from key and values to text. */
export async function loadTexts(language) {
  const name = languageOf(language);
  if (!loaded.has(name)) loaded.set(name, fetchTexts(name));
  const texts = await loaded.get(name);
  return (key, values = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

async function fetchTexts(name) {
  try {
    const answer = await fetch(new URL(`./texts/${name}.json`, import.meta.url));
    return await answer.json();
  } catch (error) {
    loaded.delete(name);
    throw error;
  }
}
