'use strict';
/*
 * Makes examples/recordings/goose-positions.pcap: half a minute of the example bay's GOOSE, in which its circuit breaker
 * opens and closes again: node scripts/goose-capture.js
 */
const fs = require('node:fs');
const path = require('node:path');
const { encodePcap } = require('./lib/pcap');
const { ROOT } = require('./lib/project');
require('tsx/cjs');
const { encodeFrame } = require('../src/ethernet/frame.ts');
const { GoosePublisher } = require('../src/goose/publisher.ts');

const BEGIN_S = 1_790_000_000;
const SECONDS = 30;
/** Changes of the circuit breaker: ms from the beginning, and Dbpos. */
const CHANGES = [
  [0, '10'],
  [8000, '00'],
  [8045, '01'],
  [20_000, '00'],
  [20_060, '10'],
];
const GOOD = { type: 'bit-string', bits: '0000000000000' };

const publisher = new GoosePublisher({
  appId: 1,
  gocbRef: 'BAY1CTRL/LLN0$GO$gcbPositions',
  datSet: 'BAY1CTRL/LLN0$dsGoose',
  goId: 'BAY1CTRL/LLN0$GO$gcbPositions',
  confRev: 1,
  minTime: 4,
  maxTime: 1000,
});

function timeAt(ms) {
  return {
    seconds: BEGIN_S + Math.floor(ms / 1000),
    fraction: Math.ceil(((ms % 1000) * 0x1000000) / 1000),
    quality: 10,
  };
}

/** Position, quality and time of the breaker and of both disconnectors. */
function values(position, changed) {
  const of = (bits, ms) => [{ type: 'bit-string', bits }, GOOD, { type: 'utc-time', ...timeAt(ms) }];
  return [...of(position, changed), ...of('10', 0), ...of('10', 0)];
}

const frames = [];

function write(payload, ms) {
  const octets = encodeFrame({
    destination: '01-0C-CD-01-00-01',
    source: '02-61-85-00-00-01',
    vlan: { priority: 4, id: 0 },
    etherType: 0x88b8,
    payload,
  });
  frames.push({ seconds: BEGIN_S + Math.floor(ms / 1000), microseconds: (ms % 1000) * 1000, octets });
}

for (let ms = 0; ms < SECONDS * 1000; ms++) {
  const change = CHANGES.find(([at]) => at === ms);
  if (change) write(publisher.publish(values(change[1], ms), timeAt(ms), ms), ms);
  const repeat = publisher.tick(ms);
  if (repeat) write(repeat, ms);
}
const target = path.join(ROOT, 'examples', 'recordings', 'goose-positions.pcap');
fs.mkdirSync(path.dirname(target), { recursive: true });
fs.writeFileSync(target, encodePcap(frames));
console.log(`${target}: ${frames.length} frames`);
