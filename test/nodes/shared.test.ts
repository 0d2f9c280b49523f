import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import sinon from 'sinon';
import { ArgumentError, DataAccessError, TimeoutError } from '../../src/errors.js';
import { POINT_CATEGORIES } from '../../src/gateway/points/point.js';
import { pointAt } from '../../src/gateway/points/point-at.js';
import { POINT_RULES } from '../../src/gateway/points/rules.js';
import type { Tag } from '../../src/model/tag.js';
import { loadScl } from '../../src/scl/index.js';
import { connectionSettings } from '../../nodes/shared/connection-settings.js';
import { expandEnvironment } from '../../nodes/shared/environment.js';
import { ErrorMemory, explain } from '../../nodes/shared/explain.js';
import { migrate } from '../../nodes/shared/migrate.js';
import { MAX_STATUS_TEXT, StatusLine, shortText } from '../../nodes/shared/status.js';

const noVariables = (): undefined => undefined;

describe('connection settings of a form', () => {
  it('have the usual values where fields are empty', () => {
    const settings = connectionSettings({ host: '10.0.0.1' }, noVariables);
    assert.equal(settings.name, '10.0.0.1');
    assert.deepEqual(settings.endpoints, [{ host: '10.0.0.1', port: 102 }]);
    assert.equal(settings.timeout, 5000);
    assert.deepEqual(settings.selectors, { local: {}, remote: {} });
  });

  it('T-, S- and P-selectors are octet strings, not numbers (libiec61850 #546)', () => {
    const { selectors } = connectionSettings(
      {
        host: 'x',
        remoteTSelector: '00 01',
        remoteSSelector: '00-02',
        remotePSelector: '0000000A',
        remoteApTitle: '1,3,9999,23',
        remoteAeQualifier: '23',
        localTSelector: '0003',
      },
      noVariables,
    );
    assert.deepEqual(selectors.remote, {
      tSelector: '0001',
      sSelector: '0002',
      pSelector: '0000000a',
      apTitle: '1.3.9999.23',
      aeQualifier: 23,
    });
    assert.deepEqual(selectors.local, { tSelector: '0003' });
  });

  it('name the field that is wrong', () => {
    const wrong: [string, string, RegExp][] = [
      ['port', '70000', /^ArgumentError: Port "70000"/],
      ['port', 'x', /Port "x"/],
      ['timeout', '5', /Time limit/],
      ['remoteTSelector', '1', /T-selector of the IED/],
      ['remoteApTitle', 'abc', /AP-title of the IED/],
      ['localAeQualifier', '1.5', /AE-qualifier of this machine/],
      ['maxPduSize', '100', /PDU size/],
      ['maxOutstanding', '0', /Outstanding/],
      ['edition', '3', /edition/],
      ['host2', '${NOPE}', /Standby address uses \$\{NOPE\}/],
    ];
    for (const [field, value, named] of wrong) {
      assert.throws(() => connectionSettings({ host: 'x', [field]: value }, noVariables), named, `${field} ${value}`);
    }
  });

  it('have a standby address after the first', () => {
    const { endpoints } = connectionSettings({ host: 'a', port: 1, host2: 'b', port2: '2' }, noVariables);
    assert.deepEqual(endpoints, [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]);
  });
});

describe('environment variables in fields', () => {
  const lookup = (name: string): string | undefined => ({ HOST: '10.0.0.1', EMPTY: '' })[name];

  it('are replaced anywhere in a text', () => {
    assert.equal(expandEnvironment('${HOST}', lookup), '10.0.0.1');
    assert.equal(expandEnvironment('a-${HOST}-${EMPTY}b', lookup), 'a-10.0.0.1-b');
    assert.equal(expandEnvironment('$HOST ${ }', lookup), '$HOST ${ }');
  });

  it('are not replaced in what a variable holds', () => {
    assert.equal(
      expandEnvironment('${A}', () => '${HOST}'),
      '${HOST}',
    );
  });

  it('that are not set are named', () => {
    assert.throws(() => expandEnvironment('${NOPE}', lookup, 'host'), /host uses \$\{NOPE\}/);
  });
});

describe('saved configurations', () => {
  const steps = [
    (config: { version?: number; a?: number }) => ({ ...config, a: 1 }),
    (config: { version?: number; a?: number }) => ({ ...config, a: (config.a ?? 0) + 1 }),
  ];

  it('are brought to the newest form one version after the other, and left as they were', () => {
    const saved = { version: 0 };
    assert.deepEqual(migrate<{ version?: number; a?: number }>(saved, steps), { version: 2, a: 2 });
    assert.deepEqual(saved, { version: 0 });
    assert.deepEqual(migrate<{ version?: number; a?: number }>({ version: 1, a: 5 }, steps), { version: 2, a: 6 });
  });

  it('without a version, or of a newer one, stay', () => {
    assert.deepEqual(migrate<{ version?: number; a?: number }>({ a: 5 }, steps), { a: 5 });
    assert.deepEqual(migrate<{ version?: number; a?: number }>({ version: 9 }, steps), { version: 9 });
  });
});

describe('explained errors', () => {
  it('name IED, tag, reason and what to do, each once', () => {
    const error = explain(new DataAccessError(4, 'object-undefined', { ied: 'BAY1', tag: 'Pos' }));
    assert.equal(
      error.message,
      'BAY1 Pos: object-undefined. The IED has no such object; browse it and compare the name.',
    );
    assert.equal((error as DataAccessError).code, 'IEC61850_OBJECT_UNDEFINED');
    assert.match(
      explain(new TimeoutError('BAY1 did not answer', { ied: 'BAY1' })).message,
      /^BAY1 did not answer\. Check/,
    );
    assert.equal(explain(new ArgumentError('No tags.', '')).message, 'No tags.');
    assert.equal(explain('text').message, 'text');
  });

  it('carry no lines of our code into the log', () => {
    assert.doesNotMatch(explain(new TimeoutError('no answer')).stack ?? '', /\n/);
  });

  it('are said once until the subject is well again', () => {
    const memory = new ErrorMemory();
    assert.deepEqual([memory.isNew('a', 'X'), memory.isNew('a', 'X'), memory.isNew('a', 'Y')], [true, false, true]);
    memory.forget('a');
    assert.equal(memory.isNew('a', 'Y'), true);
  });
});

describe('status line', () => {
  let clock: sinon.SinonFakeTimers;
  const status = sinon.stub();
  const shown = (): unknown[] => status.args.map(([value]) => (value as { text: string }).text);

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000 });
    status.reset();
  });
  afterEach(() => clock.restore());

  it('has texts under 20 characters', () => {
    assert.equal(shortText('x'.repeat(50)).length, MAX_STATUS_TEXT);
    assert.equal(shortText('two\nlines'), 'two lines');
    assert.ok(MAX_STATUS_TEXT < 20);
  });

  it('sends what changed, at most twice a second, and the last text always', () => {
    const line = new StatusLine({ status });
    line.ok('1');
    line.ok('1');
    line.ok('2');
    line.ok('3');
    assert.deepEqual(shown(), ['1']);
    clock.tick(500);
    assert.deepEqual(shown(), ['1', '3']);
    line.bad('offline');
    assert.deepEqual(shown(), ['1', '3', 'offline']);
    line.ok('4');
    line.ok('5');
    line.close();
    clock.tick(10_000);
    assert.deepEqual(shown(), ['1', '3', 'offline', '4']);
    assert.equal(clock.countTimers(), 0);
  });
});

describe('catalogues', () => {
  const root = path.join(__dirname, '..', '..');
  const catalogue = (node: string, language: string): Record<string, unknown> =>
    JSON.parse(readFileSync(path.join(root, 'nodes', node, 'locales', language, `${node}.json`), 'utf8')) as Record<
      string,
      unknown
    >;
  const keys = (value: unknown, prefix = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${prefix}${key}.`))
      : [prefix.slice(0, -1)];
  const text = (value: unknown, key: string): unknown =>
    key.split('.').reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);

  for (const node of ['iec61850-ied', 'iec61850-read', 'scl-import']) {
    it(`of ${node} are complete in English and German, help included`, () => {
      // English reasons come with the points; only the other languages have them here.
      const german = keys(catalogue(node, 'de')).filter((key) => !key.startsWith('shared.reason.'));
      assert.deepEqual(german.sort(), keys(catalogue(node, 'en-US')).sort());
      for (const language of ['en-US', 'de']) {
        const help = readFileSync(path.join(root, 'nodes', node, 'locales', language, `${node}.html`), 'utf8');
        assert.ok(help.includes(`data-help-name="${node}"`));
      }
    });
  }

  it('have every reason and category of the points in German', () => {
    const german = catalogue('iec61850-ied', 'de');
    const missing = [
      ...POINT_RULES.map(({ key }) => `shared.reason.${key}`),
      ...POINT_CATEGORIES.map((category) => `shared.category.${category}`),
    ].filter((key) => typeof text(german, key) !== 'string');
    assert.deepEqual(missing, []);
  });

  it('have every text that the shared scripts of the editor show', () => {
    const english = catalogue('iec61850-ied', 'en-US');
    const missing = readdirSync(path.join(root, 'resources'))
      .filter((file) =>
        /^(iec61850-common|scl-field|virtual-list|point-tree|point-sources|point-picker|chosen-points|tag-table)\.js$/.test(
          file,
        ),
      )
      .flatMap((file) => [...readFileSync(path.join(root, 'resources', file), 'utf8').matchAll(/\bt\('([\w.]+)'/g)])
      .map((match) => `shared.${match[1] as string}`)
      .filter((key) => typeof text(english, key) !== 'string');
    assert.deepEqual(missing, []);
  });
});

describe('examples', () => {
  const examples = path.join(__dirname, '..', '..', 'examples');

  for (const file of ['iec61850-read.json', 'scl-import.json']) {
    it(`${file} names points that bay.cid has, each with the type and unit that it has there`, async () => {
      const model = (await loadScl(path.join(examples, 'scl', 'bay.cid'))).model('BAY1');
      const flow = JSON.parse(readFileSync(path.join(examples, file), 'utf8')) as { tags?: Tag[] }[];
      const tags = flow.flatMap((node) => node.tags ?? []);
      assert.ok(tags.length > 0);
      for (const { reference, fc, type, unit, cdc } of tags) {
        const known = pointAt(model, reference);
        assert.deepEqual(
          { reference, fc, type, unit, cdc },
          {
            reference: known.reference,
            fc: known.fc,
            type: known.type,
            unit: known.unit,
            cdc: known.cdc,
          },
        );
      }
    });
  }
});
