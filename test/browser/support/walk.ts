/**
 * A walk of docs/walks.md, done as it stands there: what is clicked has to be bold in the step, what is written has to stand in
 * it as code, and every bold word has to be clicked, in its order. Counts what a person does.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';

const PAGE = readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'walks.md'), 'utf8');
/** Keystroke-level model in s: pointing, a button, the hands to the keyboard and back, thinking, a key of an untrained typist. */
const KLM = { point: 1.1, press: 0.2, hands: 0.8, think: 1.35, key: 0.5 };
const WORDS_A_MINUTE = 200;
/** Somebody who does it for the first time. */
const FIRST_TIME = 2;

export class Walk {
  private readonly text: string;
  private readonly steps: string[];
  private current = '';
  private left: string[] = [];
  private done = 0;
  private clicks = 0;
  private fields = 0;
  private characters = 0;

  /** @param heading of the section of docs/walks.md */
  constructor(readonly heading: string) {
    const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
    assert.ok(section, `docs/walks.md has no section "${heading}"`);
    this.text = section;
    this.steps = [...section.matchAll(/^\d+\. (.*(?:\n {3}.*)*)/gm)].map((match) =>
      (match[1] ?? '').replace(/\s+/g, ' '),
    );
  }

  /** Goes on to the next step, which has to be this one. */
  step(number: number): void {
    this.endStep();
    this.done++;
    assert.equal(number, this.done);
    this.current = this.steps[number - 1] ?? '';
    this.left = [...this.current.matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1] ?? '');
  }

  /** Clicks on what the step calls `label`. */
  async click(label: string, target: Locator, double = false): Promise<void> {
    assert.equal(this.left.shift(), label, `step ${this.done}: ${this.current}`);
    this.clicks++;
    await (double ? target.dblclick() : target.click());
  }

  /** Writes what the step has as code; `actual` is what stands for it here, such as another port. */
  async write(text: string, target?: Locator, actual = text): Promise<void> {
    assert.ok(this.current.includes(`\`${text}\``), `step ${this.done} has no \`${text}\`: ${this.current}`);
    this.fields++;
    this.characters += text.length;
    await target?.fill(actual);
  }

  /** Ends the walk, and compares what was counted with the table of the page. */
  end(machineSeconds: number): void {
    this.endStep();
    assert.equal(this.done, this.steps.length, 'steps were left out');
    const words = this.text.split(/\s+/).length;
    const { point, press, hands, think, key } = KLM;
    const doing = this.clicks * (point + press + think) + this.fields * (hands + think) + this.characters * key;
    const minutes = (FIRST_TIME * (doing + (words / WORDS_A_MINUTE) * 60)) / 60;
    assert.ok(minutes < 10, `${minutes.toFixed(1)} minutes`);
    const row = PAGE.split('\n').find((line) => line.startsWith('| [') && line.includes(anchorOf(this.heading))) ?? '';
    const [clicks, fields, characters, saidWords, saidMinutes] = row.split('|').slice(2).map(parseFloat);
    console.log(
      `      ${this.clicks} clicks, ${this.fields} fields, ${this.characters} characters, ${words} words: ` +
        `${minutes.toFixed(1)} min; machine alone ${machineSeconds.toFixed(0)} s`,
    );
    const counted = [this.clicks, this.fields, this.characters];
    assert.deepEqual([clicks, fields, characters], counted, `docs/walks.md says: ${row}`);
    // A word more or less is no other walk.
    assert.ok(Math.abs((saidWords ?? 0) - words) <= 10, `docs/walks.md says ${saidWords} words, and has ${words}`);
    assert.ok(Math.abs((saidMinutes ?? 0) - minutes) <= 0.2, `docs/walks.md says ${saidMinutes} min, not ${minutes}`);
  }

  private endStep(): void {
    assert.deepEqual(this.left, [], `step ${this.done} was not done to its end`);
  }
}

function anchorOf(heading: string): string {
  return `#${heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-')}`;
}
