'use strict';
/*
 * npm run demo:tls: makes a sample CA with certificates in a folder of its own, runs a secured server and clients on
 * loopback, and prints what happens: one that is let in, several that are not, roles, and the access log.
 *
 * What it makes is for looking at. Nothing of it is ever a default, and the folder is deleted at the end unless
 * --keep is given: then the files stay and may be tried with openssl or a form.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { checkNode, ensureInstalled, ensureBuilt, ROOT } = require('./lib/project');

const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';
const SETTING = 'BAY1CTRL/XCBR1.Pos.ctlModel[CF]';
const DAY = 24 * 3_600_000;

function say(text = '') {
  console.log(text);
}

/** A PKI as a plant could have it, as files. */
function makeFiles(folder) {
  const { makeCertificate, makeRevocationList } = require('./lib/certificates');
  const ca = makeCertificate({ subject: 'Sample plant CA', ca: true });
  const issue = (subject, usage, more = {}) => makeCertificate({ subject, issuer: ca, usages: [usage], ...more });
  const certificates = {
    server: issue('bay server', 'serverAuth', { names: ['127.0.0.1'] }),
    scada: issue('SCADA', 'clientAuth'),
    viewer: issue('fault record reader', 'clientAuth'),
    expired: issue('old SCADA', 'clientAuth', {
      notBefore: new Date(Date.now() - 20 * DAY),
      notAfter: new Date(Date.now() - DAY),
    }),
    revoked: issue('stolen laptop', 'clientAuth'),
    stranger: makeCertificate({ subject: 'stranger', usages: ['clientAuth'] }),
  };
  const write = (name, text, mode = 0o644) => fs.writeFileSync(path.join(folder, name), text, { mode });
  write('ca.pem', ca.cert);
  write('ca.crl', makeRevocationList({ issuer: ca, revoked: [certificates.revoked] }));
  for (const [name, { cert, keyPem }] of Object.entries(certificates)) {
    write(`${name}.pem`, cert);
    write(`${name}.key`, keyPem, 0o600);
  }
  return certificates;
}

async function attempt(IedClient, what, options) {
  const client = new IedClient({ name: 'BAY1', timeout: 3000, ...options });
  try {
    await client.connect();
    const [position] = await client.read([POSITION]);
    say(`  ✔ ${what}: connected, ${POSITION} is ${position.text}, quality ${position.quality.text}`);
    try {
      await client.write(SETTING, 1);
      say(`      writing ${SETTING}: taken`);
    } catch (error) {
      say(`      writing ${SETTING}: ${error.message}`);
    }
  } catch (error) {
    say(`  ✘ ${what}: ${error.message}. ${error.hint ?? ''}`);
  } finally {
    await client.close();
  }
}

async function main() {
  checkNode();
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--keep');
  if (unknown.length > 0) throw new Error(`npm run demo:tls knows --keep only, not ${unknown.join(' ')}.`);
  ensureInstalled();
  ensureBuilt();
  const { IedClient, IedServer } = require(path.join(ROOT, 'dist', 'src'));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iec61850-demo-tls-'));
  const file = (name) => path.join(folder, name);
  const certificates = makeFiles(folder);
  say(`Sample CA, certificates and revocation list: ${folder}`);

  const server = await IedServer.fromScl(path.join(ROOT, 'examples', 'scl', 'bay.cid'), {
    ied: 'BAY1',
    port: 0,
    writable: ['CF'],
    tls: { cert: file('server.pem'), key: file('server.key'), ca: file('ca.pem'), crl: file('ca.crl') },
    clients: [
      { name: 'SCADA', role: 'engineer', certificate: certificates.scada.fingerprint },
      { name: 'Fault records', role: 'viewer', certificate: certificates.viewer.fingerprint },
    ],
    accessLog: { file: file('access.log') },
  });
  server.on('clientRefused', ({ address }, why) => say(`      the server says of ${address}: ${why}`));
  server.on('error', (error) => console.error(error));
  const { host, port } = await server.listen();
  server.update([{ reference: POSITION, value: 'Closed' }]);
  say(`Server with TLS by IEC 62351-3 on ${host}:${port} (3782 by default)\n`);

  try {
    const tls = (name) => ({
      cert: file(`${name}.pem`),
      key: file(`${name}.key`),
      ca: file('ca.pem'),
      crl: file('ca.crl'),
    });
    await attempt(IedClient, 'SCADA, an engineer by its certificate', { host, port, tls: tls('scada') });
    await attempt(IedClient, 'a reader of fault records, a viewer', { host, port, tls: tls('viewer') });
    say();
    await attempt(IedClient, 'a client without TLS', { host, port });
    await attempt(IedClient, 'a self-signed certificate', { host, port, tls: tls('stranger') });
    await attempt(IedClient, 'an expired certificate, which the own client does not even offer', {
      host,
      port,
      tls: tls('expired'),
    });
    await attempt(IedClient, 'a certificate that was revoked, offered by a client without the list', {
      host,
      port,
      tls: { ...tls('revoked'), crl: undefined },
    });
    await attempt(IedClient, 'a server that is not a known peer', {
      host,
      port,
      tls: { ...tls('scada'), knownPeers: [certificates.viewer.fingerprint] },
    });
  } finally {
    await server.close();
  }
  say('\nThe access log:');
  for (const line of fs.readFileSync(file('access.log'), 'utf8').trim().split('\n')) {
    const { time, client, action, object, result, reason = '' } = JSON.parse(line);
    const who = client.name ?? client.certificate?.subject ?? client.address;
    say(`  ${time}  ${who.padEnd(14)} ${action} ${object} ${result} ${reason}`.trimEnd());
  }
  if (process.argv.includes('--keep')) say(`\nThe files stay in ${folder}; delete them when you have seen enough.`);
  else fs.rmSync(folder, { recursive: true, force: true });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
