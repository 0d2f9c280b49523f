/**
 * Mutated GOOSE frames through everything that a frame passes: 100,000 here, `GOOSE_FRAMES=1000000` for the figure in
 * docs/process-bus.md. Nothing throws, each frame is counted once, and nothing grows.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Iec61850Error } from '../../src/errors.js';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { decodeFrame, type EthernetFrame } from '../../src/ethernet/frame.js';
import { gooseBlock, GooseReceiver, expectationOf, pointsOf } from '../../src/gateway/process-bus/index.js';
import { MAX_GOOSE_STREAMS } from '../../src/limits.js';
import { EtherType } from '../../src/mms/application-header.js';
import { loadScl } from '../../src/scl/index.js';
import { generator, mutated } from '../support/mutate.js';

const CORPUS = path.join(__dirname, '../../../shared/corpus/pcap');
const RECORDING = path.join(__dirname, '../../examples/recordings/goose-positions.pcap');
const BAY = path.join(__dirname, '../../examples/scl/bay.cid');
const FRAMES = Number(process.env.GOOSE_FRAMES ?? 100_000);
/** After so many frames all that may be kept is kept. */
const WARM = FRAMES / 4;
const MAX_GROWTH = 16 << 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function isGoose(octets: Buffer): boolean {
  try {
    return decodeFrame(octets).etherType === EtherType.goose;
  } catch (error) {
    if (error instanceof Iec61850Error) return false;
    throw error;
  }
}

/** What a link does with octets; undefined when they are no frame. */
function frameOf(octets: Buffer): EthernetFrame | undefined {
  try {
    return decodeFrame(octets);
  } catch (error) {
    assert.ok(error instanceof Iec61850Error, String(error));
    return undefined;
  }
}

describe('mutated GOOSE frames', function () {
  this.timeout(600_000);

  it(`${FRAMES} of them neither throw nor grow anything`, async () => {
    const files = [
      RECORDING,
      ...(existsSync(CORPUS) ? readdirSync(CORPUS).map((name) => path.join(CORPUS, name)) : []),
    ].filter((file) => file.endsWith('.pcap'));
    const originals = files
      .flatMap((file) => [...readCapture(readFileSync(file))].map(({ octets }) => Buffer.from(octets)))
      .filter(isGoose);
    assert.ok(originals.length > 100);
    const { model } = { model: (await loadScl(BAY, { path: true })).model('BAY1') };
    const block = gooseBlock(model, 'BAY1CTRL/LLN0.gcbPositions');
    const subscription = { ied: 'BAY1', expected: expectationOf(block), points: pointsOf(model, block) };
    const receivers = [
      new GooseReceiver({ subscriptions: [subscription] }),
      new GooseReceiver({ subscriptions: [subscription], listen: true, everyFrame: true, simulation: true }),
    ];
    let values = 0;
    for (const receiver of receivers) {
      receiver.on('values', () => values++);
      receiver.on('error', (error) => assert.match(error.message, /other types/));
    }
    const random = generator(61850);
    let given = 0;
    let warm = 0;
    try {
      for (let i = 0; i < FRAMES; i++) {
        const frame = frameOf(mutated(originals[random(originals.length)] as Buffer, random));
        if (frame) {
          given++;
          for (const receiver of receivers) receiver.receive(frame, i);
        }
        if (i === WARM) warm = heapUsed();
      }
      const growth = heapUsed() - warm;
      assert.ok(given > FRAMES / 2 && values > 0);
      for (const receiver of receivers) {
        const heard = receiver.states.reduce((sum, { statistics }) => sum + statistics.frames, 0);
        const { malformed, foreign } = receiver.counts;
        assert.ok(heard + malformed + foreign >= given, 'each frame is counted');
        assert.ok(receiver.states.length <= MAX_GOOSE_STREAMS);
      }
      assert.ok(growth < MAX_GROWTH, `${growth} octets more after ${FRAMES} frames than after ${WARM}`);
      console.log(
        `      ${given} frames, ${values} with values, ${(growth / 1024).toFixed(0)} KiB more than after a quarter`,
      );
    } finally {
      for (const receiver of receivers) receiver.close();
    }
  });
});
