// The published documents are read by the parser of the JavaScript tools, and their patterns mean the same in every mode of JavaScript.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';

const FILES = ['../openapi.yaml', '../webhooks.yaml', '../target/contract-files/carechat-3.1.yaml'];

const TEXTS = ['', ' ', '\t', '\n', '\u00a0', 'x', ' x', 'Grüße', '\u{1F600}', 'a-b', 'A', '\u0000', '\u007f', 'message.sent', 'e30=',
  'https://partner.example/x', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '7421-980', '2021-02-08T17:17:29.000Z'];

function* patterns(node) {
  if (node && typeof node === 'object') {
    if (typeof node.pattern === 'string') {
      yield node.pattern;
    }
    for (const member of Object.values(node)) {
      yield* patterns(member);
    }
  }
}

for (const file of FILES) {
  const path = fileURLToPath(new URL(file, import.meta.url));

  it(`${file} is valid for the JavaScript tools' parser`, async () => {
    const document = await SwaggerParser.validate(path);
    assert.equal(document.info.license.name, 'Apache-2.0');
  });

  it(`the patterns of ${file} mean the same with and without u`, async () => {
    const found = new Set(patterns(await SwaggerParser.parse(path)));
    assert.ok(found.size > 2);
    for (const pattern of found) {
      for (const text of TEXTS) {
        assert.equal(new RegExp(pattern, 'u').test(text), new RegExp(pattern).test(text), `${pattern} of '${text}'`);
      }
    }
  });
}

it('the parser does refuse what is wrong', async () => {
  const document = await SwaggerParser.parse(fileURLToPath(new URL(FILES[2], import.meta.url)));
  document.info.license = 7;
  await assert.rejects(SwaggerParser.validate(document));
});
