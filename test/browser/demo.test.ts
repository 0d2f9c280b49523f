import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type DemoPorts, demoPorts, Program } from '../start/programs.js';
import { CHROMIUM, needsBrowser } from './support/editor.js';

const SCRIPT = path.resolve(__dirname, '..', '..', 'scripts', 'start.js');
const NODES = ['Serve BAY1', 'Read bay 1', 'Modbus TCP', 'MQTT', 'Points of bay.cid'];

/** A page that notes what goes wrong in it: uncaught errors, errors on the console, requests that fail. */
async function openPage(browser: Browser, url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!reason.includes('ERR_ABORTED')) problems.push(`request: ${request.url()} ${reason}`);
  });
  await page.goto(url);
  return { page, problems };
}

describe('the demo in a browser', function () {
  this.timeout(180_000);
  let folder = '';
  let ports: DemoPorts;
  let demo: Program | undefined;
  let browser: Browser | undefined;

  async function open(place: string): Promise<{ page: Page; problems: string[] }> {
    assert.ok(browser);
    return openPage(browser, `http://127.0.0.1:${ports.PORT}${place}`);
  }

  before(async function () {
    needsBrowser(this);
    // Chromium does not start as root with its sandbox, and CI runs as root.
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    folder = mkdtempSync(path.join(os.tmpdir(), 'iec61850-browser-'));
    ports = await demoPorts();
    const variables = Object.fromEntries(Object.entries(ports).map(([name, value]) => [name, String(value)] as const));
    const env = { ...process.env, DEMO_DIRECTORY: folder, ...variables };
    demo = new Program(process.execPath, [SCRIPT], { env });
    await demo.says(/Ctrl-C ends it/);
  });

  after(async () => {
    await browser?.close();
    await demo?.kill();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  describe('the dashboard', () => {
    let page: Page;
    let problems: string[];

    before(async () => {
      ({ page, problems } = await open('/dashboard/bay1'));
    });

    it('shows the positions of the bay', async () => {
      for (const name of ['QB1 disconnector', 'QA1 breaker', 'QB9 disconnector']) await page.getByText(name).waitFor();
      await page.locator('.sld .closed, .sld .open, .sld .moving').first().waitFor();
      assert.equal(await page.locator('.sld .unknown, .sld .bad').count(), 0);
    });

    it('shows measurements with unit and quality', async () => {
      const voltage = page.locator('.phases tr', { hasText: 'Voltage' });
      await voltage
        .getByText(/^\d+\.\d+ kV$/)
        .first()
        .waitFor();
      assert.match(await voltage.innerText(), /good|questionable/);
    });

    it('lists a fault that a person starts, with the time and reference of the device', async () => {
      await page.getByRole('button', { name: 'Line fault' }).click();
      const trip = page.locator('.events tr.trip', { hasText: 'General trip' }).first();
      await trip.waitFor();
      assert.match(
        await trip.innerText(),
        /20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[^]*True[^]*good[^]*BAY1PROT\/PTRC1\.Tr\[ST\]/,
      );
      await page.locator('.sld .open').first().waitFor();
    });

    it('has no errors', () => {
      assert.deepEqual(problems, []);
    });
  });

  describe('the editor', () => {
    let page: Page;
    let problems: string[];

    before(async () => {
      ({ page, problems } = await open('/'));
      await page.locator('.red-ui-flow-node').first().waitFor();
    });

    it('shows the flow with nothing to correct in it', async () => {
      for (const name of NODES) await page.locator('.red-ui-flow-node-label', { hasText: name }).first().waitFor();
      assert.equal(await page.locator('.red-ui-flow-node-error:visible').count(), 0);
    });

    it('offers our nodes in the palette, with their icons', async () => {
      const category = page.locator('.red-ui-palette-category', { hasText: 'IEC 61850' });
      await category.first().waitFor();
      assert.ok((await category.locator('.red-ui-palette-node').count()) >= 5);
    });

    for (const name of NODES) {
      it(`opens and closes the form of "${name}"`, async () => {
        await page.locator('.red-ui-flow-node', { hasText: name }).first().dblclick();
        await page.locator('#node-dialog-ok').waitFor();
        assert.equal(await page.locator('.red-ui-editor .input-error:visible').count(), 0);
        await page.locator('#node-dialog-cancel').click();
        await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
      });
    }

    it('leaves the flow as it was', async () => {
      assert.equal(await page.locator('#red-ui-header-button-deploy.disabled').count(), 1);
    });

    it('imports examples from its menu without a question, dashboards into the one that is there', async () => {
      const dialog = page.locator('#red-ui-clipboard-dialog');
      const rows = page.locator('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label');
      for (const name of ['bay-overview', 'comtrade-on-trip']) {
        await page.keyboard.press('Control+i');
        await dialog.getByRole('link', { name: 'Examples' }).click();
        const example = rows.getByText(name, { exact: true });
        // The tree opens its only branches by itself, one after the other.
        const branch = rows.getByText('@substation/node-red-iec61850', { exact: true });
        await branch.or(example).first().waitFor();
        if (!(await example.isVisible())) await branch.click();
        await example.click();
        await page.locator('#red-ui-clipboard-dialog-ok').click();
        await dialog.waitFor({ state: 'hidden' });
      }
      for (const tab of ['Bay overview', 'COMTRADE on a trip'])
        await page.locator('.red-ui-tab-label', { hasText: tab }).first().waitFor();
      assert.equal(await page.locator('.red-ui-notification:visible', { hasText: 'already exist' }).count(), 0);
      await page.waitForFunction(() => {
        const { RED } = globalThis as unknown as {
          RED: { nodes: { eachConfig(each: (node: { type: string }) => void): void } };
        };
        let bases = 0;
        RED.nodes.eachConfig(({ type }) => void (type === 'ui-base' && bases++));
        return bases === 1;
      });
    });

    it('has no errors', () => {
      assert.deepEqual(problems, []);
    });
  });
});
