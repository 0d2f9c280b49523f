import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const BAY_IN_PACKAGE = '@substation/node-red-iec61850/examples/scl/bay.cid';
interface DebugApi {
  sidebar: { show(tab: string): void };
}

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };

describe('the editor in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let server: IedServer;
  let port: number;
  let editor: Editor;

  before(async function () {
    needsBrowser(this);
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    ({ port } = await server.listen());
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 2, timestamp: '2026-03-01T12:00:00.123Z' }]);
    server.update([{ reference: 'BAY1MEAS/MMXU1.TotW[MX]', value: 38.2 }]);
    red = await NodeRed.start({ environment: { TEST_BAY_PORT: String(port) } });
  });
  after(async () => {
    await red?.stop();
    await server?.close();
  });
  afterEach(async () => {
    await editor?.close();
  });

  const ied = (more: object = {}): object => ({
    id: 'ied',
    type: 'iec61850-ied',
    version: 1,
    name: 'BAY1',
    host: '127.0.0.1',
    port: String(port),
    timeout: '2000',
    sclFile: '',
    ...more,
  });
  const read = (more: object = {}): object => ({
    id: 'read',
    type: 'iec61850-read',
    z: 'tab',
    x: 200,
    y: 100,
    wires: [[]],
    version: 1,
    name: '',
    ied: 'ied',
    tags: [],
    mode: 'poll',
    interval: '200',
    onChange: false,
    deadband: '',
    initial: true,
    output: 'single',
    ...more,
  });
  const open = async (flows?: object[], locale?: string): Promise<Editor> => {
    if (flows) await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red, locale);
    return editor;
  };
  const saved = async (type: string): Promise<Record<string, unknown>> => {
    const found = (await red.flows()).find((node) => node.type === type);
    assert.ok(found, `no ${type} was deployed`);
    return found;
  };

  it('takes a person from an empty canvas to live values', async () => {
    const { page, complaints } = await open([]);
    await editor.drag('iec61850-read', 300, 120);
    await editor.drag('debug', 560, 120);
    await editor.wire('iec61850-read', 'debug');
    await editor.edit('iec61850-read');

    // A new IED by its address; the port comes from the environment.
    await page.click('#node-input-btn-ied-add, #node-input-lookup-ied');
    await page.waitForSelector('#node-config-input-host');
    await editor.settled();
    await page.fill('#node-config-input-name', 'BAY1');
    await page.fill('#node-config-input-host', '127.0.0.1');
    await page.fill('#node-config-input-port', '${TEST_BAY_PORT}');
    await page.click('#node-config-input-test button');
    await page.waitForSelector('#node-config-input-test .iec61850-good');
    await page.click('#node-config-dialog-ok');
    await page.waitForSelector('#node-config-input-host', { state: 'detached' });

    // Browse before anything was deployed.
    await editor.openPicker();
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    assert.match((await page.textContent('.iec61850-picker-bar')) ?? '', /connection of its own/);
    await page.fill('.iec61850-picker input[type=search]', 'breaker position');
    await page.click('[role=treeitem]:has-text("XCBR1.Pos") input[type=checkbox]');
    await page.waitForSelector('.iec61850-chosen input[type=text]');
    assert.equal(await page.inputValue('.iec61850-chosen input[type=text]'), 'CTRL.XCBR1.Pos');
    await page.click('.iec61850-picker button:has-text("Probe")');
    const probed = page.locator('.iec61850-list .iec61850-chosen');
    await probed.locator('strong').waitFor();
    assert.match((await probed.textContent()) ?? '', /Closed Dbpos.*good/);
    await editor.donePicking();
    await editor.doneEditing();
    await editor.deploy();

    assert.equal(await editor.status(/^Closed$/), 'Closed');
    await page.evaluate(() => (window as unknown as { RED: DebugApi }).RED.sidebar.show('debug'));
    const told = page.locator('.red-ui-debug-msg', { hasText: 'BAY1/CTRL.XCBR1.Pos' }).first();
    assert.match((await told.textContent()) ?? '', /Closed|2/);
    const { tags, version } = await saved('iec61850-read');
    assert.equal(version, 1);
    assert.deepEqual(
      (tags as { tag: string; reference: string; fc: string; type: string }[]).map(({ tag, reference, fc, type }) => ({
        tag,
        reference,
        fc,
        type,
      })),
      [{ tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST', type: 'Dbpos' }],
    );
    assert.equal((await saved('iec61850-ied')).port, '${TEST_BAY_PORT}');
    assert.deepEqual(complaints, []);
  });

  it('opens the tree by keyboard alone, and browses a deployed IED over its association', async () => {
    const { page, complaints } = await open([ied(), read()]);
    await editor.status(/connected/);
    await editor.edit('iec61850-read');
    await editor.openPicker();
    await page.click('.iec61850-filters button:has-text("Tree")');
    const tree = page.locator('.iec61850-picker [role=tree]');
    await tree.locator('[role=treeitem]').first().waitFor();
    assert.match((await page.textContent('.iec61850-picker-bar')) ?? '', /running connection/);
    await tree.focus();
    const names = (): Promise<string[]> =>
      tree.locator('[role=treeitem]').evaluateAll((rows) => rows.map((row) => row.textContent ?? ''));
    const before = (await names()).length;
    await page.keyboard.press('ArrowRight');
    await tree.locator('[aria-level="2"]').first().waitFor();
    assert.ok((await names()).length > before);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await tree.locator('[aria-level="3"]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await tree.locator('[aria-level="3"][aria-checked=true]').waitFor();
    assert.ok(await tree.getAttribute('aria-activedescendant'));
    assert.equal(await page.locator('.iec61850-list .iec61850-chosen').count(), 1);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.querySelector('[role=tree] [aria-level="3"]') === null);
    assert.deepEqual(complaints, []);
  });

  it('fills the form of an IED from an uploaded SCL file', async () => {
    const { page, complaints } = await open([read({ ied: '' })]);
    await editor.edit('iec61850-read');
    await page.click('#node-input-btn-ied-add, #node-input-lookup-ied');
    await page.waitForSelector('#node-config-input-scl-field button');
    await editor.settled();
    const choosing = page.waitForEvent('filechooser');
    await page.click('#node-config-input-scl-field button:has-text("Upload")');
    await (await choosing).setFiles(BAY);
    await page.waitForSelector('#node-config-input-scl-field .iec61850-chip:visible');
    await page.waitForSelector('#node-config-input-scl-ied:visible');
    assert.equal(await page.inputValue('#node-config-input-name'), 'BAY1');
    assert.equal(await page.inputValue('#node-config-input-host'), '127.0.0.1');
    assert.equal(await page.inputValue('#node-config-input-port'), '10102');
    assert.equal(await page.inputValue('#node-config-input-remotePSelector'), '00000001');
    await page.click('#node-config-dialog-ok');
    await page.waitForSelector('#node-config-input-host', { state: 'detached' });

    // Its points come from the file while the IED is not there.
    await editor.openPicker();
    await page.click('label:has-text("SCL file") input');
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    await page.click('button:has-text("Tick all shown")');
    await page.waitForSelector('.iec61850-list .iec61850-chosen');
    await editor.donePicking();
    await editor.doneEditing();
    await editor.deploy();
    const { sclFile, sclIed, sclAccessPoint } = await saved('iec61850-ied');
    const { name, hash } = sclFile as { name: string; hash: string };
    assert.deepEqual({ name, sclIed, sclAccessPoint }, { name: 'bay.cid', sclIed: 'BAY1', sclAccessPoint: 'AP1' });
    assert.deepEqual(await readFile(path.join(red.userDir, 'iec61850', 'scl', `${hash}.scl`)), await readFile(BAY));
    assert.ok(((await saved('iec61850-read')).tags as unknown[]).length > 50);
    assert.deepEqual(complaints, []);
  });

  it('ticks points of a file in scl-import, names them by a template, and refuses a name twice', async () => {
    const { page, complaints } = await open([
      {
        id: 'import',
        type: 'scl-import',
        z: 'tab',
        x: 200,
        y: 100,
        wires: [[]],
        version: 1,
        sclFile: BAY_IN_PACKAGE,
        sclIed: 'BAY1',
        output: 'points',
        points: 'chosen',
        tags: [],
      },
    ]);
    await editor.edit('scl-import');
    await page.waitForSelector('.iec61850-scl-state:has-text("1 IED")');
    await editor.openPicker();
    await page.click('.iec61850-filters button:has-text("Position")');
    await page.waitForSelector('.iec61850-filters button[aria-pressed=true]:has-text("Position")');
    await page.click('[role=treeitem]:has-text("CSWI1.Pos")');
    await page.click('[role=treeitem]:has-text("CSWI2.Pos")');
    const names = page.locator('.iec61850-chosen input[type=text]');
    await names.nth(1).waitFor();
    await page.fill('input[list=iec61850-templates]', '{ied}_{ln}');
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('.iec61850-chosen input')?.value === 'BAY1_CSWI1',
    );
    await names.nth(1).fill('BAY1_CSWI1');
    await names.nth(1).press('Tab');
    await page.waitForSelector('.iec61850-chosen input[aria-invalid=true]');
    await page.click('#iec61850-picker-done');
    assert.match((await page.textContent('.iec61850-picker [role=alert]')) ?? '', /BAY1_CSWI1.*twice/);
    await names.nth(1).fill('second');
    await names.nth(1).press('Tab');
    await page.waitForFunction(() => document.querySelector('.iec61850-chosen input[aria-invalid=true]') === null);
    await editor.donePicking();
    await editor.doneEditing();
    await editor.deploy();
    assert.deepEqual(
      ((await saved('scl-import')).tags as { tag: string }[]).map(({ tag }) => tag),
      ['BAY1_CSWI1', 'second'],
    );
    assert.deepEqual(complaints, []);
  });

  it('edits, exports and imports the tag table', async () => {
    const { page, complaints } = await open([ied(), read()]);
    await editor.edit('iec61850-read');
    await page.click('.iec61850-tags button:has-text("Add")');
    const row = page.locator('.iec61850-list .iec61850-tag');
    await row.locator('input').nth(1).fill('BAY1MEAS/MMXU1.TotW[MX]');
    await row.locator('input').nth(1).press('Tab');
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('.iec61850-list .iec61850-tag select')?.value === 'MX',
    );
    assert.equal(await row.locator('input').nth(0).inputValue(), 'MMXU1.TotW');
    await row.locator('input').nth(3).fill('-1');
    await row.locator('input').nth(3).press('Tab');
    await page.waitForSelector('.iec61850-tag input[aria-invalid=true]');
    await row.locator('input').nth(3).fill('0.5');
    await row.locator('input').nth(3).press('Tab');
    await page.waitForFunction(() => document.querySelector('.iec61850-tag input[aria-invalid=true]') === null);
    const downloading = page.waitForEvent('download');
    await page.click('.iec61850-tags button[aria-label="Export to CSV"]');
    const download = await downloading;
    assert.equal(download.suggestedFilename(), 'BAY1.csv');
    const csv = await readFile(await download.path(), 'utf8');
    assert.match(csv, /MMXU1\.TotW,BAY1MEAS\/MMXU1\.TotW,MX/);
    const edited = path.join(red.userDir, 'edited.csv');
    await writeFile(edited, `${csv.trimEnd()}\nbreaker,BAY1CTRL/XCBR1.Pos,ST\n`);
    const choosing = page.waitForEvent('filechooser');
    await page.click('.iec61850-tags button[aria-label="Import from CSV"]');
    await (await choosing).setFiles(edited);
    await row.nth(1).waitFor();
    await editor.doneEditing();
    await editor.deploy();
    const tags = (await saved('iec61850-read')).tags as { tag: string; deadband?: number }[];
    assert.deepEqual(
      tags.map(({ tag, deadband }) => [tag, deadband]),
      [
        ['MMXU1.TotW', 0.5],
        ['breaker', undefined],
      ],
    );
    await editor.status(/2 tags/);
    assert.deepEqual(complaints, []);
  });

  it('says why an IED cannot be browsed, and what to do', async () => {
    const { page } = await open([ied({ port: '1', timeout: '500' }), read()]);
    await editor.edit('iec61850-read');
    await editor.openPicker();
    const alert = page.locator('.iec61850-picker [role=alert]');
    await alert.waitFor();
    assert.match((await alert.textContent()) ?? '', /127\.0\.0\.1:1 .*(port|IED)/i);
    await page.click('#iec61850-picker-cancel');
  });

  it('shows what files say as text, whatever it looks like', async () => {
    const hostile = '&lt;img src=x onerror=&quot;window.pwned=1&quot;&gt;';
    const text = (await readFile(BAY, 'utf8')).replaceAll(/ desc="[^"]*"/g, ` desc="${hostile}"`);
    await writeFile(path.join(red.userDir, 'hostile.cid'), text);
    const { page, complaints } = await open([
      {
        id: 'import',
        type: 'scl-import',
        z: 'tab',
        x: 200,
        y: 100,
        wires: [[]],
        version: 1,
        sclFile: 'hostile.cid',
        sclIed: 'BAY1',
        output: 'points',
        points: 'chosen',
        tags: [],
      },
    ]);
    await editor.edit('scl-import');
    await editor.openPicker();
    await page.click('.iec61850-filters button:has-text("Tree")');
    await page.waitForSelector('[role=treeitem]:has-text("<img src=x")');
    await page.click('.iec61850-filters button:has-text("Recommended")');
    await page.click('button:has-text("Tick all shown")');
    await page.waitForSelector('.iec61850-list .iec61850-chosen');
    await editor.donePicking();
    await editor.doneEditing();
    assert.equal(await page.evaluate(() => 'pwned' in window), false);
    assert.equal(await page.locator('img[src=x]').count(), 0);
    assert.deepEqual(complaints, []);
  });

  it('renders only what is in view of an IED with more than 10,000 attributes', async () => {
    await writeFile(path.join(red.userDir, 'large.cid'), largeScl(300));
    const { page, complaints } = await open([
      {
        id: 'import',
        type: 'scl-import',
        z: 'tab',
        x: 200,
        y: 100,
        wires: [[]],
        version: 1,
        sclFile: 'large.cid',
        sclIed: 'BIG',
        output: 'points',
        points: 'chosen',
        tags: [],
      },
    ]);
    await editor.edit('scl-import');
    await editor.openPicker();
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    await page.click('.iec61850-filters button:has-text("All objects")');
    await page.waitForSelector('.iec61850-filters button[aria-pressed=true]:has-text("All objects")');
    await page.click('button:has-text("Tick all shown")');
    await page.waitForFunction(() =>
      /3000 points chosen/.test(document.querySelector('.iec61850-picker h4')?.textContent ?? ''),
    );
    assert.ok((await page.locator('.iec61850-list-row').count()) < 150);
    await editor.donePicking();
    assert.ok((await page.locator('.iec61850-list-row').count()) < 100);
    assert.match((await page.textContent('.iec61850-tags')) ?? '', /3000 tags/);
    assert.deepEqual(complaints, []);
  });

  it('speaks German, without a text that was forgotten', async () => {
    const { page, complaints } = await open([ied({ sclFile: BAY_IN_PACKAGE, sclIed: 'BAY1' }), read()], 'de');
    await editor.edit('iec61850-read');
    const untranslated = /iec61850-(ied|read)\.|shared\.|\b(Browse|Interval|Deadband|Search)\b/;
    assert.doesNotMatch((await page.innerText('.red-ui-tray-body')) ?? '', untranslated);
    await editor.openPicker();
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    await page.waitForSelector('text=Stellung des Leistungsschalters am Prozess');
    assert.doesNotMatch((await page.innerText('.iec61850-picker')) ?? '', untranslated);
    await page.click('#iec61850-picker-cancel');
    assert.deepEqual(complaints, []);
  });
});

describe('the editor behind a login', function () {
  this.timeout(180_000);

  it('answers nobody who may not write', async function () {
    needsBrowser(this);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a package of Node-RED, without types here
    const { hashSync } = require('bcryptjs') as { hashSync(text: string, rounds: number): string };
    const user = (username: string, permissions: string): string =>
      JSON.stringify({ username, password: hashSync(username, 4), permissions });
    const red = await NodeRed.start({
      settings: `adminAuth: { type: 'credentials', users: [${user('writer', '*')}, ${user('reader', 'read')}] }`,
    });
    try {
      const token = async (name: string): Promise<string> => {
        const body = { client_id: 'node-red-admin', grant_type: 'password', scope: '', username: name, password: name };
        const response = await fetch(`${red.url}/auth/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return ((await response.json()) as { access_token: string }).access_token;
      };
      const ask = async (method: string, route: string, bearer?: string): Promise<number> => {
        const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
        const response = await fetch(`${red.url}/iec61850/${route}`, {
          method,
          headers,
          ...(method === 'POST' && { body: '{}' }),
        });
        return response.status;
      };
      const [writer, reader] = [await token('writer'), await token('reader')];
      const routes: [string, string][] = [
        ['GET', 'scl'],
        ['POST', 'scl'],
        ['POST', 'scl/summary'],
        ['DELETE', `scl/${'a'.repeat(64)}`],
        ['POST', 'test'],
        ['POST', 'browse'],
        ['GET', 'browse/x'],
        ['GET', 'browse/x/rows'],
        ['GET', 'browse/x/points'],
        ['POST', 'browse/x/names'],
        ['POST', 'browse/x/probe'],
        ['POST', 'browse/x/complete'],
        ['DELETE', 'browse/x'],
        ['POST', 'tags/csv'],
        ['POST', 'tags/parse'],
        ['POST', 'scl-check'],
        ['POST', 'scl-check/csv'],
        ['POST', 'project/export'],
        ['POST', 'project/inspect'],
        ['POST', 'project/x/apply'],
        ['DELETE', 'project/x'],
      ];
      for (const [method, route] of routes) {
        assert.equal(await ask(method, route), 401, `${method} ${route} without a token`);
        assert.equal(await ask(method, route, reader), 401, `${method} ${route} for a reader`);
        assert.notEqual(await ask(method, route, writer), 401, `${method} ${route} for a writer`);
      }
    } finally {
      await red.stop();
    }
  });
});

/** An IED with many logical nodes of ten measured values each, five attributes a value. */
function largeScl(nodes: number): string {
  const values = Array.from({ length: 10 }, (_, i) => `<DO name="AnIn${i + 1}" type="MV"/>`).join('');
  const logicalNodes = Array.from(
    { length: nodes },
    (_, i) => `<LN lnClass="GGIO" inst="${i + 1}" lnType="GGIO"/>`,
  ).join('');
  return `<?xml version="1.0"?><SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
    <Header id="large"/><IED name="BIG"><AccessPoint name="AP"><Server><Authentication/>
    <LDevice inst="LD"><LN0 lnClass="LLN0" inst="" lnType="LLN0"/>${logicalNodes}</LDevice></Server></AccessPoint></IED>
    <DataTypeTemplates><LNodeType id="LLN0" lnClass="LLN0"><DO name="Beh" type="ENS"/></LNodeType>
    <LNodeType id="GGIO" lnClass="GGIO">${values}</LNodeType>
    <DOType id="ENS" cdc="ENS"><DA name="stVal" bType="INT8" fc="ST"/><DA name="q" bType="Quality" fc="ST"/><DA name="t" bType="Timestamp" fc="ST"/></DOType>
    <DOType id="MV" cdc="MV"><DA name="mag" bType="Struct" type="AV" fc="MX"/><DA name="q" bType="Quality" fc="MX"/><DA name="t" bType="Timestamp" fc="MX"/><DA name="d" bType="VisString255" fc="DC"/></DOType>
    <DAType id="AV"><BDA name="f" bType="FLOAT32"/></DAType></DataTypeTemplates></SCL>`;
}
