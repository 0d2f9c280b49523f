/** The broker mosquitto and its subscriber see what our MQTT publisher sends, and its will when it is killed. */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import path from 'node:path';
import { needPeer, ROOT, spawnPeer, stopProcess } from './peers/index.js';
import { startBroker, Subscriber, type Broker } from './peers/mosquitto.js';
import { POSITION, ROOT_TOPIC } from './peers/mqtt-gateway.js';

const TSX = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cjs', 'index.cjs');
const TAG = `${ROOT_TOPIC}/PEER/CTRL.XCBR1.Pos`;

for (const [name, version] of [
  ['3.1.1', 4],
  ['5.0', 5],
] as const) {
  describe(`Our MQTT publisher and mosquitto, MQTT ${name}`, function () {
    this.timeout(60_000);
    let broker: Broker;
    let subscriber: Subscriber;
    let gateway: ChildProcessWithoutNullStreams;

    before(async function () {
      needPeer(this, 'mosquitto');
      broker = await startBroker();
      subscriber = new Subscriber(broker.port, `${ROOT_TOPIC}/#`);
      const script = path.join(__dirname, 'peers', 'mqtt-gateway.ts');
      gateway = spawnPeer(process.execPath, ['--require', TSX, script, String(broker.port), String(version)]);
    });
    after(async () => {
      if (gateway) {
        gateway.kill('SIGKILL');
        await stopProcess(gateway);
      }
      await subscriber?.stop();
      await broker?.stop();
    });

    it('announces itself', async () => {
      assert.equal(await subscriber.first(`${ROOT_TOPIC}/status`), 'online');
    });

    it('publishes value, quality, status and the whole state', async () => {
      assert.equal(await subscriber.first(`${TAG}/value`), 'Closed');
      assert.equal(await subscriber.first(`${TAG}/quality`), POSITION.quality?.text);
      assert.equal(await subscriber.first(`${TAG}/status`), 'live');
      assert.deepEqual(JSON.parse(await subscriber.first(`${TAG}/state`)), POSITION);
    });

    it('retains them for who comes later', async () => {
      const late = new Subscriber(broker.port, `${TAG}/value`);
      assert.equal(await late.first(`${TAG}/value`, (message) => message.retain === 1), 'Closed');
      await late.stop();
    });

    it('is offline by its will when it is killed', async () => {
      gateway.kill('SIGKILL');
      assert.equal(
        await subscriber.first(`${ROOT_TOPIC}/status`, (message) => message.payload === 'offline'),
        'offline',
      );
    });
  });
}
