import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readArguments, type SimArguments } from '../../src/cli/arguments.js';
import { errorText, Simulator } from '../../src/cli/simulator.js';
import type { ServiceRequest } from '../../src/mms/services.js';
import { Controls, IedClient, IedSession } from '../../src/index.js';
import { own, Pki } from '../security/pki.js';
import { nameOf } from '../server/loopback.js';
import { TcpClient } from '../server/tcp-client.js';
import { freePort } from '../support/free-port.js';

const BAY = path.resolve(__dirname, '../../examples/scl/bay.cid');

/** An SCD with `names` as IEDs, each with one logical device, and one that is a client only. */
function station(...names: string[]): string {
  const ied = (name: string, content: string): string =>
    `<IED name="${name}"><AccessPoint name="P1">${content}</AccessPoint></IED>`;
  const server =
    '<Server><Authentication/><LDevice inst="LD"><LN0 lnClass="LLN0" inst="" lnType="zero"/></LDevice></Server>';
  return `<?xml version="1.0"?><SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
<Header id="x"/>${names.map((name) => ied(name, server)).join('')}${ied('HMI', '<LN lnClass="IHMI" inst="1" lnType="zero"/>')}
<DataTypeTemplates><LNodeType id="zero" lnClass="LLN0"><DO name="NamPlt" type="plate"/></LNodeType>
<DOType id="plate" cdc="LPL"><DA name="vendor" fc="DC" bType="VisString255"/></DOType></DataTypeTemplates></SCL>`;
}

describe('simulated devices', () => {
  let folder: string;
  const lines: string[] = [];
  const warnings: string[] = [];
  const running: Simulator[] = [];
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'sim-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    lines.length = 0;
    warnings.length = 0;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((simulator) => simulator.close()));
  });

  const start = async (...args: string[]): Promise<Simulator> => {
    const simulator = await Simulator.start(readArguments(args) as SimArguments, {
      print: (line) => lines.push(line),
      warn: (line) => warnings.push(line),
    });
    running.push(simulator);
    return simulator;
  };
  const file = (name: string, content: string): string => {
    const place = path.join(folder, name);
    writeFileSync(place, content);
    return place;
  };
  const client = async (port: number, password?: string): Promise<IedClient> => {
    const made = new IedClient({ host: '127.0.0.1', port, timeout: 5000, ...(password !== undefined && { password }) });
    await made.connect();
    return made;
  };
  const failure = async (...args: string[]): Promise<string> => {
    try {
      await start(...args);
    } catch (error) {
      return errorText(error);
    }
    return assert.fail('it started');
  };

  it('each IED of a station has a port of its own, one after the other', async () => {
    const scd = file('station.scd', station('A', 'B', 'C'));
    const { ieds } = await start(scd, '--port', '0');
    assert.deepEqual(
      ieds.map(({ name }) => name),
      ['A', 'B', 'C'],
    );
    assert.equal(new Set(ieds.map(({ port }) => port)).size, 3);
    assert.equal(lines.filter((line) => /^[ABC] listens on 127\.0\.0\.1:\d+/.test(line)).length, 3);
    const port = await freePort();
    const chosen = await start(scd, '--port', String(port), '--ied', 'C', '--ied', 'C');
    assert.deepEqual(
      chosen.ieds.map(({ name, port: at }) => [name, at]),
      [['C', port]],
    );
  });

  it('is operated, and prints each command and its end', async () => {
    const { ieds } = await start(BAY, '--port', '0', '--interval', '0');
    const { port, server } = ieds[0] as (typeof ieds)[0];
    const one = await client(port);
    const ended = new Promise<void>((resolve) => {
      server.on('controlled', ({ kind, result }) => {
        if (kind === 'operate' && result === 'done') resolve();
      });
    });
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], timeout: 5000 });
    const online = new Promise<void>((resolve) => {
      session.on('state', ({ state }) => {
        if (state === 'online') resolve();
      });
    });
    session.start();
    await online;
    const outcome = await Controls.of(session).command({
      reference: 'BAY1CTRL/CSWI1.Pos',
      value: 'open',
      feedback: { timeout: 3000 },
    });
    assert.equal(outcome.outcome, 'done', JSON.stringify(outcome.error));
    await ended;
    assert.ok(
      lines.some((line) => /control select BAY1CTRL\/CSWI1\.Pos = false$/.test(line)),
      lines.join('\n'),
    );
    assert.ok(lines.some((line) => /control operate BAY1CTRL\/CSWI1\.Pos = false$/.test(line)));
    assert.ok(lines.some((line) => /control operate done BAY1CTRL\/CSWI1\.Pos/.test(line)));
    await session.close();
    await one.close();
  });

  it('is read-only when it is told so, and silent when it is told so', async () => {
    const { ieds } = await start(BAY, '--port', '0', '--read-only', '--quiet');
    const { port, server } = ieds[0] as (typeof ieds)[0];
    const one = await client(port);
    await assert.rejects(one.write('BAY1CTRL/GGIO1.Ind1.d[DC]', 'gate'), { code: 'IEC61850_ACCESS_DENIED' });
    assert.equal(server.read('BAY1CTRL/GGIO1.SPCSO1[ST]').value, false);
    await one.close();
    assert.equal(lines.length, 1);
  });

  it('asks for the password of a file', async () => {
    const { ieds } = await start(BAY, '--port', '0', '--password-file', file('secret', 'opensesame\nmore\n'));
    const { port } = ieds[0] as (typeof ieds)[0];
    await assert.rejects(client(port));
    await (await client(port, 'opensesame')).close();
    assert.ok(
      lines.some((line) => / connect refused: /.test(line)),
      lines.join('\n'),
    );
  });

  it('takes secured connections alone when it has certificates', async () => {
    const pki = new Pki();
    const server = own(pki.server);
    const { ieds } = await start(
      ...[BAY, '--port', '0', '--tls-ca', file('ca.pem', pki.ca.cert)],
      ...['--tls-cert', file('server.pem', server.cert), '--tls-key', file('server.key', server.key)],
    );
    const { port } = ieds[0] as (typeof ieds)[0];
    const tls = { ...own(pki.client), ca: pki.ca.cert };
    const secured = new IedClient({ host: '127.0.0.1', port, timeout: 5000, tls });
    await secured.connect();
    const [value] = await secured.read(['BAY1CTRL/XCBR1.Pos[ST]']);
    assert.equal(value?.text, 'Closed');
    await secured.close();
    await assert.rejects(client(port));
  });

  it('has a disturbance record at the start, and one for each trip', async () => {
    const files = path.join(folder, 'files');
    // Everything that can happen does, at each step.
    const simulator = await Simulator.start(
      readArguments([BAY, '--port', '0', '--interval', '200', '--files', files, '--records']) as SimArguments,
      { print: (line) => lines.push(line), warn: (line) => warnings.push(line) },
      () => 0,
    );
    running.push(simulator);
    const one = await client(simulator.ieds[0]?.port ?? 0);
    try {
      const names = async (): Promise<string[]> =>
        (await one.files.directory('COMTRADE')).map(({ path: name }) => name);
      assert.ok((await names()).includes('COMTRADE/rec1.cfg'));
      while (!(await names()).includes('COMTRADE/rec2.cfg')) await setImmediate();
      const { cfg, dat } = Object.fromEntries(
        (await one.files.getRecord('COMTRADE/rec2')).map(({ path: name, data }) => [path.extname(name).slice(1), data]),
      );
      assert.match(cfg?.toString('latin1') ?? '', /^Simulated station,BAY1,2013\r\n8,6A,2D\r\n/);
      assert.equal(dat?.length, 480 * (8 + 6 * 2 + 2));
    } finally {
      await one.close();
    }
    assert.deepEqual(warnings, []);
  });

  it('tells who takes its reports', async () => {
    const { ieds } = await start(BAY, '--port', '0');
    const { port, server } = ieds[0] as (typeof ieds)[0];
    const [block] = server.model.logicalDevices.flatMap(({ name, logicalNodes }) =>
      logicalNodes.flatMap((node) =>
        node.reportControlBlocks
          .filter(({ buffered }) => !buffered)
          .map((one) => ({
            item: `${name}/${node.name}$RP$${one.name}`,
            reference: `${name}/${node.name}.${one.name}[RP]`,
          })),
      ),
    );
    assert.ok(block);
    const one = await TcpClient.open(port);
    const enable: ServiceRequest = {
      service: 'write',
      access: { list: [{ name: nameOf(`${block.item}$RptEna`) }] },
      data: [{ type: 'boolean', value: true }],
    };
    await one.request(enable);
    assert.ok(
      lines.some((line) => line.endsWith(`takes the reports of ${block.reference}`)),
      lines.join('\n'),
    );
    const gone = once(server, 'reportDisabled');
    await one.close();
    await gone;
    assert.ok(
      lines.some((line) => line.endsWith(`takes no more of ${block.reference}`)),
      lines.join('\n'),
    );
  });

  it('a port that is taken is told, and nothing is left of the others', async () => {
    // A free port, and behind it one that somebody holds.
    const holder = createServer();
    let first: number;
    do {
      first = await freePort();
      holder.listen(first + 1, '127.0.0.1');
    } while (!(await once(holder, 'listening').catch(() => undefined)));
    try {
      const scd = file('two.scd', station('A', 'B'));
      assert.match(await failure(scd, '--port', String(first)), new RegExp(String(first + 1)));
      const again = createServer().listen(first, '127.0.0.1');
      await once(again, 'listening');
      again.close();
    } finally {
      holder.close();
    }
  });

  it('what of a file cannot be served is told, the first of many', async () => {
    const scd = station('A').replace(
      '<DO name="NamPlt" type="plate"/>',
      '<DO name="NamPlt" type="plate"/><DO name="X" type="none"/>',
    );
    await start(file('broken.scd', scd), '--port', '0');
    assert.equal(lines.length, 1);
  });

  for (const [what, args, message] of [
    ['a file that is no SCL', ['package.json'], /not well-formed XML/],
    ['an IED that is not in it', [BAY, '--ied', 'BAY9'], /no IED BAY9.*BAY1/],
    ['an access point that is not in it', [BAY, '--access-point', 'P9'], /P9/],
    ['a certificate that is not there', [BAY, '--tls-cert', 'x', '--tls-key', 'y', '--tls-ca', 'z'], /x/],
    ['a password file that is not there', [BAY, '--password-file', '/nowhere'], /\/nowhere/],
  ] as const) {
    it(`${what} is told in words`, async () => {
      const text = await failure(...args, '--port', '0');
      assert.match(text, message);
      assert.equal(text.split('\n').length, 1);
    });
  }

  it('a file without a server is told in words', async () => {
    assert.match(await failure(file('none.scd', station()), '--port', '0'), /no IED with a server/);
  });
});
