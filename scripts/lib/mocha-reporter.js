'use strict';
/*
 * Mocha's own spec report, and the numbers appended as one JSON line to the file that TEST_SUMMARY names, from which
 * scripts/lib/summary.js makes the sum over all suites of a CI run.
 */
const fs = require('node:fs');
const Mocha = require('mocha');

module.exports = class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_SUMMARY;
    if (!file) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      fs.appendFileSync(file, `${JSON.stringify({ passes, failures, pending })}\n`);
    });
  }
};
