import assert from 'node:assert/strict';
import type { ClientAssociation } from '../../../src/client/client-association.js';
import { awaitFeedback } from '../../../src/client/control/feedback.js';
import type { Controllable } from '../../../src/client/control/controllable.js';
import { FEEDBACK_POLL_MS } from '../../../src/limits.js';

describe('feedback of a command', () => {
  let reads: number;
  let stVal: boolean;
  const association = {
    open: true,
    request: () => {
      reads++;
      return Promise.resolve({ results: [{ success: true, data: { type: 'boolean', value: stVal } }] });
    },
  } as unknown as ClientAssociation;
  const object = {
    place: {
      reference: 'LD/GGIO1.SPCSO1',
      name: (fc: string) => ({ scope: 'domain', domain: 'LD', item: `GGIO1$${fc}$SPCSO1` }),
    },
    status: { fc: 'ST', type: { type: 'boolean' }, path: [] },
  } as unknown as Controllable;
  const expectation = { change: 'equals', value: true } as const;

  beforeEach(() => {
    reads = 0;
    stVal = false;
  });

  it('is read when a report says that the status changed, and not before', async () => {
    const asked: [string, string][] = [];
    let report = (): void => undefined;
    const followed = awaitFeedback(association, object, expectation, false, {
      timeout: 10_000,
      news: (variable, reference) => {
        asked.push([variable, reference]);
        return new Promise((resolve) => {
          report = () => resolve(true);
        });
      },
    });
    while (asked.length === 0) await new Promise(setImmediate);
    assert.equal(reads, 1);
    stVal = true;
    report();
    const { followed: done, ms } = await followed;
    assert.equal(done, true);
    assert.equal(reads, 2);
    assert.ok(ms < FEEDBACK_POLL_MS, `${ms} ms`);
    assert.deepEqual(asked, [['LD/GGIO1$ST$SPCSO1', 'LD/GGIO1.SPCSO1']]);
  });

  it('is not believed of a report that is an old one', async () => {
    let reports = 0;
    const { followed, value } = await awaitFeedback(association, object, expectation, false, {
      timeout: FEEDBACK_POLL_MS + 50,
      news: async () => {
        reports++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return true;
      },
    });
    assert.equal(followed, false);
    assert.equal(value, false);
    assert.ok(reports > 0 && reads > reports);
  });

  it('is read again and again where no report brings it', async () => {
    let asked = 0;
    let again = (): void => undefined;
    const secondRead = new Promise<void>((resolve) => {
      again = resolve;
    });
    const result = awaitFeedback(association, object, expectation, false, {
      timeout: 10_000,
      news: () => {
        if (++asked === 2) again();
        return Promise.resolve(false);
      },
    });
    await secondRead;
    stVal = true;
    assert.equal((await result).followed, true);
    assert.ok(reads > 2);
  });
});
