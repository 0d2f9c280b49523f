/** A session of every service that our client and server have, through a recorder. */
import assert from 'node:assert/strict';
import { DataAccessError, RejectError, ServiceError } from '../../src/errors.js';
import { IedClient, IedServer, loadScl } from '../../src/index.js';
import { ObjectClass } from '../../src/mms/services.js';
import type { AccessStep, VariableAccess } from '../../src/mms/variable-access.js';
import { DEVICE_TIME, OLD_DATA, PEER_CID } from './fixtures.js';
import { MmsClient } from './mms-client.js';
import { Recorder } from './recorder.js';

const name = (domain: string, item: string) => ({ scope: 'domain', domain, item }) as const;

function variables(
  ...items: ReadonlyArray<readonly [domain: string, item: string, ...access: AccessStep[]]>
): VariableAccess {
  return {
    list: items.map(([domain, item, ...access]) => ({
      name: name(domain, item),
      ...(access.length > 0 && { access }),
    })),
  };
}

/** Runs the session and writes what passed to `file`. */
export async function recordSession(file: string): Promise<void> {
  const scl = await loadScl(PEER_CID);
  const server = await IedServer.fromScl(scl, { port: 0, writable: ['SP', 'SV', 'CF', 'DC'], password: 'secret' });
  const { port: serverPort } = await server.listen();
  const recorder = new Recorder();
  const port = await recorder.listen(serverPort);
  try {
    server.update([
      { reference: 'PEERCTRL/XCBR1.Pos[ST]', value: 2, timestamp: DEVICE_TIME },
      { reference: 'PEERMEAS/MMXU1.TotW[MX]', value: -1234.5, quality: OLD_DATA, timestamp: DEVICE_TIME },
    ]);
    await everyService(port);
    await smallPdus(port);
    await refusals(port);
    await publicApi(port);
  } finally {
    recorder.write(file);
    await recorder.close();
    await server.close();
  }
}

async function everyService(port: number): Promise<void> {
  const client = await MmsClient.connect({ port, osi: { password: 'secret' } });
  await client.request({ service: 'status', extended: false });
  await client.request({ service: 'identify' });
  await client.names(ObjectClass.domain, { scope: 'vmd' });
  await client.names(ObjectClass.namedVariable, { scope: 'domain', domain: 'PEERCTRL' });
  await client.names(ObjectClass.namedVariableList, { scope: 'domain', domain: 'PEERMEAS' });
  await client.names(ObjectClass.journal, { scope: 'domain', domain: 'PEERMEAS' });
  for (const node of ['LLN0', 'GGIO1']) {
    await client.request({ service: 'getVariableAccessAttributes', name: name('PEERCTRL', node) });
  }
  await client.request({ service: 'getVariableAccessAttributes', name: name('PEERMEAS', 'MHAI1') });
  const list = name('PEERMEAS', 'LLN0$Measurements');
  await client.request({ service: 'getNamedVariableListAttributes', name: list });
  for (const specificationWithResult of [false, true]) {
    await client.request({ service: 'read', specificationWithResult, access: { listName: list } });
  }
  const read = (access: VariableAccess): Promise<unknown> =>
    client.request({ service: 'read', specificationWithResult: false, access });
  await read(variables(['PEERCTRL', 'XCBR1$ST$Pos']));
  await read(variables(['PEERCTRL', 'GGIO1$CF$Strings'], ['PEERMEAS', 'MMXU1$MX$TotW'], ['PEERCTRL', 'XCBR1$ST$Nope']));
  await read(variables(['PEERCTRL', 'GGIO1$CF$Strings$vals', { select: 'index', index: 1 }]));
  await read(variables(['PEERCTRL', 'GGIO1$CF$Strings$vals', { select: 'range', index: 1, count: 2 }]));
  await read(
    variables([
      'PEERMEAS',
      'MHAI1$MX$HPhV$phsAHar',
      { select: 'index', index: 2 },
      { select: 'component', name: 'cVal' },
      { select: 'component', name: 'mag' },
    ]),
  );
  await client.request({
    service: 'write',
    access: variables(
      ['PEERCTRL', 'PTOC1$SP$OpDlTmms$setVal'],
      ['PEERCTRL', 'GGIO1$ST$Ind1$stVal'],
      ['PEERCTRL', 'GGIO1$SV$Sub$subQ'],
    ),
    data: [
      { type: 'integer', value: -450 },
      { type: 'boolean', value: false },
      { type: 'bit-string', bits: OLD_DATA },
    ],
  });
  await assert.rejects(
    client.request({ service: 'getVariableAccessAttributes', name: name('PEERCTRL', 'Nope1') }),
    ServiceError,
  );
  await assert.rejects(
    client.request({ service: 'getNamedVariableListAttributes', name: name('PEERCTRL', 'LLN0$Nope') }),
    ServiceError,
  );
  // DeleteProgramInvocation, which no IEC 61850 server has.
  await assert.rejects(client.request({ service: 'other', tag: 0x9f27, octets: Buffer.from('x') }), RejectError);
  assert.equal(await client.conclude(), undefined);
}

/** Pages of names, and answers in several COTP fragments or refused because they do not fit. */
async function smallPdus(port: number): Promise<void> {
  const client = await MmsClient.connect({ port, maxPduSize: 1000, maxOutstanding: 1, osi: { password: 'secret' } });
  const { pages } = await client.names(ObjectClass.namedVariable, { scope: 'domain', domain: 'PEERCTRL' });
  assert.ok(pages > 1);
  await client.conclude();
}

async function refusals(port: number): Promise<void> {
  await assert.rejects(MmsClient.connect({ port, osi: { password: 'wrong' } }));
  const aborted = await MmsClient.connect({ port, osi: { password: 'secret' } });
  aborted.abort();
}

async function publicApi(port: number): Promise<void> {
  const client = new IedClient({ host: '127.0.0.1', port, password: 'secret' });
  await client.connect();
  await client.browse();
  await client.read(['PEERMEAS/MMXU1.TotW[MX]', 'PEERCTRL/XCBR1.Pos[ST]', 'PEERCTRL/GGIO1.Strings.vals(2)[CF]']);
  await client.dataSets.read('PEERCTRL/LLN0.Positions');
  await client.write('PEERCTRL/PTOC1.StrVal.setMag.f[SP]', 2.5);
  await client.write('PEERCTRL/GGIO1.Sub.subID[SV]', 'operator');
  await assert.rejects(client.write('PEERCTRL/GGIO1.Ind1.stVal[ST]', true), DataAccessError);
  await client.close();
}
