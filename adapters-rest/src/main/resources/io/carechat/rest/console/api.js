/** The calls of the service. Types come from its contract. */
import { basePath } from './router.js';

/** @typedef {import('./openapi.js').components['schemas']} Schemas */
/** @typedef {Schemas['Message']} Message */
/** @typedef {Schemas['MessageItem']} MessageItem */
/** @typedef {Schemas['MessagePage']} MessagePage */
/** @typedef {Schemas['InstanceMessageItem']} InstanceMessageItem */
/** @typedef {Schemas['InstanceMessagePage']} InstanceMessagePage */
/** @typedef {Schemas['Chat']} Chat */
/** @typedef {Schemas['ChatSummary']} ChatSummary */
/** @typedef {Schemas['ChatPage']} ChatPage */
/** @typedef {Schemas['ReadMarker']} ReadMarker */
/** @typedef {Schemas['Event']} ChatEvent */
/** @typedef {Schemas['Webhook']} Webhook */
/** @typedef {Schemas['Delivery']} Delivery */
/** @typedef {Schemas['DeliveryWithAttempts']} DeliveryWithAttempts */
/** @typedef {Schemas['DeliveryPage']} DeliveryPage */
/** @typedef {Schemas['Problem']} Problem */
/** @typedef {'PATIENT' | 'CARE_TEAM'} Side */

/** How long an answer may take, in milliseconds. */
const PATIENCE = 20_000;

/** Why a call failed. `status` is 0 if there was no answer. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code that of the problem; or `network`, `timeout` or `unexpected`
   * @param {Partial<Problem>} [problem]
   * @param {number} [retryAfter] seconds
   */
  constructor(status, code, problem = {}, retryAfter = 0) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.detail = problem.detail ?? '';
    this.reference = problem.instance ?? '';
    this.retryAfter = retryAfter;
  }

  /** Whether the same call can succeed later. */
  get temporary() {
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500 || this.code === 'cross-site-request';
  }
}

/**
 * @typedef {object} CallOptions
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {unknown} [body]
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * Makes one call.
 *
 * @param {string} method
 * @param {string} path below the public URL, without a slash at its beginning
 * @param {CallOptions} [options]
 * @returns {Promise<any>} the JSON of the answer
 * @throws {ApiError}
 */
export async function call(method, path, { query = {}, body, headers = {}, signal } = {}) {
  const url = new URL(basePath + path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
  }
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), PATIENCE);
  const abort = () => impatience.abort();
  signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        Accept: 'application/json, application/problem+json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: impatience.signal,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
    const json = /\bjson\b/.test(response.headers.get('Content-Type') ?? '');
    if (response.ok) {
      if (response.status === 204) return null;
      if (json) return await response.json();
      throw new ApiError(0, 'unexpected');
    }
    const problem = json ? await response.json() : {};
    const wait = Number(response.headers.get('Retry-After') ?? '0');
    throw new ApiError(response.status, problem.code ?? 'unexpected', problem, Number.isFinite(wait) ? wait : 0);
  } catch (fault) {
    if (fault instanceof ApiError) throw fault;
    if (signal?.aborted) throw new ApiError(0, 'aborted');
    throw new ApiError(0, impatience.signal.aborted ? 'timeout' : 'network');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** The operations of one instance that the page uses. */
export class Api {
  #root;
  #csrf;
  #refused;

  /**
   * @param {{tenantName: string, instanceName: string}} where
   * @param {() => string} csrf the token that every changing call must carry
   * @param {(status: number, token: string) => Promise<boolean>} refused what to do if a call was refused (401, or 403
   *     for a changing one, which had this token). Returns whether the same call may succeed now.
   */
  constructor({ tenantName, instanceName }, csrf, refused) {
    this.#root = `api/v1/${tenantName}/${instanceName}/`;
    this.#csrf = csrf;
    this.#refused = refused;
  }

  /** @param {string} path */
  url(path) {
    return new URL(basePath + this.#root + path, location.origin).href;
  }

  /**
   * @param {string} path
   * @param {CallOptions['query']} [query]
   * @param {AbortSignal} [signal]
   */
  async #get(path, query, signal) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call('GET', this.#root + path, { query, signal });
      } catch (fault) {
        if (!(fault instanceof ApiError)) throw fault;
        if (fault.status === 401) await this.#refused(401, '');
        const soon = (fault.status === 429 || fault.status === 503) && fault.retryAfter <= 5;
        if (!soon || attempt === 3) throw fault;
        await new Promise((resolve) => setTimeout(resolve, Math.max(1, fault.retryAfter) * 1000));
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} options
   */
  async #change(method, path, options) {
    const token = this.#csrf();
    const attempt = () =>
      call(method, this.#root + path, { ...options, headers: { ...options.headers, 'X-CSRF-Token': this.#csrf() } });
    try {
      return await attempt();
    } catch (fault) {
      if (!(fault instanceof ApiError) || (fault.status !== 401 && fault.status !== 403)) throw fault;
      if (!(await this.#refused(fault.status, token))) throw fault;
      return attempt();
    }
  }

  /**
   * @param {{unreadOnly?: boolean, pageSize?: number, pageToken?: string | null}} query
   * @returns {Promise<ChatPage>}
   */
  chats({ unreadOnly, pageSize, pageToken }) {
    return this.#get('patients', { unreadBy: unreadOnly ? 'CARE_TEAM' : null, pageSize, pageToken });
  }

  /**
   * @param {string} patientId
   * @returns {Promise<Chat>}
   */
  chat(patientId) {
    return this.#get(`patients/${patientId}`);
  }

  /**
   * @param {string} patientId
   * @param {{pageSize?: number, pageToken?: string | null}} query
   * @returns {Promise<MessagePage>}
   */
  messages(patientId, query) {
    return this.#get(`patients/${patientId}/messages`, query);
  }

  /**
   * @param {string} patientId
   * @param {string} externalId
   * @returns {Promise<MessageItem>}
   */
  message(patientId, externalId) {
    return this.#get(`patients/${patientId}/messages/${encodeURIComponent(externalId)}`);
  }

  /**
   * @param {string} patientId
   * @param {string} message
   * @param {string} key the same for each attempt to send this message
   * @returns {Promise<Message>}
   */
  send(patientId, message, key) {
    return this.#change('POST', `patients/${patientId}/messages`, {
      body: { message },
      headers: { 'Idempotency-Key': key },
    });
  }

  /**
   * @param {string} patientId
   * @param {string} externalId
   * @returns {Promise<ReadMarker>}
   */
  markRead(patientId, externalId) {
    return this.#change('PUT', `patients/${patientId}/read-marker`, { body: { externalId } });
  }

  /**
   * Searches a chat, or the instance. The words are in the body, so that no log has them.
   *
   * @param {string | null} patientId null for the instance
   * @param {{query?: string, pageToken?: string, pageSize?: number}} search
   * @param {AbortSignal} [signal]
   * @returns {Promise<InstanceMessagePage | MessagePage>}
   */
  search(patientId, search, signal) {
    const path = patientId ? `patients/${patientId}/messages/search` : 'messages/search';
    return this.#change('POST', path, { body: { ...search, highlight: true }, signal });
  }

  /** @returns {Promise<Schemas['WebhookList']>} */
  webhooks() {
    return this.#get('webhooks');
  }

  /**
   * @param {string} webhookId
   * @param {{state?: string | null, pageToken?: string | null, pageSize?: number}} query
   * @returns {Promise<DeliveryPage>}
   */
  deliveries(webhookId, query) {
    return this.#get(`webhooks/${encodeURIComponent(webhookId)}/deliveries`, query);
  }

  /**
   * @param {string} webhookId
   * @param {string} deliveryId
   * @returns {Promise<DeliveryWithAttempts>}
   */
  delivery(webhookId, deliveryId) {
    return this.#get(`webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}`);
  }

  /**
   * @param {string} webhookId
   * @param {string} deliveryId
   */
  redeliver(webhookId, deliveryId) {
    const path = `webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}/redeliver`;
    return this.#change('POST', path, {});
  }
}
