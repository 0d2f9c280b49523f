/** The example of a dashboard: its slider reaches clients by report, its switch refuses their commands. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { Controls, IedSession, ReportHub } from '../../src/client/index.js';
import { freePort } from '../support/free-port.js';
import { CHROMIUM, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const EXAMPLE = path.resolve(__dirname, '../../examples/iec61850-server-dashboard.json');
const POSITION = 'BAY1CTRL/CSWI2.Pos';

describe('the example of a dashboard in a browser', function () {
  this.timeout(90_000);
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

  it('a client gets the power of the slider by report, and operates the switch unless that is blocked', async () => {
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
});
