import { oas } from '@stoplight/spectral-rulesets';
import { notOurs, readiness, edition31 } from './rules.js';

export default {
  extends: [[oas, 'all']],
  rules: { ...notOurs, ...edition31 },
  overrides: [readiness('../target/contract-files/carechat-3.1.yaml')],
};
