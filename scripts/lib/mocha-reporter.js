'use strict';
/*
 * Mocha's own spec report, and the numbers and the names of what failed appended as one JSON line to the file that
 * TEST_SUMMARY names, from which scripts/lib/summary.js makes the sum over all suites of a CI run.
 */
const fs = require('node:fs');
const Mocha = require('mocha');

/** Characters of an error's text in the summary. */
const MAX_REASON = 300;

module.exports = class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_SUMMARY;
    if (!file) return;
    const failed = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      failed.push(`${test.titlePath().join(' › ')}: ${String(error?.message ?? error).slice(0, MAX_REASON)}`);
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      fs.appendFileSync(file, `${JSON.stringify({ passes, failures, pending, failed })}\n`);
    });
  }
};
