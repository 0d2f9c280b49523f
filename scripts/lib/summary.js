'use strict';
/*
 * Adds up what mocha-reporter.js wrote: node summary.js FILE [--failed | --extra-failed N]
 * prints what failed, by name, then `N passed, N failed, N skipped`, and ends with 1 when anything failed; with --failed
 * only that number.
 */
const fs = require('node:fs');

const [file, option, argument] = process.argv.slice(2);
const failed = [];
const total = { passes: 0, failures: 0, pending: 0 };
for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const suite = JSON.parse(line);
  for (const key of Object.keys(total)) total[key] += suite[key];
  failed.push(...suite.failed);
}
if (option === '--extra-failed') total.failures += Number(argument);

if (option === '--failed') {
  console.log(String(total.failures));
} else {
  for (const name of failed) console.log(`Failed: ${name}`);
  console.log(`${total.passes} passed, ${total.failures} failed, ${total.pending} skipped`);
  process.exitCode = total.failures > 0 ? 1 : 0;
}
