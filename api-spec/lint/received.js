import { oas } from '@stoplight/spectral-rulesets';
import { notOurs, received } from './rules.js';

export default {
  extends: [[oas, 'all']],
  rules: { ...notOurs, ...received },
};
