import { oas } from '@stoplight/spectral-rulesets';
import { notOurs, readiness, edition31 } from './rules.js';

export default {
  extends: [[oas, 'all']],
  // OpenAPI 3.1 has the licence's identifier, and then no url.
  rules: { ...notOurs, ...edition31, 'license-url': 'off' },
  overrides: [readiness('../target/contract-files/carechat-3.1.yaml')],
};
