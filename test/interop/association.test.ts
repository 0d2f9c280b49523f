/** Our association core against every foreign server: what is agreed on, what is refused, and how it ends. */
import assert from 'node:assert/strict';
import { AssociationError, ConnectionError, RejectError, TimeoutError } from '../../src/errors.js';
import { ObjectClass } from '../../src/mms/services.js';
import { PEER_CFG, STACKS, startPeerBay, type Stack } from './fixtures.js';
import { MmsClient, type MmsClientOptions } from './mms-client.js';
import { needPeer, startPeerServer, type Peer } from './peers/index.js';

/** What the model files of both forms hold, as MMS names below the logical nodes. */
const MEASUREMENT_NAMES = [
  'LLN0$ST$Beh$stVal',
  'MMXU1$MX$TotW$mag$f',
  'MMXU1$MX$TotW$q',
  'MMXU1$CF$TotW$units$multiplier',
  'MMXU1$MX$PhV$phsB$cVal$ang$f',
  'MHAI1$CF$HPhV$numHar',
];

for (const stack of STACKS) {
  describe(`cAss: our association core and a ${stack.kind} server`, function () {
    this.timeout(60_000);
    let peer: Peer;

    before(async function () {
      needPeer(this, stack.kind);
      peer = await startPeerBay(stack);
    });
    after(() => peer?.stop());

    const connected = async <T>(
      work: (client: MmsClient) => Promise<T>,
      options: Partial<MmsClientOptions> = {},
    ): Promise<T> => {
      const client = await MmsClient.connect({ port: peer.port, ...options });
      try {
        return await work(client);
      } finally {
        client.abort();
      }
    };

    it('agrees on the lower offer of PDU size and outstanding requests', async () => {
      for (const [offer, size] of [
        [{ maxPduSize: 1000, maxOutstanding: 1 }, 1000],
        [{ maxPduSize: 65000, maxOutstanding: 10 }, 65000],
      ] as const) {
        await connected(async ({ negotiated }) => {
          assert.equal(negotiated.maxPduSize, size);
          assert.ok(negotiated.maxOutstanding >= 1 && negotiated.maxOutstanding <= offer.maxOutstanding);
          assert.ok(negotiated.nestingLevel >= 5);
          assert.equal(negotiated.peerServices[4], '1', 'Read is supported');
        }, offer);
      }
    });

    it('gets every name, in pages where the PDU is small', async () => {
      const all = await connected((client) =>
        client.names(ObjectClass.namedVariable, { scope: 'domain', domain: 'PEERMEAS' }),
      );
      for (const name of MEASUREMENT_NAMES) assert.ok(all.names.includes(name), `${name} is missing`);
      assert.equal(new Set(all.names).size, all.names.length, 'a name came twice');
      const paged = await connected(
        (client) => client.names(ObjectClass.namedVariable, { scope: 'domain', domain: 'PEERMEAS' }),
        {
          maxPduSize: 1000,
        },
      );
      assert.deepEqual(paged.names, all.names);
    });

    it('gets domains and data sets', () =>
      connected(async (client) => {
        const domains = await client.names(ObjectClass.domain, { scope: 'vmd' });
        assert.deepEqual(domains.names.sort(), ['PEERCTRL', 'PEERMEAS']);
        const lists = await client.names(ObjectClass.namedVariableList, { scope: 'domain', domain: 'PEERCTRL' });
        assert.deepEqual(lists.names, ['LLN0$Positions']);
        const members = await client.request({
          service: 'getNamedVariableListAttributes',
          name: { scope: 'domain', domain: 'PEERCTRL', item: 'LLN0$Positions' },
        });
        assert.deepEqual(
          members.variables.map((variable) => variable.name),
          stack.positions.map((item) => ({ scope: 'domain', domain: 'PEERCTRL', item })),
        );
        assert.equal(members.deletable, false);
      }));

    it('associates without AP-titles and AE-qualifiers', () =>
      connected(async ({ negotiated }) => assert.equal(negotiated.maxPduSize, 65000), {
        osi: { local: {}, remote: {} },
      }));

    it('associates without selectors', () =>
      connected(async ({ negotiated }) => assert.equal(negotiated.maxPduSize, 65000), {
        osi: {
          localTSelector: undefined,
          remoteTSelector: undefined,
          localSSelector: undefined,
          remoteSSelector: undefined,
          localPSelector: undefined,
          remotePSelector: undefined,
        },
      }));

    it(
      stack.checks.includes('sSelector') ? 'is refused with a wrong S-selector' : 'may call with any S-selector',
      async () => {
        const wrong = MmsClient.connect({ port: peer.port, osi: { remoteSSelector: Buffer.of(9, 9) } });
        if (stack.checks.includes('sSelector')) {
          await assert.rejects(wrong, (error) => error instanceof AssociationError || error instanceof ConnectionError);
        } else {
          (await wrong).abort();
        }
      },
    );

    if (stack.identifies) {
      it('is told who it is', () =>
        connected(async (client) => {
          const identity = await client.request({ service: 'identify' });
          assert.ok(identity.vendor.length > 0 && identity.model.length > 0 && identity.revision.length > 0);
        }));
    } else {
      it('a server without an answer to Identify does not hang us', () =>
        connected((client) => assert.rejects(client.request({ service: 'identify' }), TimeoutError), { timeout: 500 }));
    }

    it(statusTitle(stack), () =>
      connected(
        async (client) => {
          const status = client.request({ service: 'status', extended: false });
          if (stack.kind === 'libiec61850')
            assert.deepEqual(await status, { service: 'status', logical: 0, physical: 0 });
          else await assert.rejects(status, stack.kind === 'rust' ? RejectError : TimeoutError);
        },
        { timeout: stack.kind === 'java' ? 500 : 10_000 },
      ),
    );

    if (stack.concludes) {
      it('concludes in order', async () => {
        const client = await MmsClient.connect({ port: peer.port });
        const error = await client.conclude();
        // The Rust server answers our FINISH with a FINISH of its own before the DISCONNECT that is due.
        if (stack.kind === 'rust') assert.ok(error === undefined || /FINISH/.test(error.message), error?.message);
        else assert.equal(error, undefined);
      });
    }
  });
}

function statusTitle(stack: Stack): string {
  switch (stack.kind) {
    case 'libiec61850':
      return 'gives its status';
    case 'rust':
      return 'rejects Status, which it does not have, and goes on';
    case 'java':
      return 'a server without an answer to Status does not hang us';
  }
}

describe('cAss: our association core and a libiec61850 server with a password', function () {
  this.timeout(60_000);
  let peer: Peer;

  before(async function () {
    needPeer(this, 'libiec61850');
    peer = await startPeerServer('libiec61850', { model: PEER_CFG, password: 'öffnen' });
  });
  after(() => peer?.stop());

  it('is accepted with the right one', async () => {
    const client = await MmsClient.connect({ port: peer.port, osi: { password: 'öffnen' } });
    const domains = await client.names(ObjectClass.domain, { scope: 'vmd' });
    assert.equal(domains.names.length, 2);
    client.abort();
  });
  for (const [title, osi] of [
    ['a wrong one', { password: 'schliessen' }],
    ['none', {}],
  ] as const) {
    // The library closes the TCP connection without an answer.
    it(`is refused with ${title}`, () =>
      assert.rejects(
        MmsClient.connect({ port: peer.port, osi }),
        (error) => error instanceof AssociationError || error instanceof ConnectionError,
      ));
  }
});
