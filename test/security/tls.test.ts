/** TLS between our client and our server: who is let in, and what a person is told of who is not (IEC 62351-3). */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { useFakeTimers } from 'sinon';
import { connect as tlsConnect } from 'node:tls';
import { IedClient, IedServer, SecurityError, type IedServerOptions, type TlsOptions } from '../../src/index.js';
import { TlsAcceptor } from '../../src/security/tls-acceptor.js';
import { loadClientTls } from '../../src/security/tls-client.js';
import { testModel } from '../server/fixture.js';
import {
  ago,
  makeCertificate,
  makeKey,
  makeRevocationList,
  own,
  Pki,
  WRONG,
  type SampleCertificate,
  type Wrong,
} from './pki.js';

const FAILURES: Record<Wrong, string> = {
  expired: 'EXPIRED',
  'not yet valid': 'NOT_YET_VALID',
  'of another CA': 'INCOMPLETE_CHAIN',
  'self-signed': 'SELF_SIGNED',
  revoked: 'REVOKED',
  'not a known peer': 'UNKNOWN_PEER',
  'of a short key': 'SHORT_KEY',
  'for another use': 'USAGE',
  'without its intermediate CA': 'INCOMPLETE_CHAIN',
};
const WORDS: Record<Wrong, RegExp> = {
  expired: /has expired on .*Renew it/,
  'not yet valid': /is not valid before .*clocks/,
  'of another CA': /comes from a CA that is neither known here nor was sent/,
  'self-signed': /is self-signed and not among those that are trusted/,
  revoked: /has been revoked/,
  'not a known peer': /is not among the known peers.*fingerprint [0-9a-f]{64}/,
  'of a short key': /has an RSA key of 1024 bits.*2048/,
  'for another use': /was not issued for a client.*clientAuth/,
  'without its intermediate CA': /let the peer send the certificates of its intermediate CAs/,
};

describe('TLS', function () {
  const pki = new Pki();
  const servers: IedServer[] = [];
  const clients: IedClient[] = [];

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const serve = async (tls: Partial<TlsOptions> = {}, options: IedServerOptions = {}): Promise<[IedServer, number]> => {
    const server = IedServer.fromModel(testModel(), {
      port: 0,
      tls: { ...own(pki.server), ca: pki.ca.cert, ...tls },
      ...options,
    });
    servers.push(server);
    server.on('error', () => undefined);
    return [server, (await server.listen()).port];
  };
  const client = (port: number, tls: Partial<TlsOptions> = {}): IedClient => {
    const made = new IedClient({
      host: '127.0.0.1',
      port,
      name: 'BAY1',
      timeout: 2000,
      tls: { ...own(pki.client), ca: pki.ca.cert, ...tls },
    });
    clients.push(made);
    return made;
  };
  const refusal = async (port: number, tls: Partial<TlsOptions>): Promise<SecurityError> => {
    const error: unknown = await client(port, tls)
      .connect()
      .then(
        () => undefined,
        (caught: unknown) => caught,
      );
    assert.ok(error instanceof SecurityError, String(error));
    return error;
  };

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`${version} carries an association, and the server knows the client by its certificate`, async () => {
      const [server, port] = await serve({ maxVersion: version });
      const connected = once(server, 'clientConnected');
      const secured = client(port, { minVersion: version });
      await secured.connect();
      const [identity] = (await connected) as [{ certificate: { subject: string; fingerprint: string } }];
      assert.deepEqual(identity.certificate, {
        subject: 'O=IEC 61850 sample, CN=client',
        fingerprint: pki.client.fingerprint,
      });
      assert.equal((await secured.browse()).logicalDevices.length > 0, true);
    });
  }

  for (const how of WRONG) {
    const rules = (wrong: { serial: number }): Partial<TlsOptions> => ({
      ...(how === 'revoked' && { crl: makeRevocationList({ issuer: pki.ca, revoked: [wrong] }) }),
      ...(how === 'not a known peer' && { knownPeers: [pki.client.fingerprint, pki.server.cert] }),
    });

    it(`the server refuses a client certificate that is ${how}, and says so`, async () => {
      const wrong = pki.wrong('client', how);
      const [server, port] = await serve(rules(wrong));
      const refused = once(server, 'clientRefused');
      // What our own client would not even try with is sent by TLS alone.
      const socket = tlsConnect({
        host: '127.0.0.1',
        port,
        ...own(wrong),
        ca: pki.ca.cert,
        ciphers: 'DEFAULT:@SECLEVEL=0',
        checkServerIdentity: () => undefined,
      });
      socket.on('error', () => undefined);
      const [identity, why] = (await refused) as [{ certificate?: { fingerprint: string } }, string];
      assert.match(why, WORDS[how]);
      assert.equal(identity.certificate?.fingerprint, wrong.fingerprint);
      if (!socket.closed) await once(socket, 'close');
      assert.equal(server.connections, 0);
    });

    it(`the client refuses a server certificate that is ${how}, and says so`, async () => {
      const wrong = pki.wrong('server', how);
      const port = await plainTlsServer(own(wrong));
      const error = await refusal(port, rules(wrong));
      assert.equal(error.failure, FAILURES[how]);
      assert.match(`${error.message} ${error.hint}`, /^BAY1: .*certificate/);
    });
  }

  /** A TLS server that has no rules of its own. */
  const plain: { close(): void }[] = [];
  afterEach(() => plain.splice(0).forEach((server) => server.close()));
  async function plainTlsServer(options: { cert: string; key: string }): Promise<number> {
    const { createServer } = await import('node:tls');
    const server = createServer({ ...options, ciphers: 'DEFAULT:@SECLEVEL=0' }, (socket) => {
      socket.on('error', () => undefined).on('data', (octets: Buffer) => socket.write(octets));
    });
    server.on('tlsClientError', () => undefined);
    plain.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  it('refuses a certificate whose signature is broken, on both sides', async () => {
    const broken = (of: SampleCertificate): { cert: string; key: string } => {
      const der = Buffer.from(of.der);
      der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
      const cert = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      return { cert, key: of.keyPem };
    };
    const [server, port] = await serve();
    const refused = once(server, 'clientRefused');
    await assert.rejects(client(port, broken(pki.client)).connect());
    assert.match(String((await refused)[1]), /is not signed as it says/);
    assert.equal((await refusal(await plainTlsServer(broken(pki.server)), {})).failure, 'MALFORMED');
  });

  for (const [how, options, expected] of [
    ['by volume', { rekeyAfter: 60_000, rekeyAfterOctets: 1000 }, 1],
    ['by volume alone', { rekeyAfter: 0, rekeyAfterOctets: 1000 }, 1],
    ['not before that volume', { rekeyAfter: 60_000, rekeyAfterOctets: 100_000 }, 0],
    ['never when that is switched off', { rekeyAfter: 0 }, 0],
  ] as const) {
    it(`renews keys ${how}`, async () => {
      const port = await plainTlsServer(own(pki.server));
      const clock = useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      try {
        const tls = await loadClientTls({ ...own(pki.client), ca: pki.ca.cert, maxVersion: 'TLSv1.2', ...options });
        let rekeyed = 0;
        const heard = new EventEmitter();
        const socket = tls.connect(
          { host: '127.0.0.1', port },
          {
            secured: () => heard.emit('secured'),
            refused: (error) => assert.ifError(error),
            rekeyed: () => heard.emit('rekeyed', rekeyed++),
          },
        );
        socket.on('error', () => undefined);
        await once(heard, 'secured');
        const echo = async (octets: number): Promise<void> => {
          socket.write(Buffer.alloc(octets));
          await once(socket, 'data');
        };
        await echo(2000);
        const done = expected === 1 ? once(heard, 'rekeyed') : undefined;
        clock.tick(10_000);
        await done;
        await echo(1);
        assert.equal(rekeyed, expected);
        socket.destroy();
      } finally {
        clock.restore();
      }
    });
  }

  it('takes a chain whose intermediate CA is sent with the certificate', async () => {
    const leaf = pki.wrong('client', 'without its intermediate CA');
    const [server, port] = await serve();
    const connected = once(server, 'clientConnected');
    await client(port, { cert: leaf.cert + pki.intermediate.cert, key: leaf.keyPem }).connect();
    await connected;
  });

  it('refuses a client without a certificate', async () => {
    const [server, port] = await serve();
    const refused = once(server, 'clientRefused');
    const socket = tlsConnect({ host: '127.0.0.1', port, ca: pki.ca.cert, checkServerIdentity: () => undefined });
    socket.on('error', () => undefined);
    assert.match(String((await refused)[1]), /gave no certificate/);
    socket.destroy();
  });

  it('tells a client without TLS from one with, and a client hears of a server without', async () => {
    const [server, port] = await serve();
    const refused = once(server, 'clientRefused');
    const socket = connect(port, '127.0.0.1', () => socket.write('0300001611e00000000100c1020001c2020001c0010d'));
    socket.on('error', () => undefined);
    assert.match(String((await refused)[1]), /does not speak TLS here/);
    socket.destroy();
    const open = IedServer.fromModel(testModel(), { port: 0 });
    servers.push(open);
    const { port: openPort } = await open.listen();
    await assert.rejects(client(openPort).connect(), /BAY1: /);
  });

  it('takes an expired revocation list for a reason to let nobody in, and says which', async () => {
    const crl = makeRevocationList({ issuer: pki.ca, thisUpdate: ago(20), nextUpdate: ago(10) });
    const warnings: string[] = [];
    const server = IedServer.fromModel(testModel(), { port: 0, tls: { ...own(pki.server), ca: pki.ca.cert, crl } });
    servers.push(server);
    server.on('warning', (text) => warnings.push(text));
    const { port } = await server.listen();
    assert.match(warnings.join(), /revocation list has expired on/);
    const refused = once(server, 'clientRefused');
    await assert.rejects(client(port).connect());
    assert.match(String((await refused)[1]), /revocation list of its CA has expired.*Fetch the present list/);
  });

  it('tells of an unknown CA also where there are revocation lists', async () => {
    const [server, port] = await serve({ crl: pki.noneRevoked });
    for (const how of ['self-signed', 'of another CA'] as const) {
      const refused = once(server, 'clientRefused');
      await assert.rejects(client(port, own(pki.wrong('client', how))).connect());
      assert.match(String((await refused)[1]), WORDS[how]);
    }
  });

  it('makes every handshake a whole one when sessions are not to be resumed, and resumes them for a time otherwise', async () => {
    for (const [sessionLifetime, resumed] of [
      [0, false],
      [60, true],
    ] as const) {
      const [, port] = await serve({ sessionLifetime, maxVersion: 'TLSv1.2' });
      const options = {
        host: '127.0.0.1',
        port,
        ...own(pki.client),
        ca: pki.ca.cert,
        checkServerIdentity: () => undefined,
      };
      const first = tlsConnect(options);
      await once(first, 'secureConnect');
      const session = first.getSession();
      first.destroy();
      const second = tlsConnect({ ...options, ...(session && { session }) });
      await once(second, 'secureConnect');
      assert.equal(second.isSessionReused(), resumed);
      second.destroy();
    }
  });

  it('a resumed session does not hide that its certificate was revoked', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-crl-'));
    const crl = path.join(folder, 'ca.crl');
    writeFileSync(crl, pki.noneRevoked);
    let acceptor: TlsAcceptor | undefined;
    const tcp = createServer((socket) => acceptor?.accept(socket));
    try {
      const outcomes: string[] = [];
      let next = (): void => undefined;
      acceptor = await TlsAcceptor.open({ ...own(pki.server), ca: pki.ca.cert, crl, maxVersion: 'TLSv1.2' }, 2000, {
        secured: (socket) => {
          outcomes.push('secured');
          socket.on('error', () => undefined);
          next();
        },
        refused: (_client, error) => {
          outcomes.push(error.failure);
          next();
        },
        failed: (error) => assert.ifError(error),
      });
      tcp.listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      const { port } = tcp.address() as { port: number };
      const options = {
        host: '127.0.0.1',
        port,
        ...own(pki.client),
        ca: pki.ca.cert,
        checkServerIdentity: () => undefined,
      };
      let session: Buffer | undefined;
      for (let i = 0; i < 2; i++) {
        const outcome = new Promise<void>((resolve) => (next = resolve));
        const socket = tlsConnect({ ...options, ...(session && { session }) });
        socket.on('error', () => undefined);
        socket.once('secureConnect', () => (session = socket.getSession()));
        await outcome;
        socket.destroy();
        writeFileSync(crl, makeRevocationList({ issuer: pki.ca, revoked: [pki.client] }));
        await acceptor.refresh();
      }
      assert.deepEqual(outcomes, ['secured', 'REVOKED']);
    } finally {
      acceptor?.close();
      tcp.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says when there is no revocation list for one of the CAs', async () => {
    const [server, port] = await serve({ crl: makeRevocationList({ issuer: pki.otherCa }) });
    const refused = once(server, 'clientRefused');
    await assert.rejects(
      client(port).connect(),
      (error: Error & { hint?: string }) =>
        /closed the (secured )?connection/.test(error.message) &&
        /trust the certificate of this client/.test(error.hint ?? ''),
    );
    assert.match(String((await refused)[1]), /there is no revocation list of its CA/);
  });

  it('takes a known peer without a CA where chain validation is off, and no other', async () => {
    const self = makeCertificate({ subject: 'self', usages: ['clientAuth'] });
    const [server, port] = await serve({ ca: [], chainValidation: false, knownPeers: [self.fingerprint] });
    const connected = once(server, 'clientConnected');
    await client(port, own(self)).connect();
    await connected;
    const refused = once(server, 'clientRefused');
    await assert.rejects(client(port).connect());
    assert.match(String((await refused)[1]), /not among the known peers/);
  });

  it('takes short keys when they are asked for', async () => {
    const short = pki.issue('client', { subject: 'short', key: makeKey('rsa', 1024) });
    const [server, port] = await serve({ allowShortKeys: true });
    const connected = once(server, 'clientConnected');
    await client(port, { ...own(short), allowShortKeys: true }).connect();
    await connected;
  });

  it('compares the host only when a name is given', async () => {
    const [, port] = await serve();
    await client(port, { serverName: '127.0.0.1' }).connect();
    await client(port, { serverName: 'ied.example' }).connect();
    assert.equal((await refusal(port, { serverName: 'other.example' })).failure, 'WRONG_HOST');
  });

  it('offers nothing below TLS 1.2, and no suite without encryption', async () => {
    const [server, port] = await serve();
    const refused = once(server, 'clientRefused');
    const socket = tlsConnect({
      host: '127.0.0.1',
      port,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    socket.on('error', () => undefined);
    assert.match(String((await refused)[1]), /no TLS version in common/);
    for (const suite of ['NULL-SHA256', 'ALL', '!aNULL', 'ADH-AES128-SHA', 'DES-CBC3-SHA', 'RC4-SHA', '@SECLEVEL=0']) {
      await assert.rejects(serve({ cipherSuites: [suite] }), /is no cipher suite/, suite);
    }
  });

  it('speaks the suites that are asked for', async () => {
    const [, port] = await serve({ cipherSuites: ['ECDHE-ECDSA-AES128-GCM-SHA256'], maxVersion: 'TLSv1.2' });
    const socket = tlsConnect({ host: '127.0.0.1', port, ...own(pki.client), rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    assert.equal(socket.getCipher().name, 'ECDHE-ECDSA-AES128-GCM-SHA256');
    socket.destroy();
  });

  it('renews keys of TLS 1.2 while requests go on, and looks at the certificate again', async () => {
    const [, port] = await serve({ maxVersion: 'TLSv1.2' });
    const secured = client(port, { rekeyAfter: 100 });
    await secured.connect();
    const until = Date.now() + 350;
    while (Date.now() < until) await secured.identify();
    assert.equal(secured.connected, true);
  });

  it('ends a connection whose certificate was revoked meanwhile', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-crl-'));
    const crl = path.join(folder, 'ca.crl');
    try {
      writeFileSync(crl, pki.noneRevoked);
      const [, port] = await serve();
      const lost = new Promise<Error>((resolve) => {
        const watched = new IedClient(
          {
            host: '127.0.0.1',
            port,
            name: 'BAY1',
            tls: { ...own(pki.client), ca: pki.ca.cert, crl, rekeyAfter: 100 },
          },
          resolve,
        );
        clients.push(watched);
        void watched.connect().then(() => {
          writeFileSync(crl, makeRevocationList({ issuer: pki.ca, revoked: [pki.server] }));
        });
      });
      assert.match((await lost).message, /has been revoked/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('counts connections in their handshake as clients, and ends them in time', async () => {
    const [server, port] = await serve({}, { maxClients: 2, associationTimeout: 300 });
    const reasons: string[] = [];
    server.on('clientRefused', (_client, why) => reasons.push(why));
    const sockets: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await Promise.all(sockets.map(async (socket) => socket.closed || once(socket.resume(), 'close')));
    assert.equal(reasons.filter((why) => /2 clients are connected already/.test(why)).length, 1, reasons.join());
    assert.equal(reasons.filter((why) => /TLS handshake/.test(why)).length, 2, reasons.join());
    await client(port).connect();
  });

  describe('refuses to start', () => {
    const starts = (tls: Partial<TlsOptions>): Promise<unknown> => serve(tls);
    const cases: Array<[string, Partial<TlsOptions>, RegExp]> = [
      ['without a CA', { ca: [] }, /no CA .*have their certificates from/],
      ['with a key of another certificate', { key: pki.client.keyPem }, /does not belong/],
      ['with an own certificate that has expired', own(pki.wrong('server', 'expired')), /own certificate.*has expired/],
      ['with an own certificate for clients', own(pki.client), /not issued for a server/],
      ['with a short key of its own', own(pki.wrong('server', 'of a short key')), /own certificate has an RSA key/],
      [
        'with a file that is not there',
        { cert: '/nowhere/server.pem' },
        /\/nowhere\/server\.pem, cannot be read: there is no/,
      ],
      ['with a malformed certificate', { cert: pki.server.cert.replace(/M/g, 'N') }, /no readable certificate/],
      [
        'with a malformed key',
        { key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' },
        /no private key/,
      ],
      ['with a malformed revocation list', { crl: Buffer.from('nothing') }, /no readable revocation list/],
      ['with no known peers and no chains', { chainValidation: false }, /nobody would be known/],
      ['with a version that is too old', { minVersion: 'TLSv1.1' as never }, /is not offered/],
      ['with a certificate that has no key', { key: undefined as never }, /belong together/],
    ];
    for (const [how, tls, words] of cases) it(how, () => assert.rejects(starts(tls), words));

    it('with a wrong passphrase, and starts with the right one', async () => {
      const key = String(
        pki.server.key.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
      );
      await assert.rejects(starts({ key }), /encrypted, and the passphrase is missing or wrong/);
      await assert.rejects(starts({ key, passphrase: 'other' }), /encrypted, and the passphrase is missing or wrong/);
      await starts({ key, passphrase: 'secret' });
    });
  });
});
