/** The addresses of the page's views. */

/**
 * @typedef {object} Route
 * @property {'inbox' | 'conversation' | 'sign-in' | 'not-found'} name
 * @property {string} tenantName
 * @property {string} instanceName
 * @property {string} patientId empty unless it is a conversation
 * @property {URLSearchParams} state what is after the `#`
 * @property {string} fragment the same, as it is written
 */

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The path of the public URL. It ends with a slash. */
export const basePath = typeof document === 'undefined' ? '/' : new URL('.', document.baseURI).pathname;

/**
 * Reads an address.
 *
 * @param {string} path
 * @param {string} hash
 * @param {string} [base]
 * @returns {Route}
 */
export function parseRoute(path, hash, base = basePath) {
  const fragment = hash.replace(/^#/, '');
  const route = { tenantName: '', instanceName: '', patientId: '', state: new URLSearchParams(fragment), fragment };
  if (!path.startsWith(base)) return { ...route, name: 'not-found' };
  const parts = path.slice(base.length).replace(/\/$/, '').split('/');
  if (parts.length === 1 && parts[0] === 'sign-in') return { ...route, name: 'sign-in' };
  const [tenantName, instanceName, patients, patientId] = parts;
  if (parts.length < 2 || !NAME.test(tenantName) || !NAME.test(instanceName)) return { ...route, name: 'not-found' };
  if (parts.length === 2) return { ...route, name: 'inbox', tenantName, instanceName };
  if (parts.length === 4 && patients === 'patients' && UUID.test(patientId)) {
    return { ...route, name: 'conversation', tenantName, instanceName, patientId: patientId.toLowerCase() };
  }
  return { ...route, name: 'not-found', tenantName, instanceName };
}

/**
 * The address of an instance's inbox.
 *
 * @param {{tenantName: string, instanceName: string}} where
 * @param {string} [fragment]
 */
export function inboxUrl({ tenantName, instanceName }, fragment = '') {
  return `${basePath}${tenantName}/${instanceName}${fragment && '#' + fragment}`;
}

/**
 * The address of a conversation.
 *
 * @param {{tenantName: string, instanceName: string}} where
 * @param {string} patientId
 * @param {Record<string, string>} [state]
 */
export function chatUrl(where, patientId, state = {}) {
  const fragment = new URLSearchParams(state).toString();
  return `${inboxUrl(where)}/patients/${patientId}${fragment && '#' + fragment}`;
}
