import assert from 'node:assert/strict';
import ts from 'typescript';
import { filesBelow, layerOf, readSource, type SourceFile } from './sources.js';

/** What each folder of src/ may import of ours. src/errors.ts, src/limits.ts and src/diagnostics.ts are open to all. */
const ARROWS: Record<string, readonly string[]> = {
  errors: [],
  diagnostics: [],
  limits: [],
  model: [],
  ethernet: [],
  files: [],
  comtrade: [],
  ber: [],
  osi: ['ber'],
  scl: ['model'],
  mms: ['osi', 'ber', 'model'],
  security: ['ber'],
  client: ['mms', 'scl', 'model', 'files', 'security'],
  server: ['mms', 'scl', 'model', 'files', 'security'],
  goose: ['mms', 'scl', 'model'],
  sv: ['mms', 'scl', 'model'],
  routable: ['mms'],
  'bus-link': ['ethernet', 'routable'],
  gateway: ['client', 'server', 'goose', 'sv', 'routable', 'scl', 'model', 'comtrade'],
  cli: ['server', 'scl', 'model', 'comtrade'],
  index: [
    'client',
    'server',
    'goose',
    'sv',
    'routable',
    'bus-link',
    'ethernet',
    'gateway',
    'scl',
    'model',
    'mms',
    'files',
    'security',
    'comtrade',
  ],
};
const OPEN_TO_ALL = new Set(['errors', 'limits', 'diagnostics']);

/** Folders that take octets and the time, and give octets, events and the next wake-up. */
const SANS_IO = ['ber', 'osi', 'mms', 'goose', 'sv', 'routable'];
const IO_MODULES =
  /^(node:)?(net|tls|dgram|http|https|http2|dns|fs|fs\/promises|timers|timers\/promises|child_process|worker_threads|perf_hooks)$/;
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** Packages that only the named folder may use. */
const PACKAGE_HOMES: Record<string, string> = {
  'fast-xml-parser': 'scl',
  'modbus-serial': 'gateway',
  mqtt: 'gateway',
  pkijs: 'security',
};

const sources = filesBelow('src', '.ts').map(readSource);
const nodes = [...filesBelow('nodes', '.ts'), ...filesBelow('plugins', '.ts')].map(readSource);

function problems(files: readonly SourceFile[], check: (source: SourceFile) => string[]): string[] {
  return files.flatMap((source) => check(source).map((problem) => `${source.file} ${problem}`));
}

/** Uses of clocks and timers, with their lines. */
function clocksAndTimers({ tree }: SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const line = (): number => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const text = `${node.expression.text}.${node.name.text}`;
      if (
        text === 'Date.now' ||
        node.expression.text === 'performance' ||
        text === 'process.hrtime' ||
        text === 'process.uptime'
      ) {
        found.push(`line ${line()} reads a clock: ${text}`);
      }
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date') {
      if ((node.arguments?.length ?? 0) === 0) found.push(`line ${line()} reads a clock: new Date()`);
    }
    if (ts.isCallExpression(node)) {
      const name = ts.isIdentifier(node.expression)
        ? node.expression.text
        : ts.isPropertyAccessExpression(node.expression)
          ? node.expression.name.text
          : '';
      if (TIMERS.has(name)) found.push(`line ${line()} starts a timer: ${name}`);
      if (name === 'Date' && ts.isIdentifier(node.expression)) found.push(`line ${line()} reads a clock: Date()`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** One cycle of the graph as the files on it, or undefined. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const visit = (file: string): string[] | undefined => {
    if (onPath.has(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    onPath.add(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    onPath.delete(file);
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

describe('the arrows between folders', () => {
  it('every folder of src is one that the plan knows', () => {
    const unknown = [...new Set(sources.map(({ file }) => layerOf(file)))].filter(
      (layer) => !Object.hasOwn(ARROWS, layer),
    );
    assert.deepEqual(unknown, []);
  });

  for (const [layer, allowed] of Object.entries(ARROWS)) {
    it(`${layer} imports ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`}`, () => {
      const wrong = problems(
        sources.filter(({ file }) => layerOf(file) === layer),
        ({ imports }) =>
          imports
            .filter((target) => target.startsWith('src/'))
            .filter((target) => layerOf(target) !== layer)
            .filter((target) => !OPEN_TO_ALL.has(layerOf(target)) && !allowed.includes(layerOf(target)))
            .map((target) => `imports ${target}`),
      );
      assert.deepEqual(wrong, []);
    });
  }

  it('nothing under src imports nodes, tests or the build', () => {
    const wrong = problems(sources, ({ imports }) =>
      imports
        .filter((target) => /^(nodes|plugins|test|bench|scripts|dist|\.\.)\//.test(target))
        .map((target) => `imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('nothing under src knows Node-RED', () => {
    const wrong = problems(sources, ({ imports, tree }) => [
      ...imports
        .filter((target) => /^(node-red|@node-red\/|express)/.test(target))
        .map((target) => `imports ${target}`),
      ...(/\bRED\.(nodes|httpAdmin|settings|util|events)\b/.test(tree.text) ? ['uses the RED object'] : []),
    ]);
    assert.deepEqual(wrong, []);
  });

  it('nodes import nothing but src, other nodes and packages', () => {
    const wrong = problems(nodes, ({ imports }) =>
      imports.filter((target) => /^(test|bench|scripts|dist|\.\.)\//.test(target)).map((target) => `imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('nodes are made in one place, which notes what they log', () => {
    const makers = nodes.filter(({ tree }) => tree.text.includes('nodes.createNode(')).map(({ file }) => file);
    assert.deepEqual(makers, ['nodes/shared/create-node.ts']);
  });

  it('a library that does one job is known to one folder', () => {
    const wrong = problems(sources, ({ file, imports }) =>
      imports
        .filter((target) => Object.hasOwn(PACKAGE_HOMES, target) && PACKAGE_HOMES[target] !== layerOf(file))
        .map((target) => `imports ${target}, which belongs to src/${PACKAGE_HOMES[target] ?? ''}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('imports at run time have no cycles', () => {
    const graph = new Map([...sources, ...nodes].map((source) => [source.file, source.runtimeImports]));
    assert.equal(findCycle(graph)?.join(' → '), undefined);
  });
});

describe('the protocol cores', () => {
  const cores = sources.filter(({ file }) => SANS_IO.includes(layerOf(file)));

  it('open no socket, file, thread or process', () => {
    const wrong = problems(cores, ({ imports }) =>
      imports.filter((target) => IO_MODULES.test(target)).map((target) => `imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('read no clock and start no timer', () => {
    assert.deepEqual(problems(cores, clocksAndTimers), []);
  });
});

describe('a source file', () => {
  it('has at most 500 lines', () => {
    const wrong = problems([...sources, ...nodes], ({ tree }) => {
      const lines = tree.text.split('\n').length;
      return lines > 500 ? [`has ${lines} lines`] : [];
    });
    assert.deepEqual(wrong, []);
  });

  it('silences neither the compiler nor the linter without naming the rule', () => {
    const wrong = problems([...sources, ...nodes], ({ tree }) =>
      (tree.text.match(/@ts-(ignore|nocheck|expect-error).*|eslint-disable(?!-next-line [\w@/-]+).*/g) ?? []).map(
        (text) => `has ${text}`,
      ),
    );
    assert.deepEqual(wrong, []);
  });
});
