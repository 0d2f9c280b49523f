import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const PLUGIN = path.join(ROOT, 'plugins', 'iec61850-sidebar');

const catalogue = (language: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(PLUGIN, 'locales', language, 'iec61850-sidebar.json'), 'utf8')) as Record<
    string,
    unknown
  >;

function texts(value: unknown, prefix = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[prefix, value]]);
  const inner = Object.entries(value as object).map(([key, one]) =>
    texts(one, prefix === '' ? key : `${prefix}.${key}`),
  );
  return new Map(inner.flatMap((map) => [...map]));
}

describe('the catalogue of the sidebar', () => {
  const english = texts(catalogue('en-US'));
  const german = texts(catalogue('de'));

  it('is complete in English and German, with the same places for values', () => {
    assert.deepEqual([...german.keys()], [...english.keys()]);
    const places = (text = ''): string[] => (text.match(/__\w+?__/g) ?? []).sort();
    for (const [key, text] of english) assert.deepEqual(places(german.get(key)), places(text), key);
  });

  it('has every text that its scripts name', () => {
    const missing = readdirSync(path.join(ROOT, 'resources'))
      .filter((file) => /^sidebar(-\w+)*\.js$/.test(file))
      .map((file) => readFileSync(path.join(ROOT, 'resources', file), 'utf8'))
      .flatMap((script) => [...script.matchAll(/\b(?:s|sidebarText)\(\s*'([\w.]+)'/g)])
      .map((match) => match[1] as string)
      .filter((key) => !english.has(key));
    assert.deepEqual(missing, []);
  });

  it('has every script that its page loads', () => {
    const page = readFileSync(path.join(PLUGIN, 'iec61850-sidebar.html'), 'utf8');
    const loaded = [...page.matchAll(/(?:src|href)="resources\/@substation\/node-red-iec61850\/([^"]+)"/g)].map(
      (match) => match[1] as string,
    );
    const present = new Set(readdirSync(path.join(ROOT, 'resources')));
    assert.deepEqual(
      loaded.filter((file) => !present.has(file)),
      [],
    );
    const panels = [...present].filter((file) => /^sidebar-.*\.js$/.test(file));
    assert.deepEqual(
      panels.filter((file) => !loaded.includes(file)),
      [],
    );
  });
});
