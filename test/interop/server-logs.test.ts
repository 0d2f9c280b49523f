/** Foreign clients read the logs of our server (UCA test group sLog). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedServer } from '../../src/index.js';
import { RELAY_CID } from './fixtures.js';
import { needPeer, startJournalClient, type Peer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

/** LD/LN$log, as both stacks want it. */
const LOG = 'RELAYPROT/LLN0$EventLog';
const EVENTS = 40;

interface Entry {
  entryId: string;
  time: number;
  /** Tag and value; the Rust client puts the reason beside them. */
  variables: [tag: string, value: unknown, reason?: number][];
}
interface Page {
  entries: Entry[];
  more: boolean;
}

for (const kind of ['libiec61850', 'rust'] as const) {
  describe(`Logs of our server and a ${kind} client`, function () {
    this.timeout(60_000);
    let server: IedServer;
    let port: number;
    let client: Peer;
    let folder: string;
    const recorder = new Recorder();

    before(async function () {
      needPeer(this, kind);
      server = await IedServer.fromScl(RELAY_CID, { port: 0 });
      assert.deepEqual(server.problems, []);
      port = await recorder.listen((await server.listen()).port);
      folder = mkdtempSync(path.join(tmpdir(), 'iec61850-logs-'));
      for (let i = 1; i <= EVENTS; i++) {
        const { errors } = server.update([{ reference: 'RELAYPROT/GGIO1.IntIn1', value: i }]);
        assert.deepEqual(errors, []);
      }
      client = await startJournalClient(kind, { port });
    });
    after(async () => {
      await client?.stop();
      await recorder.close();
      await server?.close();
      if (folder) rmSync(folder, { recursive: true });
    });

    const numbers = ({ entries }: Page): unknown[] =>
      entries.map(({ variables }) => variables.find(([tag]) => tag.endsWith('IntIn1$stVal'))?.[1]);
    const expected = Array.from({ length: EVENTS }, (_, i) => i + 1);
    const all = (): Promise<Page> => client.call<Page>('byTime', { log: LOG, from: 0, to: Date.now() + 1000 });

    it('reads what happened in a time, with values and reasons', async () => {
      const page = await all();
      assert.deepEqual(numbers(page), expected);
      assert.equal(page.more, false);
      const [first] = page.entries;
      assert.equal(first?.entryId.length, 16);
      assert.ok(Math.abs((first?.time ?? 0) - Date.now()) < 60_000);
      const [variable, reason] = first?.variables ?? [];
      assert.deepEqual(variable?.slice(0, 2), ['RELAYPROT/GGIO1$ST$IntIn1$stVal', 1]);
      // Data change is the second bit.
      if (kind === 'libiec61850') assert.deepEqual(reason, ['ReasonCode', { bits: '0100000' }]);
      else assert.equal(variable?.[2], 0x40);
    });

    it('goes on after an entry', async () => {
      const { entries } = await all();
      const { entryId, time } = entries[29] as Entry;
      assert.deepEqual(numbers(await client.call<Page>('after', { log: LOG, entryId, time })), expected.slice(30));
      const last = entries.at(-1) as Entry;
      const { entries: rest } = await client.call<Page>('after', { log: LOG, entryId: last.entryId, time: last.time });
      assert.deepEqual(rest, []);
    });

    it('reads whole data objects of the data set', async () => {
      server.update([{ reference: 'RELAYPROT/GGIO1.Ind1', value: true, timestamp: 1_700_000_000_123 }]);
      const { entries } = await all();
      const [tag, value] = entries.at(-1)?.variables[0] ?? [];
      assert.equal(tag, 'RELAYPROT/GGIO1$ST$Ind1');
      assert.equal((value as unknown[])[0], true);
    });

    it('reads the settings that another active group brought', async () => {
      server.settingGroups.activate(2);
      const { entries } = await all();
      const [tag, value] = entries.at(-1)?.variables[0] ?? [];
      assert.deepEqual([tag, value], ['RELAYPROT/PTOC1$SG$OpDlTmms$setVal', 200]);
    });

    it('reads an empty time as no entries', async () => {
      const { entries, more } = await client.call<Page>('byTime', { log: LOG, from: 1000, to: 2000 });
      assert.deepEqual([entries, more], [[], false]);
    });

    it('is told when there is no such log', async () => {
      await assert.rejects(client.call('byTime', { log: 'RELAYPROT/LLN0$Other', from: 0, to: Date.now() }));
    });

    it('reads page after page in small PDUs', async () => {
      const small = await startJournalClient(kind, { port, pduSize: 1200 });
      try {
        const found: unknown[] = [];
        let page = await small.call<Page>('byTime', { log: LOG, from: 0, to: Date.now() + 1000 });
        assert.equal(page.more, true);
        for (;;) {
          found.push(...numbers(page));
          const last = page.entries.at(-1);
          if (!page.more || !last) break;
          page = await small.call<Page>('after', { log: LOG, entryId: last.entryId, time: last.time });
        }
        assert.deepEqual(found.slice(0, EVENTS), expected);
      } finally {
        await small.stop();
      }
    });

    it('sends nothing that tshark calls malformed', function () {
      needPeer(this, 'tshark');
      const file = path.join(folder, 'logs.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    });

    if (kind === 'libiec61850') {
      it('lists the journals of a logical device', async () => {
        assert.deepEqual(await client.call('journals', { domain: 'RELAYPROT' }), ['LLN0$EventLog']);
      });
    }
  });
}
