import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { ReportHub } from '../../src/client/index.js';
import {
  DIAGNOSTIC_CHANNELS,
  diagnostics,
  onDiagnostic,
  type DiagnosticChannelName,
  type DiagnosticMessages,
} from '../../src/diagnostics.js';
import { ModbusTcpServer } from '../../src/gateway/modbus/modbus-tcp-server.js';
import type { ModbusService } from '../../src/gateway/modbus/service.js';
import { GooseReceiver } from '../../src/gateway/process-bus/index.js';
import { encodeGoosePdu } from '../../src/goose/goose-pdu.js';
import { encodeApplicationFrame } from '../../src/mms/application-header.js';
import { goosePdu } from '../goose/frames.js';
import { Outbox } from '../../src/gateway/mqtt/outbox.js';
import { IedClient, IedServer, IedSession } from '../../src/index.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');

/** Everything that one channel says while a test runs. */
class Heard {
  private readonly ends: (() => void)[] = [];

  on<N extends DiagnosticChannelName>(name: N): DiagnosticMessages[N][] {
    const messages: DiagnosticMessages[N][] = [];
    this.ends.push(onDiagnostic(name, (message) => messages.push(message)));
    return messages;
  }

  end(): void {
    for (const end of this.ends.splice(0)) end();
  }
}

describe('the diagnostics channels', () => {
  const heard = new Heard();
  let server: IedServer;
  let port = 0;

  beforeEach(async () => {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, host: '127.0.0.1' });
    ({ port } = await server.listen());
  });
  afterEach(async () => {
    heard.end();
    await server.close();
  });

  it('nobody listens when nobody asked', () => {
    for (const one of Object.values(diagnostics)) assert.equal(one.watched, false);
    const end = onDiagnostic('iec61850:request', () => undefined);
    assert.equal(diagnostics.request.watched, true);
    end();
    assert.equal(diagnostics.request.watched, false);
  });

  it('each listed channel is one that something publishes on', () => {
    assert.equal(DIAGNOSTIC_CHANNELS.length, Object.keys(diagnostics).length);
    for (const name of DIAGNOSTIC_CHANNELS) {
      const listener = (): void => undefined;
      subscribe(name, listener);
      assert.equal(Object.values(diagnostics).filter(({ watched }) => watched).length, 1, name);
      unsubscribe(name, listener);
    }
  });

  it('a session tells its states, and the association what was agreed, without the password', async () => {
    const states = heard.on('iec61850:session:state');
    const opened = heard.on('iec61850:association:open');
    const closed = heard.on('iec61850:association:close');
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], password: 'secret-word' });
    session.start();
    while (session.state !== 'online') await once(session, 'state');
    assert.equal(session.details, opened[0]);
    await session.close();
    assert.deepEqual(
      states.map(({ ied, state }) => `${ied} ${state}`),
      ['BAY1 connecting', 'BAY1 online', 'BAY1 idle'],
    );
    assert.deepEqual([states[0]?.host, states[0]?.port], ['127.0.0.1', port]);
    const [agreed] = opened;
    assert.ok(agreed && agreed.maxPduSize > 0 && agreed.maxOutstanding > 0 && agreed.duration >= 0);
    assert.deepEqual(agreed.selectors.remote, { tSelector: '0001', sSelector: '0001', pSelector: '00000001' });
    assert.deepEqual([agreed.authentication, agreed.profile, agreed.tls], ['password', 'named', undefined]);
    assert.equal(closed.length, 1);
    assert.ok((closed[0]?.octetsSent ?? 0) > 0 && closed[0]?.error === undefined);
    assert.ok(!JSON.stringify([states, opened, closed]).includes('secret-word'));
  });

  it('a request tells its service, how long it took and how it ended', async () => {
    const requests = heard.on('iec61850:request');
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' });
    await client.connect();
    await client.identify();
    await client.read(['BAY1CTRL/XCBR1.Pos[ST]']);
    await assert.rejects(client.dataSets.directory('BAY1CTRL/LLN0.NoSuchSet'));
    await client.close();
    const services = requests.map(({ service }) => service);
    assert.ok(services.includes('identify') && services.includes('read'), services.join(', '));
    for (const { ied, duration } of requests) assert.ok(ied === 'BAY1' && duration >= 0);
    const failed = requests.find(({ outcome }) => outcome === 'error');
    assert.equal(failed?.service, 'getNamedVariableListAttributes');
    assert.match(failed?.error?.code ?? '', /^IEC61850_/);
  });

  it('a report tells its control block and how many values it brought', async () => {
    const reports = heard.on('iec61850:report');
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }] });
    session.start();
    const [block] = (await firstOnline(session).then(() => session.listReports())).controlBlocks;
    assert.ok(block);
    const lease = ReportHub.of(session).subscribe({ reference: block.reference });
    await once(lease.consumer, 'report');
    await lease.release();
    await session.close();
    assert.equal(reports[0]?.controlBlock, block.reference);
    assert.ok((reports[0]?.values ?? 0) > 0);
  });

  it('a lost connection is an error with its code', async () => {
    const closed = heard.on('iec61850:association:close');
    let lost = (): void => undefined;
    const gone = new Promise<void>((resolve) => (lost = resolve));
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' }, () => lost());
    await client.connect();
    await server.close();
    await gone;
    assert.equal(closed.length, 1);
    assert.match(closed[0]?.error?.code ?? '', /^IEC61850_/);
  });

  it('a server tells who comes and goes, and what is refused', async () => {
    const clients = heard.on('iec61850:server:client');
    const access = heard.on('iec61850:server:access');
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' });
    await client.connect();
    await assert.rejects(client.write('BAY1CTRL/XCBR1.Pos.ctlModel[CF]', 1));
    await client.close();
    await server.close();
    assert.deepEqual(
      clients.map(({ ied, event }) => `${ied} ${event}`),
      ['BAY1 associated', 'BAY1 left'],
    );
    assert.deepEqual([access[0]?.action, access[0]?.result], ['write', 'refused']);
  });

  it('a Modbus server tells its masters and their requests', async () => {
    const masters = heard.on('iec61850:modbus:client');
    const requests = heard.on('iec61850:modbus:request');
    const service: ModbusService = {
      writable: false,
      check: () => 2,
      read: () => new Uint16Array(1),
      write: () => 1,
    };
    const modbus = new ModbusTcpServer(service, {
      host: '127.0.0.1',
      port: 0,
      maxConnections: 1,
      idleMs: 60_000,
      owner: 'map',
    });
    const master = connect(await modbus.listen(), '127.0.0.1');
    await once(master, 'connect');
    master.write(Buffer.from('000100000006010300050002', 'hex'));
    await once(master, 'data');
    master.destroy();
    while (modbus.clientCount > 0) await once(modbus, 'clients');
    await modbus.close();
    assert.deepEqual(
      masters.map(({ server: name, event }) => `${name} ${event}`),
      ['map connected', 'map left'],
    );
    const [{ client: _client, ...asked } = { client: '' }] = requests;
    assert.deepEqual(asked, { unit: 1, functionCode: 3, address: 5, quantity: 2, exception: 2 });
  });

  it('a subscription to GOOSE tells its states', () => {
    const states = heard.on('iec61850:process-bus:state');
    const gocbRef = 'BAY1CTRL/LLN0$GO$gcbTrip';
    const receiver = new GooseReceiver({ subscriptions: [{ ied: 'BAY1', appId: 1, expected: { gocbRef } }] });
    const payload = encodeApplicationFrame(1, false, encodeGoosePdu(goosePdu()));
    receiver.receive({ source: '00-11-22-33-44-01', destination: '01-0C-CD-01-00-01', payload }, 0);
    receiver.close();
    assert.deepEqual(states, [{ kind: 'goose', subscription: gocbRef, state: 'live' }]);
  });

  it('an MQTT queue tells what left and what was dropped', () => {
    const published = heard.on('iec61850:mqtt:published');
    const dropped = heard.on('iec61850:mqtt:dropped');
    const outbox = new Outbox({ capacity: 2 });
    for (const topic of ['a', 'b', 'c']) outbox.push({ topic, payload: '12', qos: 1, retain: false });
    const sent = outbox.take();
    assert.ok(sent);
    outbox.settle(sent);
    assert.deepEqual(published, [{ topic: 'b', qos: 1, retain: false, size: 2 }]);
    assert.deepEqual(dropped, [{ topic: 'a', reason: 'full' }]);
  });
});

async function firstOnline(session: IedSession): Promise<void> {
  while (session.state !== 'online') await once(session, 'state');
}
