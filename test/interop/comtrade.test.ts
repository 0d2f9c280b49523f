/** COMTRADE records of sampled values, read by somebody else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMTRADE_FORMATS, encodeComtrade } from '../../src/comtrade/index.js';
import { comtradeOf, recordName } from '../../src/gateway/process-bus/index.js';
import { lightEditionLayout } from '../../src/sv/channels.js';
import type { SvWaveform } from '../../src/sv/waveform-recorder.js';
import { grid, Told } from '../sv/streams.js';
import { needPeer, PYTHON } from './peers/index.js';

interface Read {
  station: string;
  device: string;
  revision: string;
  format: string;
  frequency: number;
  samples: number;
  rates: [rate: number, last: number][];
  start: string;
  trigger: string;
  time: number[];
  analogs: { name: string; phase: string; unit: string; values: (number | null)[] }[];
  statuses: { name: string; values: number[] }[];
}

/** Greatest error of a value, as a share of the largest one of its channel. */
const EXACTNESS = { ASCII: 1 / 99_998 / 2, BINARY: 1 / 32_767 / 2, BINARY32: 1e-7, FLOAT32: 1e-7 };

function recordedWaveform(): SvWaveform {
  const layout = lightEditionLayout();
  const told = new Told({
    layout,
    rate: 4000,
    nominal: 50,
    interval: 200,
    waveform: { before: 50, after: 100, holdOff: 0 },
  });
  const source = { ...grid(layout, 50), quality: (i: number, at: number) => (i === 2 && at > 0.12 ? 1 : 0) };
  told.run(source, 4000, 0.1);
  told.stream.trigger();
  told.run(source, 4000, 0.2, { keep: (smpCnt) => smpCnt !== 450 && smpCnt !== 451 });
  const [waveform] = told.waveforms;
  assert.ok(waveform);
  return waveform;
}

describe('COMTRADE, read by the package comtrade of PyPI', function () {
  this.timeout(60_000);
  let folder = '';
  before(function () {
    needPeer(this, 'comtrade');
    folder = mkdtempSync(path.join(tmpdir(), 'comtrade-'));
  });
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  for (const format of COMTRADE_FORMATS) {
    it(`${format}: every sample, state and time is what was recorded`, () => {
      const waveform = recordedWaveform();
      const { cfg, dat } = encodeComtrade(comtradeOf(waveform, 'Bay 1'), format);
      const file = path.join(folder, `${recordName(waveform)}_${format}`);
      writeFileSync(`${file}.cfg`, cfg);
      writeFileSync(`${file}.dat`, Buffer.concat([...dat]));
      const { stdout, stderr, status } = spawnSync(
        PYTHON,
        [path.join(__dirname, 'peers', 'comtrade_reader.py'), `${file}.cfg`, `${file}.dat`],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
      const read = JSON.parse(stdout) as Read;
      assert.deepEqual(
        [read.station, read.device, read.revision, read.format, read.frequency, read.samples],
        ['Bay 1', 'MU01', '2013', format, 50, waveform.samples],
      );
      assert.deepEqual(read.rates, [[4000, 600]]);
      assert.deepEqual([read.start, read.trigger], ['2026-11-20T12:00:00.050000', '2026-11-20T12:00:00.100000']);
      read.time.forEach((seconds, i) => assert.ok(Math.abs(seconds - i / 4000) < 1e-6));
      for (const [i, { name, phase, unit, values }] of read.analogs.entries()) {
        const recorded = waveform.channels[i];
        assert.ok(recorded);
        assert.deepEqual(
          [name, phase, unit],
          [recorded.channel.name, name.slice(1).toUpperCase(), recorded.channel.unit],
        );
        const largest = Math.max(...recorded.values.map((value) => Math.abs(value) || 0));
        values.forEach((value, k) => {
          const expected = recorded.values[k] as number;
          if (Number.isNaN(expected)) assert.equal(value, null, `${name} ${k} is missing`);
          else assert.ok(Math.abs((value as number) - expected) <= EXACTNESS[format] * largest * 1.001, `${name} ${k}`);
        });
      }
      assert.deepEqual(
        read.analogs[0]?.values.flatMap((value, k) => (value === null ? [k] : [])),
        [250, 251],
      );
      const state = (name: string): number[] => read.statuses.find((one) => one.name === name)?.values ?? [];
      assert.equal(
        state('Ic not good').findIndex((value) => value === 1),
        250,
        'missing, and then questionable',
      );
      assert.equal(state('Ic not good').at(-1), 1);
      assert.deepEqual(new Set(state('smpSynch global').filter((_, k) => k !== 250 && k !== 251)), new Set([1]));
    });
  }
});
