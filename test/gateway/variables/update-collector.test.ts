import assert from 'node:assert/strict';
import { UpdateCollector } from '../../../src/gateway/variables/update-collector.js';
import { MAX_TAGS } from '../../../src/limits.js';

describe('updates that wait for a cycle', () => {
  it('are the newest of each reference, in the order in which references came', () => {
    const collector = new UpdateCollector();
    collector.add([
      { reference: 'A', value: 1, quality: 'invalid' },
      { reference: 'B', value: 2 },
    ]);
    collector.add([{ reference: 'A', value: 3 }]);
    assert.equal(collector.size, 2);
    assert.deepEqual(collector.drain(), [
      { reference: 'A', value: 3 },
      { reference: 'B', value: 2 },
    ]);
    assert.deepEqual(collector.drain(), []);
  });

  it('keep a value that waits when only its quality or time comes', () => {
    const collector = new UpdateCollector();
    collector.add([{ reference: 'A', value: 1 }]);
    collector.add([{ reference: 'A', quality: 'invalid', timestamp: 5 }]);
    collector.add([{ reference: 'A', fc: 'MX', value: 9 }]);
    assert.deepEqual(collector.drain(), [
      { reference: 'A', value: 1, quality: 'invalid', timestamp: 5 },
      { reference: 'A', fc: 'MX', value: 9 },
    ]);
  });

  it('are bounded: further references are counted', () => {
    const collector = new UpdateCollector();
    collector.add(Array.from({ length: MAX_TAGS + 2 }, (_, i) => ({ reference: `A${i}`, value: i })));
    assert.deepEqual([collector.size, collector.dropped], [MAX_TAGS, 2]);
  });
});
