import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';

const FOLDER = new URL('../../src/main/resources/io/carechat/rest/console/', import.meta.url);
const read = (name) => readFileSync(new URL(name, FOLDER), 'utf8');
const english = JSON.parse(read('messages/en.json'));
const code = readdirSync(FOLDER).filter((name) => name.endsWith('.js')).map(read).join('\n');
const placeholders = (words) => [...words.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
const withoutForm = (key) => key.replace(/\.(zero|one|two|few|many|other)$/, '');

describe('the words of the page', () => {
  for (const name of readdirSync(new URL('messages/', FOLDER))) {
    it(`are complete in ${name}`, () => {
      const words = JSON.parse(read(`messages/${name}`));
      const keys = (of) => [...new Set(Object.keys(of).map(withoutForm))].sort();
      assert.deepEqual(keys(words), keys(english));
      for (const [key, text] of Object.entries(words)) {
        const original = english[key] ?? english[`${withoutForm(key)}.other`];
        // The form for one may say "1" or "a" instead of the number.
        const without = (list) => list.filter((one) => one !== '{count}' || key.endsWith('.other'));
        assert.deepEqual(without(placeholders(text)), without(placeholders(original)), key);
        assert.notEqual(text.trim(), '', key);
      }
    });
  }
  it('are there for each key that the page uses', () => {
    const used = [...code.matchAll(/\bt\('([^']+)'/g)].map((match) => match[1]);
    assert.ok(used.length > 80);
    assert.deepEqual(used.filter((key) => !(key in english) && !(`${key}.other` in english)), []);
  });
  it('are all used', () => {
    const unused = Object.keys(english)
      .map(withoutForm)
      // Those that end with a state or a status are put together: t(`error.${status}`).
      .filter((key) => !code.includes(`'${key}'`) && !code.includes('`' + key.slice(0, key.lastIndexOf('.') + 1) + '${'));
    assert.deepEqual(unused, []);
  });
});
