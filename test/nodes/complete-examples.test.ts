/** The complete example flows, as a person imports them and unedited, against the simulated bay of the demo. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import { freePort } from '../support/free-port.js';
import { freePorts, mqttValues, withModbus } from '../start/programs.js';
import { demoBay, imported, loadFlow, types } from './support/demo-bay.js';
import { message, node, startRed, stopRed, userDirectory, type Caught } from './support/red.js';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script of this project in plain JavaScript
const { startBroker } = require('../../scripts/demo/broker.js') as Broker;

const TYPES = types(
  ['iec61850-read', 'iec61850-report', 'iec61850-control', 'scl-import', 'mqtt-map-out', 'modbus-map-out'],
  ['common/25-catch', 'function/89-delay', 'function/15-change', 'storage/10-file', 'network/10-mqtt'],
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

  /**
   * Imports an example beside the bay; what the dashboard would show comes to helper nodes.
   * @param ports that take the place of those in the example
   */
  async function load(name: string, ports: Record<string, number> = {}): Promise<void> {
    const bay = await demoBay();
    const flow = imported(name, bay.port)
      .filter(({ type }) => !/^ui-(base|theme|page|group)$/.test(type as string))
      .map((one) => (/^ui-/.test(one.type as string) ? { ...one, type: 'helper' } : one))
      .map((one) => {
        const port = ports[one.port as string];
        return port === undefined ? one : { ...one, port: String(port) };
      });
    await loadFlow(TYPES, [...bay.flow, ...flow]);
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

  it('scl-to-modbus: saved addresses, and those that are given as points come', async () => {
    const [saved, given] = (await freePorts(2)) as [number, number];
    await load('scl-to-modbus', { 1503: saved, 1504: given });
    for (const port of [saved, given]) {
      const position = await until(() =>
        withModbus(port, async (client) => (await client.readInputRegisters(0, 1)).data[0]),
      );
      assert.ok([0, 1, 2].includes(position), `position ${position}`);
    }
    const { buffer } = await withModbus(saved, (client) => client.readHoldingRegisters(2, 2));
    const kilovolts = buffer.readFloatBE(0);
    assert.ok(kilovolts > 60 && kilovolts < 67, `${kilovolts} kV in phase L2`);
  });

  describe('with a broker', () => {
    let broker: { stop(): Promise<void> };
    let port: number;

    beforeEach(async () => {
      port = await freePort();
      broker = await startBroker(port, '127.0.0.1');
    });
    afterEach(() => broker.stop());

    it('ied-to-mqtt: who comes late gets the whole tree, and sees it as one', async () => {
      await load('ied-to-mqtt', { 1883: port });
      const base = 'substation/BAY1';
      await mqttValues(port, 'substation/#', {
        'substation/status': /^online$/,
        [`${base}/CTRL.XCBR1.Pos/value`]: /^(Closed|Open|Intermediate)$/,
        [`${base}/MEAS.MMXU1.TotW/state`]: /"quality":\{"validity":"good"/,
      });
      interface Tree {
        substation?: { status?: string; BAY1?: Record<string, { quality?: string }> };
      }
      const whole = ({ substation }: Tree): boolean => substation?.BAY1?.['MEAS.MMXU1.TotW']?.quality === 'good';
      for (;;) {
        const tree = message('ied-mqtt-seen');
        node('ied-mqtt-show').receive({});
        if (whole(payloadOf<Tree>(await tree))) break;
        await delay(50);
      }
    });

    it('many-edges: the centre knows each edge, its IEDs and what is current', async () => {
      await load('many-edges', { 1883: port });
      interface Edge {
        edge: string;
        status: string;
        ieds: string[];
        points: number;
        live: number;
      }
      const complete = ({ status, points, live }: Edge): boolean =>
        status === 'online' && points > 20 && live === points;
      for (;;) {
        const table = message('edges-table');
        node('edges-each').receive({});
        const [edge] = payloadOf<Edge[]>(await table);
        if (edge && complete(edge)) {
          // Made in the sandbox of a function node, whose arrays are others.
          assert.equal(JSON.stringify([edge.edge, edge.ieds]), '["edge1",["BAY1"]]');
          break;
        }
        await delay(50);
      }
    });
  });

  /** Asks again until there is an answer; a server that starts refuses, and values come after it. */
  async function until<T>(ask: () => Promise<T>): Promise<T & {}> {
    for (;;) {
      const answer = await ask().catch(() => undefined);
      if (answer !== undefined && answer !== null) return answer;
      await delay(100);
    }
  }
});

interface Broker {
  startBroker(port: number, host: string): Promise<{ stop(): Promise<void> }>;
}
