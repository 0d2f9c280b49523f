/** TLS by IEC 62351-3 against foreign stacks, OpenSSL's own programs, and the dissector of tshark. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, IedServer, loadScl, type TlsOptions } from '../../src/index.js';
import { makeKey, own, Pki, type SampleCertificate } from '../security/pki.js';
import { PEER_CFG, PEER_CID } from './fixtures.js';
import { Judge } from './judge.js';
import { freePort, needPeer, startPeerServer, type Peer, type PeerTls, type StackKind } from './peers/index.js';
import { Recorder } from './recorder.js';

const KINDS: readonly StackKind[] = ['libiec61850', 'rust'];
const ENABLED = 'PEERCTRL/PTOC1.Ena.setVal';

describe('TLS with others', function () {
  this.timeout(60_000);
  const pki = new Pki();
  /** The C stack's mbedTLS and OpenSSL both take RSA. */
  const rsa = pki.issue('client', { subject: 'client rsa', key: makeKey('rsa') });
  let folder: string;
  const ends: (() => Promise<unknown>)[] = [];

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-tls-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const file = (name: string, text: string): string => {
    const full = path.join(folder, name);
    writeFileSync(full, text);
    return full;
  };
  const files = (certificate: SampleCertificate): PeerTls => {
    const name = certificate.subject.replace(/\W/g, '-');
    return {
      cert: file(`${name}.pem`, certificate.cert),
      key: file(`${name}.key`, certificate.keyPem),
      ca: file('ca.pem', pki.ca.cert),
    };
  };
  const serve = async (tls: Partial<TlsOptions> = {}): Promise<{ server: IedServer; port: number }> => {
    const scl = await loadScl(PEER_CID);
    const server = await IedServer.fromScl(scl, {
      ied: 'PEER',
      port: 0,
      writable: ['SP'],
      tls: { ...own(pki.server), ca: pki.ca.cert, ...tls },
    });
    ends.push(() => server.close());
    return { server, port: (await server.listen()).port };
  };
  const connect = async (port: number, tls: Partial<TlsOptions> = {}, timeout = 5000): Promise<IedClient> => {
    const client = new IedClient({
      host: '127.0.0.1',
      port,
      name: 'PEER',
      timeout,
      tls: { ...own(pki.client), ca: pki.ca.cert, ...tls },
    });
    ends.push(() => client.close());
    await client.connect();
    return client;
  };

  for (const kind of KINDS) {
    describe(kind, () => {
      before(function () {
        needPeer(this, kind);
      });

      const judge = async (port: number, certificate: SampleCertificate): Promise<Judge> => {
        const made = await Judge.connect(kind, { port, tls: files(certificate) });
        ends.push(() => made.stop());
        return made;
      };

      for (const [name, certificate] of [
        ['elliptic curves', pki.client],
        ['RSA', rsa],
      ] as const) {
        it(`its client reads and writes over TLS with ${name}, and is known by its certificate`, async () => {
          const { server, port } = await serve();
          const connected = once(server, 'clientConnected');
          const client = await judge(port, certificate);
          const [identity] = (await connected) as [{ certificate: { fingerprint: string } }];
          assert.equal(identity.certificate.fingerprint, certificate.fingerprint);
          assert.equal(await client.read(ENABLED, 'SP'), true);
          await client.write(ENABLED, 'SP', 'boolean', false);
          assert.equal(await client.read(ENABLED, 'SP'), false);
        });
      }

      it('its client is refused with a certificate of another CA, and the reason is told here', async () => {
        const { server, port } = await serve();
        const refused = once(server, 'clientRefused');
        await assert.rejects(judge(port, pki.wrong('client', 'of another CA')));
        assert.match(String((await refused)[1]), /neither known here nor was sent/);
      });

      it('its server is read over TLS by our client', async () => {
        const peer: Peer = await startPeerServer(kind, {
          model: kind === 'libiec61850' ? PEER_CFG : PEER_CID,
          ied: 'PEER',
          tls: files(pki.server),
        });
        ends.push(() => peer.stop());
        const client = await connect(peer.port);
        const [value] = await client.read(['PEERCTRL/XCBR1.Pos[ST]']);
        assert.equal(value?.status, 'live');
      });

      it('its server keeps the connection when keys are to be renewed', async () => {
        const peer: Peer = await startPeerServer(kind, {
          model: kind === 'libiec61850' ? PEER_CFG : PEER_CID,
          ied: 'PEER',
          tls: files(pki.server),
        });
        ends.push(() => peer.stop());
        const client = await connect(peer.port, { rekeyAfter: 100 });
        const until = Date.now() + 400;
        while (Date.now() < until) await client.read(['PEERCTRL/XCBR1.Pos[ST]']);
        assert.equal(client.connected, true);
      });

      it('its server refuses our client with a certificate of another CA, and we say so', async () => {
        const peer: Peer = await startPeerServer(kind, {
          model: kind === 'libiec61850' ? PEER_CFG : PEER_CID,
          ied: 'PEER',
          tls: files(pki.server),
        });
        ends.push(() => peer.stop());
        await assert.rejects(
          connect(peer.port, own(pki.wrong('client', 'of another CA'))),
          /refuses the certificate of this end|closed the connection/,
        );
      });

      it('its server is refused by our client with a certificate of another CA', async () => {
        const wrong = pki.wrong('server', 'of another CA');
        const peer: Peer = await startPeerServer(kind, {
          model: kind === 'libiec61850' ? PEER_CFG : PEER_CID,
          ied: 'PEER',
          tls: files(wrong),
        });
        ends.push(() => peer.stop());
        await assert.rejects(connect(peer.port), /neither known here nor was sent/);
      });
    });
  }

  describe('OpenSSL', () => {
    before(function () {
      if (spawnSync('openssl', ['version']).error) this.skip();
    });

    for (const version of ['-tls1_2', '-tls1_3']) {
      it(`s_client ${version} verifies our server and is let in`, async () => {
        const { server, port } = await serve();
        const { cert, key, ca } = files(pki.client);
        const options = ['-connect', `127.0.0.1:${port}`, version, '-cert', cert, '-key', key, '-CAfile', ca];
        const child = spawn('openssl', ['s_client', ...options, '-verify_return_error', '-verify_ip', '127.0.0.1']);
        ends.push(async () => child.kill('SIGKILL'));
        child.stdin.on('error', () => undefined);
        let said = '';
        const verified = new Promise<void>((resolve) => {
          child.stdout.on('data', (chunk: Buffer) => {
            said += chunk.toString();
            if (/Verify return code: /.test(said)) resolve();
          });
          child.on('exit', () => resolve());
        });
        await verified;
        assert.match(said, /Verify return code: 0 \(ok\)/);
        assert.equal(server.connections, 1);
      });
    }

    for (const [name, refusal] of [
      ['-tls1_1', /no TLS version in common/],
      ['-cipher=AES128-SHA', /no cipher suite in common/],
    ] as const) {
      it(`s_client ${name} is refused, with a reason`, async () => {
        const { server, port } = await serve();
        const refused = once(server, 'clientRefused');
        const [option = '', value] = name.split('=');
        const extra = value === undefined ? [option] : ['-tls1_2', option, `${value}:@SECLEVEL=0`];
        const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...extra]);
        ends.push(async () => child.kill('SIGKILL'));
        child.stdin.on('error', () => undefined);
        assert.match(String((await refused)[1]), refusal);
      });
    }

    it('s_server sees the certificate of our client', async () => {
      const port = await freePort();
      const { cert, key, ca } = files(pki.server);
      const options = ['-accept', String(port), '-cert', cert, '-key', key, '-CAfile', ca, '-Verify', '2'];
      const child = spawn('openssl', ['s_server', ...options, '-verify_return_error']);
      ends.push(async () => child.kill('SIGKILL'));
      child.stdin.on('error', () => undefined);
      let said = '';
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (/ACCEPT/.test(said)) resolve();
        });
      });
      // It speaks no MMS: what counts is how far it came.
      await assert.rejects(connect(port, { maxVersion: 'TLSv1.2' }, 1000));
      assert.match(said, /CN ?= ?client/);
    });
  });

  describe('tshark', () => {
    before(function () {
      needPeer(this, 'tshark');
    });
    const dissect = (capture: string, ...args: string[]): string => {
      const result = spawnSync('tshark', ['-r', capture, ...args], { encoding: 'utf8' });
      assert.equal(result.status, 0, result.stderr);
      return result.stdout;
    };
    const ERRORS = ['-Y', '_ws.malformed || _ws.expert.severity >= 0x00800000'];

    it('sees a handshake of TLS on port 3782 that asks for a certificate, with nothing but suites of ours', async () => {
      const { port } = await serve({ maxVersion: 'TLSv1.2' });
      const recorder = new Recorder(3782);
      ends.push(() => recorder.close());
      const client = await connect(await recorder.listen(port), { maxVersion: 'TLSv1.2' });
      await client.identify();
      await client.close();
      const capture = path.join(folder, 'tls.pcapng');
      recorder.write(capture);
      const decode = ['-d', 'tcp.port==3782,tls'];
      assert.equal(dissect(capture, ...decode, ...ERRORS), '');
      const handshake = dissect(capture, ...decode, '-Y', 'tls.handshake', '-T', 'fields', '-e', 'tls.handshake.type');
      // Certificate request, and a client that shows and proves its certificate.
      for (const type of ['13', '11', '15'])
        assert.ok(handshake.split(/[\s,]+/).includes(type), `${type} in ${handshake}`);
      const filter = ['-Y', 'tls.handshake.type == 1', '-T', 'fields', '-e', 'tls.handshake.ciphersuite'];
      const offered = dissect(capture, ...decode, ...filter)
        .trim()
        .split(',')
        .map(Number);
      // ECDHE and DHE with AES-GCM or ChaCha20, and the signal of RFC 5746.
      const ours = [0xc02c, 0xc02b, 0xc030, 0xc02f, 0xcca9, 0xcca8, 0x009f, 0x009e, 0x00ff];
      assert.deepEqual(
        offered.filter((suite) => !ours.includes(suite)),
        [],
      );
    });

    it('dissects an association with certificates in ACSE without a complaint', async () => {
      const scl = await loadScl(PEER_CID);
      const mace = (certificate: SampleCertificate): object => ({ mace: { ...own(certificate), ca: pki.ca.cert } });
      const server = await IedServer.fromScl(scl, { ied: 'PEER', port: 0, ...mace(pki.server) });
      ends.push(() => server.close());
      const recorder = new Recorder();
      ends.push(() => recorder.close());
      const port = await recorder.listen((await server.listen()).port);
      const client = new IedClient({ host: '127.0.0.1', port, ...mace(pki.client) });
      ends.push(() => client.close());
      await client.connect();
      await client.close();
      const capture = path.join(folder, 'mace.pcapng');
      recorder.write(capture);
      const decode = ['-d', 'tcp.port==102,tpkt'];
      assert.equal(dissect(capture, ...decode, ...ERRORS), '');
      const fields = ['-T', 'fields', '-e', 'acse.mechanism_name'];
      const named = dissect(capture, ...decode, '-Y', 'acse.aarq_element || acse.aare_element', ...fields);
      assert.equal(named.split('\n').filter((line) => line.startsWith('1.0.840.0.1.0.1.1')).length, 2, named);
    });
  });
});
