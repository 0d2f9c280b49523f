import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MqttError } from '../../../src/errors.js';
import type { BrokerTls } from '../../../src/gateway/mqtt/broker.js';
import { MqttLink, type LinkState } from '../../../src/gateway/mqtt/mqtt-link.js';
import { Outbox } from '../../../src/gateway/mqtt/outbox.js';
import { BrokerFixture } from './broker-fixture.js';

describe('MQTT over TLS', () => {
  const pem = (name: string): string => readFileSync(path.join(__dirname, 'tls', `test-only-${name}.pem`), 'utf8');
  const cert = pem('cert');
  let broker: BrokerFixture;
  let link: MqttLink;

  beforeEach(async () => {
    broker = await new BrokerFixture({ cert, key: pem('key') }).start();
  });
  afterEach(async () => {
    await link.close();
    await broker.stop();
  });

  /** The first thing that a link over TLS tells. */
  const outcome = async (
    tls: BrokerTls,
    host = 'localhost',
  ): Promise<{ state: LinkState; error?: MqttError | undefined }> => {
    const settings = broker.settings({ url: `mqtts://${host}:${broker.port}`, tls });
    link = new MqttLink({ settings, root: 'plant', qos: 1, delays: [10_000] });
    const told = new Promise<{ state: LinkState; error?: MqttError | undefined }>((resolve) => {
      link.join(new Outbox({ capacity: 10 }), {
        changed: (state, error) => resolve({ state, error }),
        trouble: () => undefined,
      });
    });
    link.start();
    return told;
  };

  it('connects to a broker whose certificate it can verify', async () => {
    assert.equal((await outcome({ verify: true, ca: cert })).state, 'online');
  });

  it('does not connect to one whose certificate it cannot verify, and says what to load', async () => {
    const { state, error } = await outcome({ verify: true });
    assert.equal(state, 'away');
    assert.equal(error?.code, 'IEC61850_MQTT_TLS');
    assert.match(error.hint, /self-signed/);
  });

  it('says so when the certificate is for another name', async () => {
    const { error } = await outcome({ verify: true, ca: cert, servername: 'broker.example' });
    assert.match(error?.hint ?? '', /another name/);
  });

  it('connects without verification only where that is the setting', async () => {
    assert.equal((await outcome({ verify: false })).state, 'online');
  });

  it('says that a plain connection to a TLS port was cut', async () => {
    link = new MqttLink({
      settings: broker.settings({ url: `mqtt://127.0.0.1:${broker.port}` }),
      root: 'plant',
      qos: 1,
      delays: [10_000],
    });
    const failed = new Promise<MqttError | undefined>((resolve) => {
      link.join(new Outbox({ capacity: 10 }), { changed: (_state, error) => resolve(error), trouble: () => undefined });
    });
    link.start();
    const error = await failed;
    assert.equal(error?.failure, 'CLOSED');
    assert.match(error.hint, /TLS/);
  });
});
