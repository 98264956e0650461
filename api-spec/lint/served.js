import { oas } from '@stoplight/spectral-rulesets';
import { notOurs, readiness, served } from './rules.js';

export default {
  extends: [[oas, 'all']],
  rules: { ...notOurs, ...served },
  overrides: [readiness('../openapi.yaml')],
};
