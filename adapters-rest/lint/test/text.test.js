import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultIn, highlightParts, linkParts, oneLine, shortId } from '../../src/main/resources/io/carechat/rest/console/text.js';

describe('a text', () => {
  for (const blank of ['', ' \n\t', '\u00a0\u2003', '\u200b\ufeff', '\u0301', '\u2800', '\u3164', '\u{e0041}', '\x1c']) {
    it(`that shows nothing cannot be sent: ${JSON.stringify(blank)}`, () => assert.equal(faultIn(blank), 'blank'));
  }
  for (const visible of ['a', '.', '\u0600', '😀', ' é ', '\x07', '한']) {
    it(`that shows something can be sent: ${JSON.stringify(visible)}`, () => assert.equal(faultIn(visible), null));
  }
  it('is counted in characters, not in halves of them', () => {
    assert.equal(faultIn('😀'.repeat(10_000)), null);
    assert.equal(faultIn('😀'.repeat(10_001)), 'long');
    assert.equal(faultIn('a'.repeat(10_001)), 'long');
  });
  it('cannot contain what cannot be stored', () => {
    assert.equal(faultIn('a\0'), 'character');
    assert.equal(faultIn('a\ud83d'), 'character');
    assert.equal(faultIn('\ude00a'), 'character');
  });
});

describe('links', () => {
  const links = (text) => linkParts(text).filter((part) => part.href).map((part) => part.text);
  it('are addresses of http and https only', () => {
    assert.deepEqual(links('http://a.example HTTPS://b.example javascript:alert(1) ftp://c.example data:text/html,x'), [
      'http://a.example',
      'HTTPS://b.example',
    ]);
  });
  it('end before the punctuation of a sentence', () => {
    assert.deepEqual(links('See https://a.example/x?y=1. Or (https://b.example/c_(d))!'), [
      'https://a.example/x?y=1',
      'https://b.example/c_(d)',
    ]);
  });
  it('end before markup and before characters that are not shown', () => {
    assert.deepEqual(links('https://a.example/"onclick=x <https://b.example> https://c.example/\u202egpj.exe'), [
      'https://a.example/',
      'https://b.example',
      'https://c.example/',
    ]);
  });
  it('leave the text as it is', () => {
    for (const text of ['', 'a', 'https://', 'x https://a.example y', 'https://[ z', '<b>http://a.example</b>']) {
      assert.equal(linkParts(text).map((part) => part.text).join(''), text);
    }
  });
  it('take no long time for a long text', { timeout: 20_000 }, () => {
    linkParts('https://' + ')'.repeat(9_990));
    linkParts('https://a.example/('.repeat(500));
    linkParts('https://a.example/' + '(.'.repeat(4_990));
  });
});

it('a highlight is text in which only its own marks mark', () => {
  assert.deepEqual(highlightParts('a &lt;b&gt; <em>5&nbsp;mg</em> &amp;lt; &#39;&#x27; <em>x</em>'), [
    { text: 'a <b> ', hit: false },
    { text: '5&nbsp;mg', hit: true },
    { text: " &lt; '' ", hit: false },
    { text: 'x', hit: true },
  ]);
  assert.deepEqual(highlightParts('&#1114112;'), [{ text: '&#1114112;', hit: false }]);
});

it('a line has no line breaks and whole characters', () => {
  assert.equal(oneLine(' a\n\n b\tc ', 20), 'a b c');
  assert.equal(oneLine('😀'.repeat(30), 10), '😀'.repeat(10) + '…');
  assert.equal(shortId('5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab'), '5ccc…34ab');
});
