/** Whatever a client writes to controls: an answer comes, nothing is thrown, and no object is held for ever. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MmsData } from '../../src/mms/data.js';
import { ControlClient, closeServer, stoppedClock } from './control-fixture.js';

const OBJECTS = [
  'GGIO1.SPCSO1',
  'GGIO1.SPCSO2',
  'GGIO1.SPCSO3',
  'GGIO1.SPCSO4',
  'CSWI1.Pos',
  'GGIO2.TapChg',
  'GGIO2.AnOut',
];
const SERVICES = ['Oper', 'SBOw', 'Cancel', 'SBO'];

const leaf: fc.Arbitrary<MmsData> = fc.oneof(
  fc.boolean().map((value): MmsData => ({ type: 'boolean', value })),
  fc.integer().map((value): MmsData => ({ type: 'integer', value })),
  fc.nat().map((value): MmsData => ({ type: 'unsigned', value })),
  fc.double().map((value): MmsData => ({ type: 'float', value, width: 32 })),
  fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 4 }).map((bits): MmsData => ({ type: 'bit-string', bits })),
  fc.uint8Array({ maxLength: 70 }).map((octets): MmsData => ({ type: 'octet-string', octets: Buffer.from(octets) })),
  fc.nat(0xffffffff).map((seconds): MmsData => ({ type: 'utc-time', seconds, fraction: 0xffffff, quality: 0 })),
  fc.nat(86_399_999).map((ms): MmsData => ({ type: 'binary-time', ms })),
);
const anything: fc.Arbitrary<MmsData> = fc.letrec<{ data: MmsData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('data'), { maxLength: 8 }).map((items): MmsData => ({ type: 'structure', items })),
  ),
})).data;

describe('controls that are written at random', () => {
  it('answer each time', async () => {
    const clock = stoppedClock();
    const client = ControlClient.connect({ operate: 'simulate' });
    try {
      const place = fc.tuple(fc.constantFrom(...OBJECTS), fc.constantFrom(...SERVICES));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(place, anything), { maxLength: 10 }), async (writes) => {
          for (const [[object, service], data] of writes) {
            client.write(`CTLLD1/${object.replace('.', '$CO$')}$${service}`, data);
          }
          await clock.tickAsync(1);
          assert.equal(client.association.open, true);
        }),
        { numRuns: 300 },
      );
      // With a structure of the right type, and its members at random.
      const parameters = fc.record({
        operTm: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_294_967_295_000 })),
        orCat: fc.integer({ min: 0, max: 9 }),
        orIdent: fc.string({ maxLength: 64 }),
        ctlNum: fc.nat(255),
        t: fc.integer({ min: 0, max: 4_294_967_295_000 }),
        test: fc.boolean(),
        check: fc.constantFrom('', '0', '11', '01'),
      });
      const service = fc.constantFrom('operate', 'selectWithValue', 'cancel', 'select');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom(...OBJECTS.slice(0, 4)), service, parameters, fc.nat(6000)), {
            maxLength: 12,
          }),
          async (commands) => {
            for (const [object, name, given, pause] of commands) {
              if (name === 'select') {
                if (object === 'GGIO1.SPCSO2') client.select(object);
              } else if (name !== 'selectWithValue' || object === 'GGIO1.SPCSO4') {
                client[name as 'operate' | 'selectWithValue' | 'cancel'](object, given);
              }
              await clock.tickAsync(pause);
            }
            assert.equal(client.association.open, true);
          },
        ),
        { numRuns: 100 },
      );
      assert.deepEqual(client.failures, []);
      // All that is left runs out within a day.
      await clock.tickAsync(25 * 3_600_000);
      for (const object of OBJECTS.slice(0, 4)) {
        assert.equal(client.shown(`${object}.stSeld[ST]`), false, object);
        assert.equal(client.shown(`${object}.opRcvd[OR]`), false, object);
        assert.equal(client.shown(`${object}.opOk[OR]`), false, object);
      }
    } finally {
      await closeServer(client, clock);
    }
  });
});
