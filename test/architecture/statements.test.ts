import assert from 'node:assert/strict';
import { statements } from '../../scripts/lib/statements.js';
import { readText } from './sources.js';

describe('the statements of conformance', () => {
  it('are what the code says now (node scripts/statements.js makes them)', async () => {
    assert.equal(readText('docs/conformance-statements.md'), await statements());
  });
});
