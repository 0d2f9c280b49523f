/** npm run demo:tls, as a person sees it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

describe('npm run demo:tls', function () {
  this.timeout(120_000);

  it('lets in who has a certificate of the CA and a role, refuses the others with reasons, and leaves nothing behind', () => {
    const result = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'demo-tls.js')], { encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
    const { stdout } = result;
    assert.match(stdout, /✔ SCADA[^\n]*connected[\s\S]*: taken/);
    assert.match(stdout, /✔ a reader of fault records[^\n]*connected[^\n]*\n[^\n]*object-access-denied/);
    assert.equal(stdout.match(/✘/g)?.length, 5);
    for (const reason of [/does not speak TLS/, /is self-signed/, /has expired/, /has been revoked/, /known peers/]) {
      assert.match(stdout, reason);
    }
    const folder = /: (\S+iec61850-demo-tls-\S+)/.exec(stdout)?.[1];
    assert.ok(folder);
    assert.equal(existsSync(folder), false);
  });

  it('does not know other options', () => {
    const result = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'demo-tls.js'), '--kepe'], {
      encoding: 'utf8',
    });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /knows --keep only, not --kepe/);
  });
});
