import assert from 'node:assert/strict';
import { answerRequest, dropRequest, openRequest } from '../../nodes/shared/pending-requests.js';
import { Asker } from '../../nodes/iec61850-server-in/asker.js';
import { inSettings } from '../../nodes/iec61850-server-in/in-settings.js';
import { MAX_PENDING_REQUESTS } from '../../src/limits.js';
import type { ControlCommand } from '../../src/server/control/control-handler.js';

const COMMAND: ControlCommand = {
  client: { address: '10.0.0.9', port: 1 },
  reference: 'LD/CSWI1.Pos',
  ...{ cdc: 'DPC', kind: 'operate', model: 'direct-with-normal-security', value: true, text: 'close' },
  ...{ origin: null, ctlNum: 1, test: false, interlockCheck: false, synchroCheck: false },
  ...{ time: null, operateAt: null, pulse: null },
};

describe('requests that wait for a flow', () => {
  it('take one answer, and more where the first one says so', () => {
    const taken: unknown[] = [];
    const id = openRequest(
      60_000,
      (reply) => {
        taken.push(reply);
        return taken.length < 2 ? 60_000 : 0;
      },
      () => assert.fail('not expired'),
    );
    assert.equal(answerRequest(id, { accept: true }), 'taken');
    assert.equal(answerRequest(id, { accept: false, cause: 5 }), 'taken');
    assert.equal(answerRequest(id, { accept: true }), 'late');
    assert.equal(answerRequest('nobody', { accept: true }), 'late');
    assert.equal(taken.length, 2);
  });

  it('beyond the bound are refused, even where no answer means yes, and the log says so', async () => {
    const said: string[] = [];
    const settings = inSettings(
      {
        id: 'in',
        type: 'iec61850-server-in',
        name: '',
        z: 'tab',
        askControls: true,
        otherwise: 'accept',
        timeout: 60_000,
      },
      () => undefined,
    );
    const asker = new Asker(
      settings,
      () => undefined,
      () => undefined,
      (text) => said.push(text),
    );
    const ids = Array.from({ length: MAX_PENDING_REQUESTS }, () =>
      openRequest(
        60_000,
        () => 0,
        () => undefined,
      ),
    );
    try {
      assert.deepEqual(await asker.control(COMMAND), { addCause: 'Blocked-by-process' });
      assert.match(said.join(), /operate of LD\/CSWI1\.Pos was refused: 1000 requests/);
      assert.equal(asker.waiting, 0);
    } finally {
      for (const id of ids) dropRequest(id);
    }
    const waiting = asker.control(COMMAND);
    assert.equal(asker.waiting, 1);
    asker.close();
    assert.deepEqual(await waiting, { addCause: 'Blocked-by-process' }, 'nobody is left who could say yes');
  });
});
