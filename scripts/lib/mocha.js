'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, runNode } = require('./project');

/** Folders of test/ that have a command of their own, and need more than this project. */
const SEPARATE_SUITES = ['interop', 'corpus', 'browser', 'node-red-5'];

/** Runs mocha over `patterns`; `extra` are further arguments from the command line. Gives the exit code. */
function runMocha(patterns, extra = []) {
  const options = ['--reporter', path.join(ROOT, 'scripts', 'lib', 'mocha-reporter.js')];
  return runNode('node_modules/mocha/bin/mocha.js', [...options, ...extra, ...patterns]);
}

/** Runs one of the separate suites; a folder without tests is said to be empty and passes. */
function runSuite(name, extra) {
  const folder = path.join(ROOT, 'test', name);
  const files = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }) : [];
  if (!files.some((file) => file.endsWith('.test.ts'))) {
    console.log(`test/${name} has no tests here.`);
    return 0;
  }
  return runMocha([`test/${name}/**/*.test.ts`], extra);
}

module.exports = { SEPARATE_SUITES, runMocha, runSuite };
