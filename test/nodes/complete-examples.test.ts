/** The complete example flows, as a person imports them and unedited, against the simulated bay of the demo. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import { demoBay, imported, loadFlow, types } from './support/demo-bay.js';
import { message, node, startRed, stopRed, userDirectory, type Caught, type Properties } from './support/red.js';

const TYPES = types(
  ['iec61850-read', 'iec61850-report', 'iec61850-control'],
  ['common/25-catch', 'function/89-delay', 'storage/10-file'],
);

/** A point as the report and read nodes of the examples send it. */
interface Listed {
  name?: string;
  tag?: string;
  time?: string;
  quality?: string;
  active?: boolean;
}

describe('the complete example flows against the simulated bay of the demo', function () {
  this.timeout(60_000);
  beforeEach(startRed);
  afterEach(stopRed);

  /** Imports an example beside the bay; what the dashboard would show comes to helper nodes. */
  async function load(name: string): Promise<Properties[]> {
    const bay = await demoBay();
    const flow = imported(name, bay.port)
      .filter(({ type }) => !/^ui-(base|theme|page|group)$/.test(type as string))
      .map((one) => (/^ui-/.test(one.type as string) ? { ...one, type: 'helper' } : one));
    await loadFlow(TYPES, [...bay.flow, ...flow]);
    return flow;
  }
  const payloadOf = <T>(msg: NodeMessage): T => msg.payload as T;

  it('bay-overview: positions and measurements, a breaker operated when confirmed, alarms with device time and quality', async () => {
    await load('bay-overview');
    interface Shown {
      tags: Record<string, { value: unknown; status: string }>;
      command?: { level: string; text: string };
    }
    const shows = (fits: (shown: Shown) => boolean): Promise<NodeMessage> =>
      message('bay-overview-diagram', (msg) => fits(payloadOf<Shown>(msg)));
    await shows(({ tags }) => tags['CTRL.XCBR1.Pos']?.value === 2 && tags['MEAS.MMXU1.TotW']?.status === 'live');

    const waiting = shows(({ command }) => /waits for confirmation/.test(command?.text ?? ''));
    node('bay-overview-command').receive({ topic: 'QA1', payload: 'open' });
    await waiting;
    const done = shows(({ command }) => command?.level === 'done');
    const open = shows(({ tags }) => tags['CTRL.XCBR1.Pos']?.value === 1);
    node('bay-overview-command').receive({ topic: 'QA1', confirm: true });
    await Promise.all([done, open]);

    const refused = shows(({ command }) => command?.level === 'refused');
    node('bay-overview-command').receive({ topic: 'QA1', payload: 'close' });
    node('bay-overview-command').receive({ topic: 'QA1', confirm: false });
    assert.match(payloadOf<Shown>(await refused).command?.text ?? '', /confirmation was denied/);

    const alarm = message('bay-overview-alarm-list', (msg) =>
      payloadOf<Listed[]>(msg).some(({ name }) => /SF6/.test(name ?? '')),
    );
    const event = message('bay-overview-event-list', (msg) =>
      payloadOf<Listed[]>(msg).some(({ name }) => /SF6/.test(name ?? '')),
    );
    node('button-alarm').receive({});
    const [first] = payloadOf<Listed[]>(await alarm);
    assert.match(first?.time ?? '', /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    assert.equal(first?.quality, 'good');
    assert.equal(first?.active, true);
    await event;
    const acknowledged = message('bay-overview-alarm-list');
    node('bay-overview-alarms').receive({ topic: 'acknowledge', payload: 'all' });
    assert.equal(payloadOf<{ acknowledged: boolean }[]>(await acknowledged)[0].acknowledged, true);
  });

  it('comtrade-on-trip: a line fault brings its record, whole and drawn', async () => {
    await load('comtrade-on-trip');
    const ready = message('comtrade-done', (msg) => (msg as { outcome?: string }).outcome === 'done');
    const failed = message<Caught>('comtrade-errors', ({ error }) => /record/i.test(error.message)).then(
      ({ error }) => {
        throw new Error(error.message);
      },
    );
    failed.catch(() => undefined);
    const saved = message('comtrade-saved');
    const drawn = message('comtrade-picture');
    const first = path.join(userDirectory(), 'iec61850', 'bay1-files', 'COMTRADE', 'rec1.cfg');
    while (!existsSync(first)) await delay(50);
    const press = (): void => node('comtrade-press-fault').receive({});
    press();
    const again = setInterval(press, 2000);
    await ready.finally(() => clearInterval(again));
    const { cfg } = payloadOf<{ cfg: string; dat: string }>(await Promise.race([saved, failed]));
    const files = readdirSync(path.join(userDirectory(), 'records'));
    assert.deepEqual(files.map((file) => path.extname(file)).sort(), ['.cfg', '.dat']);
    assert.match(path.basename(cfg), /^BAY1_20\d{6}T\d{6}Z_rec\d+\.cfg$/);
    assert.match(readFileSync(cfg, 'latin1'), /BAY1,2013/);
    interface Drawn {
      samples: number;
      curves: { name: string; peak: number }[];
      bars: { name: string; on: number[][] }[];
    }
    const { samples, curves, bars } = payloadOf<Drawn>(await drawn);
    assert.ok(samples > 500);
    // Fault current with its direct component in the one phase, load in the others.
    const peak = (channel: string): number => curves.find(({ name }) => name === channel)?.peak ?? 0;
    assert.ok(peak('IL1') > 5000 && peak('IL2') < 400, `${peak('IL1')} A`);
    assert.ok(bars.every(({ on }) => on.length === 1));
  });
});
