/** The examples with a dashboard, in a browser. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { Controls, IedSession, ReportHub } from '../../src/client/index.js';
import { freePort } from '../support/free-port.js';
import { demoBay, imported } from '../nodes/support/demo-bay.js';
import { CHROMIUM, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const EXAMPLE = path.resolve(__dirname, '../../examples/iec61850-server-dashboard.json');
const POSITION = 'BAY1CTRL/CSWI2.Pos';

describe('the examples with a dashboard in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed | undefined;
  let browser: Browser | undefined;
  let session: IedSession | undefined;

  before(async function () {
    needsBrowser(this);
    // The dashboard is installed beside Node-RED 4 alone.
    if (process.env.NODE_RED === '5') this.skip();
    red = await NodeRed.start();
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  after(async () => {
    await session?.close();
    await browser?.close();
    await red?.stop();
  });

  it('iec61850-server-dashboard: a client gets the power of the slider by report, and operates the switch unless that is blocked', async () => {
    assert.ok(red && browser);
    const port = await freePort();
    const flow = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, unknown>[];
    await red.deploy(flow.map((one) => (one.type === 'iec61850-server' ? { ...one, port: String(port) } : one)));
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }] });
    session.start();
    const lease = ReportHub.of(session).subscribe({ reference: 'BAY1MEAS/LLN0.urcbMeasurements01[RP]' });
    while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
    const powers: unknown[] = [];
    lease.consumer.on('report', ({ values }) => powers.push(...values.map((one) => JSON.stringify(one))));

    const page = await browser.newPage();
    await page.goto(`${red.url}/dashboard/process`);
    const track = page.locator('.v-slider-track, .v-slider__container').first();
    await track.waitFor();
    const box = await track.boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const half = (text: unknown): boolean => /TotW/.test(String(text)) && /"value":(29|30|31)\b/.test(String(text));
    while (!powers.some(half)) await once(lease.consumer, 'report');

    const controls = Controls.of(session);
    const operate = (value: string): ReturnType<Controls['command']> =>
      controls.command({ reference: POSITION, value, origin: { category: 3 } });
    const opened = await operate('open');
    assert.equal(opened.outcome, 'done', JSON.stringify(opened));
    await page.getByText('open', { exact: true }).waitFor();
    await page.locator('.v-switch input, .v-selection-control input').first().click();
    const refused = await operate('close');
    assert.deepEqual([refused.outcome, refused.addCause?.name], ['refused', 'Blocked-by-interlocking']);
    await lease.release();
  });

  it('bay-overview: positions are shown, and a breaker moves when its command is confirmed', async () => {
    assert.ok(red && browser);
    const bay = await demoBay();
    await red.deploy([...bay.flow, ...imported('bay-overview', bay.port)].filter(({ type }) => type !== 'helper'));
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (told) => {
      if (told.type() === 'error') complaints.push(told.text());
    });
    await page.goto(`${red.url}/dashboard/bay-overview`);
    const breaker = page.locator('[data-switch=QA1]');
    const shows = (state: string): Promise<void> => page.locator(`[data-switch=QA1].${state}`).waitFor();
    await shows('closed');
    await page.locator('.meas-tile').first().getByText('good').waitFor();

    const command = page.getByRole('status');
    await breaker.click();
    const dialog = page.getByRole('alertdialog', { name: 'Operate QA1' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await command.getByText('denied').waitFor();
    await breaker.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Open' }).click();
    await shows('open');
    await command.getByText('QA1 open: done').waitFor();
    await page.locator('.events tbody tr', { hasText: 'Breaker QA1' }).getByText('Open', { exact: true }).waitFor();
    await page.locator('[data-switch=QB9].closed').waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
