'use strict';
/*
 * Loaded into every mocha run. Tests must leave nothing behind: when the process does not end by itself after the last
 * test, this says what keeps it alive and ends it as failed, instead of hanging a build until its time limit.
 */
const GRACE_MS = 15_000;

exports.mochaHooks = {
  afterAll() {
    const timer = setTimeout(() => {
      const kept = process.getActiveResourcesInfo().filter((name) => name !== 'TTYWrap' && name !== 'PipeWrap');
      console.error(`The tests are done, but the process stays alive. Still open: ${kept.join(', ') || 'unknown'}.`);
      process.exit(1);
    }, GRACE_MS);
    timer.unref();
  },
};
