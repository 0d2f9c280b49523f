import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ResumePoint } from '../../../src/client/reports/resume-point.js';
import { ResumeFile } from '../../../src/client/reports/resume-store.js';

describe('resume points', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'iec61850-resume-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('survive a restart in a small file of their own, with nothing beside it', async () => {
    const file = path.join(folder, 'below', 'points.json');
    const store = new ResumeFile(file);
    assert.equal(await store.load('BAY rcb'), undefined);
    store.save('BAY rcb', '0a');
    store.save('BAY rcb', '0b');
    store.save('BAY other', '01');
    await store.load('BAY rcb');
    await store.flush();
    assert.deepEqual(readdirSync(path.dirname(file)), ['points.json']);
    assert.equal(await new ResumeFile(file).load('BAY rcb'), '0b');
    assert.equal(await new ResumeFile(file).load('BAY other'), '01');
  });

  it('a file that is broken means a full replay and an error, and is written anew', async () => {
    const file = path.join(folder, 'points.json');
    for (const text of ['{', '[]', 'null', '{"entries":{"BAY rcb":"not hex","x":5}}']) {
      writeFileSync(file, text);
      const errors: Error[] = [];
      const store = new ResumeFile(file, (error) => errors.push(error));
      assert.equal(await store.load('BAY rcb'), undefined, text);
      store.save('BAY rcb', 'ff');
      await store.load('BAY rcb');
      await store.flush();
      assert.match(readFileSync(file, 'utf8'), /"BAY rcb":"ff"/);
    }
  });

  it('a folder that cannot be written is an error, and nothing more', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const errors: Error[] = [];
    const store = new ResumeFile(path.join(folder, 'file', 'points.json'), (error) => errors.push(error));
    store.save('BAY rcb', 'ff');
    await store.load('BAY rcb');
    await store.flush();
    assert.ok(errors.length > 0);
    assert.equal(await store.load('BAY rcb'), 'ff');
  });

  it('follow the consumer that is furthest behind', () => {
    const point = new ResumePoint<object>(undefined);
    const [slow, fast] = [{}, {}];
    point.add(slow);
    point.add(fast);
    const waits = new Set([slow]);
    assert.equal(point.deliver('01', waits), false);
    assert.equal(point.deliver('02', waits), false);
    assert.equal(point.acknowledge(slow, '01'), true);
    assert.equal(point.last, '01');
    assert.equal(point.acknowledge(slow, '01'), false);
    assert.equal(point.remove(slow), true);
    assert.equal(point.last, '02');
  });

  it('after a cut, what was not acknowledged is waited for again', () => {
    const point = new ResumePoint<object>('00');
    const consumer = {};
    point.add(consumer);
    const waits = new Set([consumer]);
    point.deliver('01', waits);
    point.restart();
    assert.equal(point.acknowledge(consumer, '01'), false);
    assert.equal(point.last, '00');
    assert.ok(point.isRepeat('01'));
    point.deliver('01', waits);
    assert.equal(point.acknowledge(consumer, '01'), true);
  });
});
