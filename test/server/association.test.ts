import assert from 'node:assert/strict';
import { AssociationError, TimeoutError } from '../../src/errors.js';
import { SERVICE_BITS } from '../../src/mms/initiate.js';
import { Loopback } from './loopback.js';

describe('an association with a server', () => {
  it('negotiates: the lower offer wins on both sides', () => {
    const server = { maxPduSize: 8000, maxOutstanding: 5 };
    const { negotiated } = Loopback.open({
      ...server,
      offer: { maxPduSize: 32000, maxOutstanding: 1, nestingLevel: 3 },
    });
    assert.deepEqual([negotiated?.maxPduSize, negotiated?.maxOutstanding, negotiated?.nestingLevel], [8000, 1, 3]);
    const other = Loopback.open({ ...server, offer: { maxPduSize: 1000, maxOutstanding: 20 } }).negotiated;
    assert.deepEqual([other?.maxPduSize, other?.maxOutstanding], [1000, 5]);
  });

  it('announces the services that it has', () => {
    const bits = Loopback.open().negotiated?.peerServices ?? '';
    for (const name of [
      'status',
      'getNameList',
      'identify',
      'read',
      'write',
      'getVariableAccessAttributes',
      'defineNamedVariableList',
      'deleteNamedVariableList',
      'readJournal',
      'conclude',
    ]) {
      assert.equal(bits[SERVICE_BITS[name] as number], '1', name);
    }
    assert.equal(bits[SERVICE_BITS.fileOpen as number], '0', 'without a folder for them there are no files');
  });

  for (const pieces of [1, 7]) {
    it(`stands and answers when TCP gives ${pieces} octets at a time`, () => {
      const client = Loopback.open({ pieces });
      assert.equal(client.read('TESTLD1/XCBR1', 'TESTLD2/MMXU1').length, 2);
      assert.ok(client.names('TESTLD1').names.length > 100);
    });
  }

  it('carries requests and answers that need many COTP fragments', () => {
    const client = Loopback.open({ pieces: 1000 });
    const items = Array.from({ length: 800 }, () => 'TESTLD2/MMXU1$MX$TotW');
    const results = client.read(...items);
    assert.equal(results.filter(({ success }) => success).length, 800);
  });

  it('takes clients with and without AP-titles, and knows them by it', () => {
    const client = Loopback.open();
    assert.deepEqual([client.connection.client.apTitle, client.connection.client.aeQualifier], ['1.1.1.999', 12]);
    const nameless = Loopback.open({ offer: { osi: { local: {}, remote: {} } } });
    assert.equal(nameless.connection.client.apTitle, undefined);
    assert.equal(nameless.read('TESTLD1/XCBR1').length, 1);
  });

  it('takes any selectors (libiec61850 #546)', () => {
    const selectors = ['0001', '', 'ffeeddccbbaa0011'].map((hex) => Buffer.from(hex, 'hex'));
    for (const remoteTSelector of selectors) {
      const osi = {
        local: {},
        remote: {},
        remoteTSelector,
        remoteSSelector: selectors[0]!,
        remotePSelector: selectors[2]!,
      };
      assert.equal(Loopback.open({ offer: { osi } }).read('TESTLD1/XCBR1').length, 1);
    }
  });

  it('needs the password when the server has one', () => {
    assert.equal(Loopback.open({ password: 'geheim', clientPassword: 'geheim' }).association.open, true);
    assert.equal(Loopback.open({ clientPassword: 'any' }).association.open, true);
    for (const [given, why] of [
      [undefined, /required/],
      ['wrong', /wrong password/],
      ['geheim ', /wrong password/],
      ['', /required|wrong password/],
    ] as const) {
      const client = new Loopback({ password: 'geheim', ...(given !== undefined && { clientPassword: given }) });
      client.connect();
      assert.ok(client.clientEnd?.error instanceof AssociationError);
      assert.match(client.clientEnd.error.message, why);
      assert.match(client.serverEnd?.error?.message ?? '', /password/);
      assert.equal(client.connection.open, false);
    }
  });

  it('ends in order by Conclude and release, on both sides', () => {
    const client = Loopback.open();
    client.association.conclude();
    client.settle();
    assert.deepEqual(client.clientEnd, { error: undefined });
    assert.deepEqual(client.serverEnd, { error: undefined });
  });

  it('ends by an abort of either side', () => {
    const client = Loopback.open();
    client.association.abort();
    client.settle();
    assert.ok(client.serverEnd?.error instanceof AssociationError);
    const other = Loopback.open();
    other.connection.abort();
    other.settle();
    assert.ok(other.clientEnd?.error instanceof AssociationError);
  });

  it('ends a client that connects and asks for nothing, in time', () => {
    const client = new Loopback({ associationTimeout: 3000 });
    client.connection.connected(1000);
    client.connection.tick(3999);
    assert.equal(client.ends.length, 0);
    client.connection.tick(4000);
    assert.ok(client.ends[0] instanceof TimeoutError);
  });

  it('leaves an associated client alone, however long it is silent', () => {
    const client = Loopback.open({ associationTimeout: 3000 });
    client.connection.tick(1e9);
    assert.equal(client.serverEnd, undefined);
    assert.equal(client.read('TESTLD1/XCBR1').length, 1);
  });

  it('refuses an offer of PDUs that nothing fits in', () => {
    const client = new Loopback({ offer: { maxPduSize: 100 } });
    client.connect();
    assert.match(client.serverEnd?.error?.message ?? '', /PDU size of 100/);
  });

  it('has nothing to cancel, and says so', () => {
    const client = Loopback.open();
    const [answer] = client.inject(Buffer.of(0x85, 1, 9));
    assert.equal(answer?.pdu, 'cancel-error');
  });
});
