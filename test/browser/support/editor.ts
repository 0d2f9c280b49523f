/** The editor of Node-RED in a real browser, used as a person would. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { NodeRed } from './node-red.js';

const CANDIDATES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** A Chromium of this machine. */
export const CHROMIUM = CANDIDATES.find((file) => file !== '' && existsSync(file));

/** Skips a suite, and says so, where there is no browser; in CI that is a failure. */
export function needsBrowser(context: Mocha.Context): void {
  if (CHROMIUM) return;
  if (process.env.CI === 'true')
    throw new Error('There is no Chromium: install the package chromium, or set CHROMIUM.');
  console.log('    (no Chromium on this machine: set CHROMIUM, or install the package chromium)');
  context.skip();
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Editor {
  /** What the page complained about; an editor that works has nothing here. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
  }

  static async open(red: Pick<NodeRed, 'url'>, locale = 'en-US'): Promise<Editor> {
    const browser = await chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1500, height: 950 }, locale, acceptDownloads: true });
    const editor = new Editor(browser, await context.newPage());
    editor.page.setDefaultTimeout(40_000);
    await editor.page.goto(red.url);
    await editor.page.waitForSelector(
      '#red-ui-palette-container .red-ui-palette-node[data-palette-type="scl-import"]',
      {
        state: 'attached',
      },
    );
    await editor.page.waitForSelector('#red-ui-main-container', { state: 'visible' });
    await editor.page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' });
    return editor;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** Drags a node from the palette to the canvas. */
  async drag(type: string, x: number, y: number): Promise<void> {
    const node = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await node.scrollIntoViewIfNeeded();
    await node.dragTo(this.page.locator('#red-ui-workspace-chart'), { targetPosition: { x, y } });
    await this.page.waitForSelector('.red-ui-flow-node-group');
  }

  /** Draws a wire from the first output of the only node of one type to the input of that of another. */
  async wire(from: string, to: string): Promise<void> {
    const port = (type: string, side: 'output' | 'input'): Promise<string> =>
      this.page.evaluate(
        ([wanted, port]) => {
          const red = (window as unknown as { RED: EditorApi }).RED;
          const { id } = red.nodes.filterNodes({ type: wanted as string })[0] as { id: string };
          return `[id="${id}"] .red-ui-flow-port-${port as string} .red-ui-flow-port`;
        },
        [type, side],
      );
    await this.page
      .locator(await port(from, 'output'))
      .first()
      .hover();
    await this.page.mouse.down();
    await this.page.locator(await port(to, 'input')).hover();
    await this.page.mouse.up();
    // A level wire has no height, which counts as hidden.
    await this.page.waitForSelector('.red-ui-flow-link', { state: 'attached' });
  }

  /** Opens the form of the only node of a type. */
  async edit(type: string): Promise<void> {
    await this.settled();
    await this.page.evaluate((wanted) => {
      const red = (window as unknown as { RED: EditorApi }).RED;
      red.editor.edit(red.nodes.filterNodes({ type: wanted })[0]);
    }, type);
    await this.page.waitForSelector('#dialog-form');
    await this.settled();
  }

  /** Waits until the trays of the editor stand still: a click on one that slides in goes astray. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const trays = [...document.querySelectorAll('.red-ui-tray')]
          .map((tray) => tray.getBoundingClientRect().x)
          .join();
        const page = window as unknown as { lastTrays?: string };
        const still = page.lastTrays === trays;
        page.lastTrays = trays;
        return still;
      },
      undefined,
      { polling: 150 },
    );
  }

  async deploy(): Promise<void> {
    await this.settled();
    const deployed = this.page.waitForResponse(
      (response) => response.url().endsWith('/flows') && response.request().method() === 'POST',
    );
    await this.page.click('#red-ui-header-button-deploy');
    await deployed;
  }

  /** Text of the only status on the canvas that fits. */
  async status(pattern: RegExp): Promise<string> {
    const label = this.page.locator('.red-ui-flow-node-status-label', { hasText: pattern });
    await label.first().waitFor();
    return (await label.first().textContent()) ?? '';
  }

  async openPicker(): Promise<void> {
    await this.settled();
    await this.page.click('.iec61850-browse');
    await this.page.waitForSelector('.iec61850-picker');
    await this.settled();
  }

  /** Presses Done of the dialog to choose points. */
  async donePicking(): Promise<void> {
    await this.page.click('#iec61850-picker-done');
    await this.page.waitForSelector('.iec61850-picker', { state: 'detached' });
    await this.settled();
  }

  async doneEditing(): Promise<void> {
    await this.settled();
    await this.page.click('#node-dialog-ok');
    await this.page.waitForSelector('#dialog-form', { state: 'detached' });
  }
}

interface EditorApi {
  editor: { edit(node: unknown): void };
  nodes: { filterNodes(filter: { type: string }): unknown[] };
}
