/**
 * Saved configurations carry the `version` that wrote them, so that a newer package still opens an older flow.
 */

/** Brings a configuration from the version that is its index (0, 1, …) to the next one. */
export type Migration<T> = (config: T) => T;

/**
 * The configuration in today's form; the argument stays untouched.
 * @param steps One migration for each version that came before; today's version is their number.
 */
export function migrate<T extends { version?: number }>(config: T, steps: ReadonlyArray<Migration<T>>): T {
  let current = { ...config };
  for (let version = savedVersion(config); version < steps.length; version++) {
    current = { ...(steps[version] as Migration<T>)(current), version: version + 1 };
  }
  return current;
}

/** A flow that was written by hand, or by a test, need not name a version: it is taken as the newest form. */
function savedVersion(config: { version?: number }): number {
  return typeof config.version === 'number' && config.version >= 0 ? config.version : Number.MAX_SAFE_INTEGER;
}
