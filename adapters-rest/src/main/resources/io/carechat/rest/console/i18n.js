/** Languages, words and dates. */
import { Emitter, keep } from './store.js';

/** The languages that there are messages in, each by its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' };

const CHOICE = 'carechat:language';

class Language extends Emitter {
  /** @type {string} */
  tag = 'en';
  /** For dates and numbers: the reader's own region, if the language is the reader's. @type {string} */
  locale = 'en';
  /** @type {Record<string, string>} */
  #words = {};
  #plural = new Intl.PluralRules('en');
  /** @type {Map<string, Intl.DateTimeFormat>} */
  #formats = new Map();

  /** Loads the words in the language that was chosen, or else in the first of the reader's that there is. */
  async start() {
    const wished = [keep.get(CHOICE) ?? '', ...navigator.languages].map((tag) => tag.split('-')[0]);
    await this.#use(wished.find((tag) => tag in LANGUAGES) ?? 'en');
  }

  /** @param {string} tag */
  async choose(tag) {
    keep.set(CHOICE, tag);
    await this.#use(tag);
  }

  /** @param {string} tag */
  async #use(tag) {
    const response = await fetch(new URL(`./messages/${tag}.json`, import.meta.url));
    if (!response.ok) throw new Error(`No messages in ${tag}: ${response.status}`);
    this.#words = await response.json();
    this.tag = tag;
    this.locale = navigator.languages.find((own) => own.split('-')[0] === tag) ?? tag;
    this.#plural = new Intl.PluralRules(tag);
    this.#formats.clear();
    document.documentElement.lang = tag;
    document.documentElement.dir = directionOf(tag);
    this.changed();
  }

  /**
   * The words for a key. With `count`, the key's form for that number, for example `key.one`.
   *
   * @param {string} key
   * @param {Record<string, string | number>} [values] what stands where the words have `{name}`
   */
  words(key, values = {}) {
    const form = 'count' in values ? `${key}.${this.#plural.select(Number(values.count))}` : key;
    const words = this.#words[form] ?? this.#words[`${key}.other`] ?? this.#words[key];
    if (words === undefined) return key;
    return words.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      return typeof value === 'number' ? value.toLocaleString(this.locale) : (value ?? whole);
    });
  }

  /** @param {string} key */
  knows(key) {
    return key in this.#words;
  }

  /**
   * @param {Date} date
   * @param {Intl.DateTimeFormatOptions} options
   */
  date(date, options) {
    const id = JSON.stringify(options);
    let format = this.#formats.get(id);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, options);
      this.#formats.set(id, format);
    }
    return format.format(date);
  }
}

/** @param {string} tag */
function directionOf(tag) {
  const locale = /** @type {any} */ (new Intl.Locale(tag));
  const info = locale.getTextInfo?.() ?? locale.textInfo;
  return info?.direction ?? (/^(ar|fa|he|ur|yi)$/.test(tag) ? 'rtl' : 'ltr');
}

export const language = new Language();

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export const t = (key, values) => language.words(key, values);

/** @param {Date} date */
export const dayKey = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

/**
 * How many midnights are between a date and now, in the reader's zone.
 *
 * @param {Date} date
 * @param {Date} now
 */
export function daysAgo(date, now) {
  const midnight = (/** @type {Date} */ of) => Date.UTC(of.getFullYear(), of.getMonth(), of.getDate());
  return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}

/** @param {Date} date */
export const timeOf = (date) => language.date(date, { hour: 'numeric', minute: '2-digit' });

/** @param {Date} date */
export const fullTime = (date) => language.date(date, { dateStyle: 'full', timeStyle: 'medium' });

/** @param {Date} date */
export const shortTime = (date) => language.date(date, { dateStyle: 'medium', timeStyle: 'medium' });

/**
 * When something was, as short as a list needs it: today the time, this week the weekday, else the date.
 *
 * @param {Date} date
 * @param {Date} now
 */
export function listTime(date, now) {
  const days = daysAgo(date, now);
  if (days <= 0) return timeOf(date);
  if (days < 7) return language.date(date, { weekday: 'short' });
  if (date.getFullYear() === now.getFullYear()) return language.date(date, { day: 'numeric', month: 'short' });
  return language.date(date, { day: 'numeric', month: 'numeric', year: 'numeric' });
}

/**
 * A day, as a divider between messages names it.
 *
 * @param {Date} date
 * @param {Date} now
 */
export function dayName(date, now) {
  const days = daysAgo(date, now);
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(language.locale, { numeric: 'auto' }).format(-days, 'day');
    return name.charAt(0).toLocaleUpperCase(language.locale) + name.slice(1);
  }
  return language.date(date, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
}
