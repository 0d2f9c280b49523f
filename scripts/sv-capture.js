'use strict';
/*
 * Makes examples/recordings/sv-9-2le.pcap: one second of a merging unit by 9-2LE at 50 Hz, 80 samples a period:
 * node scripts/sv-capture.js
 */
const fs = require('node:fs');
const path = require('node:path');
const { encodePcap } = require('./lib/pcap');
const { ROOT } = require('./lib/project');
require('tsx/cjs');
const { encodeFrame } = require('../src/ethernet/frame.ts');
const { encodeApplicationFrame } = require('../src/mms/application-header.ts');
const { encodeSvPdu } = require('../src/sv/sv-pdu.ts');

const BEGIN_S = 1_790_000_000;
const RATE = 4000;
const SAMPLES = RATE;
/** RMS in A and V, angle in degrees. */
const CHANNELS = [
  [412, -28],
  [409, -148.5],
  [415, 92],
  [0, 0],
  [63_500, 0],
  [63_420, -120],
  [63_560, 120],
  [0, 0],
];

function samplesAt(count) {
  const octets = Buffer.alloc(64);
  const values = CHANNELS.map(([rms, angle], i) => {
    const at = 2 * Math.PI * 50 * (count / RATE) + (angle * Math.PI) / 180;
    // A little of the fifth harmonic in the currents.
    const wave = Math.cos(at) + (i < 4 ? 0.02 * Math.cos(5 * at) : 0);
    return rms * Math.SQRT2 * wave;
  });
  // Neutral: the sum of the phases, which 9-2LE calls derived.
  values[3] = values[0] + values[1] + values[2];
  values[7] = values[4] + values[5] + values[6];
  values.forEach((value, i) => {
    octets.writeInt32BE(Math.round(value / (i < 4 ? 0.001 : 0.01)), i * 8);
    octets.writeUInt32BE(i % 4 === 3 ? 0x2000 : 0, i * 8 + 4);
  });
  return octets;
}

const frames = [];
for (let count = 0; count < SAMPLES; count++) {
  const samples = samplesAt(count);
  const asdu = { svId: 'MU01', smpCnt: count, confRev: 1, smpSynch: 2, countAt: 0, start: 0, end: samples.length };
  const octets = encodeFrame({
    destination: '01-0C-CD-04-00-01',
    source: '02-61-85-00-00-02',
    vlan: { priority: 4, id: 0 },
    etherType: 0x88ba,
    payload: encodeApplicationFrame(0x4000, false, encodeSvPdu([asdu], samples)),
  });
  frames.push({ seconds: BEGIN_S, microseconds: (count * 1_000_000) / RATE, octets });
}
const target = path.join(ROOT, 'examples', 'recordings', 'sv-9-2le.pcap');
fs.mkdirSync(path.dirname(target), { recursive: true });
fs.writeFileSync(target, encodePcap(frames));
console.log(`${target}: ${SAMPLES} frames`);
