/** Values that change, and what is kept in this browser. */

/** Something with listeners that are called after each change. */
export class Emitter {
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /**
   * Calls a listener after each change, until the returned function is called.
   *
   * @param {() => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells the listeners that something has changed. */
  changed() {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * What is kept in this browser. If the browser refuses (a full or forbidden storage), it is kept in this tab only.
 */
export class Keep {
  /** @type {Map<string, string>} */
  #here = new Map();

  /** @param {string} key */
  get(key) {
    const here = this.#here.get(key);
    if (here !== undefined) return here;
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    try {
      localStorage.setItem(key, value);
      this.#here.delete(key);
    } catch {
      this.#here.set(key, value);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#here.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Then nothing is kept there either.
    }
  }

  /**
   * The keys that begin like this, sorted.
   *
   * @param {string} prefix
   */
  keys(prefix) {
    const all = new Set(this.#here.keys());
    try {
      for (let i = 0; i < localStorage.length; i++) all.add(/** @type {string} */ (localStorage.key(i)));
    } catch {
      // Only what this tab keeps.
    }
    return [...all].filter((key) => key.startsWith(prefix)).sort();
  }
}

export const keep = new Keep();
