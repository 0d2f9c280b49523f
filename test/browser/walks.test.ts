/** The walks of docs/walks.md, by a person who has never seen Node-RED and by one who has never seen a substation. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { demoPorts, Program } from '../start/programs.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';
import { Walk } from './support/walk.js';

const ROOT = path.resolve(__dirname, '..', '..');
const SIMULATOR = path.join(ROOT, 'dist', 'src', 'cli', 'iec61850-sim.js');
const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const DASHBOARD = 'http://127.0.0.1:1880/dashboard/my-values';

interface EditorApi {
  nodes: { eachConfig(use: (node: { type: string; port?: string }) => void): void };
}

describe('the ten-minute walks of docs/walks.md', function () {
  this.timeout(180_000);
  let folder = '';
  let device: Program;
  let devicePort = '';
  let demo: Program | undefined;
  let red: NodeRed | undefined;
  let editor: Editor | undefined;

  before(async function () {
    needsBrowser(this);
    // The dashboard is installed beside Node-RED 4 alone.
    if (process.env.NODE_RED === '5') this.skip();
    folder = mkdtempSync(path.join(os.tmpdir(), 'iec61850-walk-'));
    device = new Program(process.execPath, [SIMULATOR, BAY, '--port', '0']);
    await device.says(/BAY1 listens on 127\.0\.0\.1:\d+/);
    devicePort = /127\.0\.0\.1:(\d+)/.exec(device.output)?.[1] ?? '';
  });
  afterEach(async () => {
    await editor?.close();
  });
  after(async () => {
    await demo?.kill();
    await red?.stop();
    await device?.kill();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const tab = (page: Page): Locator => page.locator('.red-ui-tab', { hasText: 'My values' });
  const myPoints = (page: Page): Locator =>
    page.locator('.red-ui-flow-node-group', { hasText: /^\s*My points/ }).locator('rect.red-ui-flow-node');
  const openForm = async (walk: Walk, { page }: Editor): Promise<void> => {
    await editor?.settled();
    await walk.click('My points', myPoints(page), true);
    await page.waitForSelector('#dialog-form');
    await editor?.settled();
  };
  const browse = async (walk: Walk, { page }: Editor): Promise<void> => {
    await walk.click('Browse', page.locator('.iec61850-browse'));
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    await editor?.settled();
  };
  const probe = async (walk: Walk, { page }: Editor): Promise<void> => {
    await walk.click('Probe', page.getByRole('button', { name: 'Probe' }));
    await page.locator('.iec61850-list .iec61850-chosen strong').first().waitFor();
  };
  const done = async (walk: Walk, { page }: Editor): Promise<void> => {
    await walk.click('Done', page.locator('#iec61850-picker-done'));
    await page.waitForSelector('.iec61850-picker', { state: 'detached' });
    await editor?.settled();
    await walk.click('Done', page.locator('#node-dialog-ok'));
    await page.waitForSelector('#dialog-form', { state: 'detached' });
  };
  const deploy = async (walk: Walk, { page }: Editor): Promise<void> => {
    await editor?.settled();
    const deployed = page.waitForResponse((answer) => answer.url().endsWith('/flows') && answer.ok());
    await walk.click('Deploy', page.locator('#red-ui-header-button-deploy'));
    await deployed;
  };
  /** Opens the dashboard of this test where the page says its usual address. */
  const dashboard = async (walk: Walk, at: string): Promise<Page> => {
    assert.ok(editor);
    const page = await editor.page.context().newPage();
    await walk.write(DASHBOARD);
    await page.goto(`${at}/dashboard/my-values`);
    return page;
  };
  const row = (page: Page, reference: string, value: RegExp): Promise<void> =>
    page
      .locator('.my-values tr', { hasText: reference })
      .filter({ hasText: value })
      .filter({ hasText: 'good' })
      .waitFor();

  it('a person who knows substations, and has never seen Node-RED', async () => {
    const walk = new Walk('You know substations, and have never seen Node-RED');
    const ports = await demoPorts();
    const began = Date.now();
    walk.step(1);
    await walk.write('npm start');
    const variables = Object.entries(ports).map(([name, value]) => [name, String(value)] as const);
    const env = { ...process.env, DEMO_DIRECTORY: folder, ...Object.fromEntries(variables) };
    demo = new Program(process.execPath, [path.join(ROOT, 'scripts', 'start.js')], { env });
    await demo.says(/Ctrl-C ends it/);
    walk.step(2);
    await walk.write('http://127.0.0.1:1880/');
    const url = `http://127.0.0.1:${ports.PORT}`;
    editor = await Editor.open({ url });
    const { page, complaints } = editor;
    await walk.click('My values', tab(page));
    walk.step(3);
    await openForm(walk, editor);
    walk.step(4);
    await walk.click('pencil', page.locator('#node-input-btn-ied-edit'));
    await page.waitForSelector('#node-config-input-host');
    await editor.settled();
    walk.step(5);
    await walk.write('Q07', page.locator('#node-config-input-name'));
    await walk.write('192.0.2.10', page.locator('#node-config-input-host'), '127.0.0.1');
    await walk.write('102', page.locator('#node-config-input-port'), devicePort);
    walk.step(6);
    await walk.click('Test', page.locator('#node-config-input-test').getByRole('button', { name: 'Test' }));
    await page.waitForSelector('#node-config-input-test .iec61850-good');
    walk.step(7);
    await walk.click('Update', page.locator('#node-config-dialog-ok'));
    await page.waitForSelector('#node-config-input-host', { state: 'detached' });
    await editor.settled();
    walk.step(8);
    await walk.click('bin', page.locator('#dialog-form button:has(.fa-trash-o), #dialog-form button:has(.fa-trash)'));
    walk.step(9);
    await browse(walk, editor);
    walk.step(10);
    await walk.click('Measurement', page.getByRole('button', { name: /^Measurement/ }));
    await walk.click('Tick all shown', page.getByRole('button', { name: 'Tick all shown' }));
    walk.step(11);
    await probe(walk, editor);
    walk.step(12);
    await done(walk, editor);
    walk.step(13);
    await deploy(walk, editor);
    await editor.status(/^\d+ tags · \d+ ms$/);
    walk.step(14);
    const values = await dashboard(walk, url);
    await row(values, 'BAY1MEAS/MMXU1.TotW[MX]', /\d MW/);
    await row(values, 'BAY1MEAS/MMXU1.PhV.phsA[MX]', /\d kV/);
    walk.end((Date.now() - began) / 1000);
    assert.deepEqual(complaints, []);
  });

  it('a person who knows Node-RED, and has never seen a substation', async () => {
    const walk = new Walk('You know Node-RED, and have never seen a substation');
    red = await NodeRed.start();
    const began = Date.now();
    walk.step(1);
    await walk.write('npx iec61850-sim node_modules/@substation/node-red-iec61850/examples/scl/bay.cid --port 10102');
    walk.step(2);
    editor = await Editor.open(red);
    const { page, complaints } = editor;
    const choice = page.locator('#red-ui-clipboard-dialog-import-tab-examples');
    await walk.click('menu', page.locator('#red-ui-header-button-sidemenu'));
    await walk.click('Import', page.locator('#red-ui-header-button-sidemenu-submenu').getByText('Import'));
    await walk.click('Examples', page.locator('#red-ui-clipboard-dialog-import-tabs li', { hasText: 'Examples' }));
    await walk.click('@substation/node-red-iec61850', choice.getByText('@substation/node-red-iec61850'));
    await walk.click('my-values', choice.getByText('my-values'));
    await walk.click('Import', page.locator('#red-ui-clipboard-dialog-ok'));
    await walk.click('My values', tab(page));
    await myPoints(page).waitFor();
    // The device of this test has another port than the one of the page.
    await page.evaluate((port) => {
      const { nodes } = (window as unknown as { RED: EditorApi }).RED;
      nodes.eachConfig((node) => {
        if (node.type === 'iec61850-ied') node.port = port;
      });
    }, devicePort);
    walk.step(3);
    await deploy(walk, editor);
    await editor.status(/^3 tags/);
    walk.step(4);
    const values = await dashboard(walk, red.url);
    await row(values, 'BAY1CTRL/XCBR1.Pos[ST]', /Closed|Open|Intermediate/);
    await row(values, 'BAY1MEAS/MMXU1.TotW[MX]', /\d MW/);
    walk.step(5);
    await openForm(walk, editor);
    await browse(walk, editor);
    walk.step(6);
    await walk.write('current', page.locator('.iec61850-picker input[type=search]'));
    await page.locator('.iec61850-picker [role=treeitem]', { hasText: 'MMXU1.A.phsA' }).waitFor();
    await walk.click('Tick all shown', page.getByRole('button', { name: 'Tick all shown' }));
    await probe(walk, editor);
    walk.step(7);
    await done(walk, editor);
    await deploy(walk, editor);
    await row(values, 'BAY1MEAS/MMXU1.A.phsA[MX]', /\d A/);
    walk.end((Date.now() - began) / 1000);
    assert.deepEqual(complaints, []);
  });
});
