/**
 * The power fails, as far as a process can tell: it is killed while a log, settings and a setting group are written.
 * Nothing that a client was told is lost. `SERVER_KILLS` is how often.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Iec61850Error } from '../../src/errors.js';
import { encodeData } from '../../src/mms/data-codec.js';
import type { MmsData } from '../../src/mms/data.js';
import type { JournalEntry } from '../../src/mms/services.js';
import { nameOf } from './loopback.js';
import { TcpClient } from './tcp-client.js';

const KILLS = Number(process.env.SERVER_KILLS ?? 10);
const ROOT = path.resolve(__dirname, '../..');
const SGCB = 'RELAYPROT/LLN0$SP$SGCB';
const JOURNAL = nameOf('RELAYPROT/LLN0$EventLog');
const SETTING = 'RELAYPROT/PTOC1$SE$OpDlTmms$setVal';
const TRUE: MmsData = { type: 'boolean', value: true };
const unsigned = (value: number): MmsData => ({ type: 'unsigned', value });
const integer = (value: number): MmsData => ({ type: 'integer', value });

/** A value that is written over and over: what was confirmed last, and what was tried after that. */
interface Tried {
  confirmed: number;
  tried: number;
}

describe('A server that is killed', function () {
  this.timeout(30_000 + KILLS * 10_000);
  let folder: string;
  let child: ChildProcess | undefined;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-kill-'));
  });
  after(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<TcpClient> {
    const script = path.join(__dirname, 'killed-server.ts');
    child = spawn(process.execPath, ['--require', 'tsx/cjs', script, folder], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await once(lines, 'line')) as [string];
    const { port, problems } = JSON.parse(line) as { port: number; problems: unknown[] };
    assert.deepEqual(problems, []);
    return TcpClient.open(port);
  }

  async function kill(): Promise<void> {
    const ended = once(child as ChildProcess, 'exit');
    child?.kill('SIGKILL');
    await ended;
  }

  const setting: Tried = { confirmed: 5, tried: 5 };
  const group: Tried = { confirmed: 200, tried: 200 };
  const active: Tried = { confirmed: 1, tried: 1 };
  /** Entries that a client has seen, by their EntryIDs in hexadecimal digits. */
  const shown = new Map<string, JournalEntry>();
  let last: JournalEntry | undefined;

  async function write(client: TcpClient, item: string, data: MmsData): Promise<void> {
    const answer = await client.request({ service: 'write', access: { list: [{ name: nameOf(item) }] }, data: [data] });
    assert.deepEqual(answer, { service: 'write', results: [{ success: true }] }, item);
  }

  async function attempt(of: Tried, value: number, action: () => Promise<void>): Promise<void> {
    of.tried = value;
    await action();
    of.confirmed = value;
  }

  async function read(client: TcpClient, item: string): Promise<number> {
    const answer = await client.read(item);
    const [result] = answer.service === 'read' ? answer.results : [];
    assert.ok(result?.success && 'value' in result.data, item);
    return Number(result.data.value);
  }

  async function readLog(client: TcpClient, after: JournalEntry | undefined): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let from = after;
    for (let more = true; more;) {
      const page = await client.request({
        service: 'readJournal',
        journal: JOURNAL,
        ...(from?.entryId && { after: { time: from.time, entry: from.entryId } }),
      });
      assert.ok(page.service === 'readJournal');
      entries.push(...page.entries);
      from = page.entries.at(-1) ?? from;
      more = page.moreFollows;
    }
    return entries;
  }

  function isOneOf(value: number, { confirmed, tried }: Tried, what: string): void {
    assert.ok(
      value === confirmed || value === tried,
      `${what} is ${value}: ${confirmed} was confirmed, ${tried} tried`,
    );
  }

  async function settle(client: TcpClient, of: Tried, item: string): Promise<void> {
    const value = await read(client, item);
    isOneOf(value, of, item);
    of.confirmed = of.tried = value;
  }

  async function verify(client: TcpClient): Promise<void> {
    await settle(client, setting, 'RELAYPROT/GGIO1$SP$Lim$setVal');
    await settle(client, active, `${SGCB}$ActSG`);
    assert.equal(await read(client, `${SGCB}$EditSG`), 0);
    await write(client, `${SGCB}$EditSG`, unsigned(2));
    await settle(client, group, SETTING);
    await write(client, `${SGCB}$EditSG`, unsigned(0));
    const entries = new Map(
      (await readLog(client, undefined)).map((entry) => [entry.entryId?.toString('hex') ?? '', entry]),
    );
    for (const [id, entry] of shown)
      assert.deepEqual(octetsOf(entries.get(id)), octetsOf(entry), `entry ${id} is lost`);
    const ids = [...entries.keys()];
    assert.deepEqual(ids, [...ids].sort());
  }

  async function work(client: TcpClient): Promise<void> {
    const repeat = async (action: () => Promise<void>): Promise<void> => {
      while (client.association.open) await action();
    };
    await Promise.all([
      repeat(() =>
        attempt(setting, setting.confirmed + 1, () =>
          write(client, 'RELAYPROT/GGIO1$SP$Lim$setVal', integer(setting.tried)),
        ),
      ),
      repeat(async () => {
        await write(client, `${SGCB}$EditSG`, unsigned(2));
        await write(client, SETTING, integer(group.confirmed + 1));
        await attempt(group, group.confirmed + 1, () => write(client, `${SGCB}$CnfEdit`, TRUE));
        await attempt(active, (active.confirmed % 3) + 1, () => write(client, `${SGCB}$ActSG`, unsigned(active.tried)));
      }),
      repeat(async () => {
        for (const entry of await readLog(client, last)) {
          shown.set(entry.entryId?.toString('hex') ?? '', entry);
          last = entry;
        }
      }),
    ]);
  }

  it(`${KILLS} times loses nothing that was confirmed or shown, and its files stay readable`, async () => {
    for (let i = 0; i < KILLS; i++) {
      const client = await start();
      await verify(client);
      const working = work(client).catch((error: unknown) => {
        // The association breaks with the process.
        if (!(error instanceof Iec61850Error)) throw error;
      });
      await pause(20 + Math.random() * 150);
      await kill();
      await working;
    }
    await verify(await start());
    await kill();
    assert.ok(shown.size > KILLS);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('damaged')),
      [],
    );
    console.log(`    ${setting.confirmed - 5} settings, ${group.confirmed - 200} edits, ${shown.size} entries`);
  });
});

function octetsOf(entry: JournalEntry | undefined): string | undefined {
  return entry?.variables?.map(({ tag, data }) => tag + encodeData(data).toString('hex')).join();
}
