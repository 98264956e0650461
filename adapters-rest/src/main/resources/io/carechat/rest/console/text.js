/** What may be in a message, and how its text is shown. No function here makes HTML. */

/** The most characters (code points) of a message. */
export const MAX_CHARACTERS = 10_000;
/** The most bytes of the JSON that sends a message. */
export const MAX_BYTES = 131_072;

// Something that can be seen: neither white space, nor a character that is not shown, nor a mark without a letter.
const VISIBLE =
  /[^\s\x1c-\x1f\x85\u2800\p{Z}\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;

/** @typedef {'blank' | 'long' | 'character'} TextFault */

/** @param {string} text */
export function countCharacters(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Why the service would refuse a text, or null if it would not.
 *
 * @param {string} text
 * @returns {TextFault | null}
 */
export function faultIn(text) {
  if (!VISIBLE.test(text)) return 'blank';
  if (text.length > MAX_CHARACTERS && countCharacters(text) > MAX_CHARACTERS) return 'long';
  if (/\0|\p{Cs}/u.test(text)) return 'character';
  if (new TextEncoder().encode(JSON.stringify({ message: text })).length > MAX_BYTES) return 'long';
  return null;
}

/** @typedef {{text: string, href?: string}} Part */

/**
 * Divides a text into links and what is between them. A link is what is written as one, `http` or `https` only.
 *
 * @param {string} text
 * @returns {Part[]}
 */
export function linkParts(text) {
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"\p{C}]{1,1000}/giu)) {
    const link = withoutEnd(match[0]);
    let href;
    try {
      const url = new URL(link);
      // Such a link looks as if it led to the host before the sign.
      if (url.username || url.password) continue;
      href = url.href;
    } catch {
      continue;
    }
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/**
 * A link without the punctuation of the sentence that it ends, and without a bracket that was opened before it.
 *
 * @param {string} link
 */
function withoutEnd(link) {
  const count = (/** @type {string} */ letter) => link.split(letter).length;
  for (;;) {
    const last = link.at(-1) ?? '';
    const opens = { ')': '(', ']': '[', '}': '{' }[last];
    if (opens ? count(opens) >= count(last) : !/[.,;:!?'’”»…*_]/.test(last)) return link;
    link = link.slice(0, -1);
  }
}

/** @typedef {{text: string, hit: boolean}} HighlightPart */

/** @type {Record<string, string>} */
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads a highlight of the API: escaped text in which the matches are between `<em>` and `</em>`.
 *
 * @param {string} fragment
 * @returns {HighlightPart[]}
 */
export function highlightParts(fragment) {
  return fragment
    .split(/(<em>.*?<\/em>)/su)
    .filter((part) => part !== '')
    .map((part) => {
      const hit = part.startsWith('<em>');
      return { text: unescape(hit ? part.slice(4, -5) : part), hit };
    });
}

/** @param {string} escaped */
function unescape(escaped) {
  return escaped.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/**
 * A text in one line, at most so long.
 *
 * @param {string} text
 * @param {number} most
 */
export function oneLine(text, most) {
  const line = text.slice(0, most * 2).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length > most || text.length > most * 2 ? characters.slice(0, most).join('') + '…' : line;
}

/**
 * An id as people read it: its beginning and its end.
 *
 * @param {string} id
 */
export function shortId(id) {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** A random UUID; `crypto.randomUUID` is missing where a page came without TLS. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
