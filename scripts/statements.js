'use strict';
/* Makes docs/conformance-statements.md from the code: node scripts/statements.js */
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./lib/project');
const { statements } = require('./lib/statements');

statements().then(
  (text) => fs.writeFileSync(path.join(ROOT, 'docs', 'conformance-statements.md'), text),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
