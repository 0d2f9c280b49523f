import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { filesBelow, readSource, readText, ROOT } from './sources.js';

interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  files: string[];
  scripts: Record<string, string>;
  engines: { node: string };
  'node-red': { version: string; nodes: Record<string, string> };
}

interface FlowNode {
  id: string;
  type: string;
}

interface LockFile {
  packages: Record<string, { resolved?: string }>;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const nodeTypes = Object.keys(manifest['node-red'].nodes);
const LANGUAGES = ['en-US', 'de'];

/** Attributes of the opening tag, and the text up to its closing tag, of every script element of an HTML file. */
function scripts(html: string): { attributes: string; text: string }[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)].map((match) => ({
    attributes: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

describe('the package', function () {
  // All sources are parsed.
  this.timeout(60_000);

  it('has at most six runtime dependencies', () => {
    const names = Object.keys(manifest.dependencies);
    assert.ok(names.length <= 6, names.join(', '));
  });

  it('declares every module that its code imports at run time', () => {
    const files = ['src', 'nodes', 'plugins'].flatMap((folder) => filesBelow(folder, '.ts'));
    const undeclared = files.flatMap((file) =>
      readSource(file)
        .runtimeImports.filter((target) => !/^(src|nodes|node:)/.test(target))
        .map((target) =>
          target
            .split('/')
            .slice(0, target.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !Object.hasOwn({ ...manifest.dependencies, ...manifest.optionalDependencies }, name))
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(undeclared, []);
  });

  it('names Node.js and Node-RED versions that it runs on', () => {
    assert.equal(manifest.engines.node, '>=20.19');
    assert.equal(manifest['node-red'].version, '>=4.0.0');
  });

  it('has a lock file that holds no download host of one machine', () => {
    const lock = JSON.parse(readText('package-lock.json')) as LockFile;
    const foreign = Object.entries(lock.packages)
      .map(([name, { resolved }]) => ({ name, resolved }))
      .filter(({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'));
    assert.deepEqual(foreign, []);
  });

  it('is built by npm pack and npm publish, which an ignore-scripts of the project would forbid', () => {
    assert.equal(manifest.scripts.prepack, 'node scripts/build.js');
    assert.doesNotMatch(readText('.npmrc'), /^ignore-scripts/m);
  });

  it('ships everything that package.json lists', () => {
    const missing = manifest.files.filter((file) => !/^!?dist\//.test(file) && !existsSync(path.join(ROOT, file)));
    assert.deepEqual(missing, []);
  });
});

for (const type of nodeTypes) {
  describe(`the node ${type}`, () => {
    const folder = `nodes/${type}`;
    const html = existsSync(path.join(ROOT, folder, `${type}.html`)) ? readText(`${folder}/${type}.html`) : '';

    it('has its runtime and its editor page under its own name', () => {
      assert.equal(manifest['node-red'].nodes[type], `dist/nodes/${type}/${type}.js`);
      assert.ok(existsSync(path.join(ROOT, folder, `${type}.ts`)), `${folder}/${type}.ts is missing`);
      assert.notEqual(html, '', `${folder}/${type}.html is missing`);
      assert.match(html, new RegExp(`registerType\\(\\s*['"\`]${type}['"\`]`));
      assert.match(html, new RegExp(`data-template-name=["']${type}["']`));
    });

    it('has editor scripts that parse', () => {
      for (const { attributes, text } of scripts(html)) {
        if (/type=["']text\/(html|markdown|x-red)/.test(attributes) || /\bsrc=/.test(attributes)) continue;
        assert.doesNotThrow(() => new vm.Script(text), `${folder}/${type}.html`);
      }
    });

    for (const language of LANGUAGES) {
      it(`speaks ${language}: labels and help`, () => {
        const place = `${folder}/locales/${language}`;
        const labels = `${place}/${type}.json`;
        assert.ok(existsSync(path.join(ROOT, labels)), `${labels} is missing`);
        JSON.parse(readText(labels));
        const help = [html, ...filesBelow(place, '.html').map(readText)].join('\n');
        assert.match(help, new RegExp(`data-help-name=["']${type}["']`));
      });
    }

    it('has every English label in every other language', () => {
      const keys = (value: unknown, prefix = ''): string[] =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${prefix}.${key}`))
          : [prefix];
      const labels = (language: string): string[] =>
        keys(JSON.parse(readText(`${folder}/locales/${language}/${type}.json`)));
      for (const language of LANGUAGES) {
        const present = new Set(labels(language));
        const missing = labels('en-US').filter((key) => !present.has(key));
        assert.deepEqual(missing, [], language);
      }
    });

    it('has the same help in every language: headings, terms, lists and code, and labels with the same placeholders', () => {
      const shape = (language: string): string[] => {
        const help = filesBelow(`${folder}/locales/${language}`, '.html').map(readText).join('\n');
        return ['<h3', '<p', '<dt', '<li', '<tr', '<code'].map((tag) => `${help.split(tag).length - 1} ${tag}`);
      };
      const placeholders = (language: string): string[] =>
        JSON.stringify(JSON.parse(readText(`${folder}/locales/${language}/${type}.json`)), (key, value: unknown) =>
          // Reasons are texts of the runtime, which speaks English.
          key === 'reason' ? undefined : value,
        ).match(/__\w+__/g) ?? [];
      for (const language of LANGUAGES) {
        assert.deepEqual(shape(language), shape('en-US'), language);
        assert.deepEqual(placeholders(language).sort(), placeholders('en-US').sort(), language);
      }
    });

    it('has an icon that exists', () => {
      const icons = [...html.matchAll(/icon:\s*['"]([^'"]+\.(?:svg|png))['"]/g)].map((match) => match[1] ?? '');
      // A config node shows none on the canvas.
      if (!/category:\s*['"]config['"]/.test(html)) assert.ok(icons.length > 0, 'no icon is named');
      for (const icon of icons) {
        if (icon.startsWith('font-awesome/')) continue;
        assert.ok(existsSync(path.join(ROOT, 'icons', icon)), `icons/${icon} is missing`);
      }
    });

    it('has an example that uses it', () => {
      const using = filesBelow('examples', '.json').filter((file) =>
        (JSON.parse(readText(file)) as FlowNode[]).some((node) => node.type === type),
      );
      assert.notDeepEqual(using, []);
    });
  });
}

describe('the build', () => {
  it('puts page, languages and icons beside each compiled node, where Node-RED looks', () => {
    const icons = readdirSync(path.join(ROOT, 'icons'));
    const wanted = nodeTypes.flatMap((type) => [
      `dist/nodes/${type}/${type}.js`,
      `dist/nodes/${type}/${type}.html`,
      ...LANGUAGES.map((language) => `dist/nodes/${type}/locales/${language}/${type}.json`),
      ...icons.map((icon) => `dist/nodes/${type}/icons/${icon}`),
    ]);
    assert.deepEqual(
      wanted.filter((file) => !existsSync(path.join(ROOT, file))),
      [],
    );
  });
});

describe('the folder of examples', () => {
  it('has a flow before its first folder, without which Node-RED offers none of them', () => {
    const entries = readdirSync(path.join(ROOT, 'examples'), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    const first = (fits: (entry: (typeof entries)[number]) => boolean): number => entries.findIndex(fits);
    assert.ok(first(({ name }) => name.endsWith('.json')) < first((entry) => entry.isDirectory()));
  });
});

describe('every example flow', () => {
  it('has no node of another example, or importing both asks what to do', () => {
    // The demo has this one as its second tab.
    const files = filesBelow('examples', '.json').filter((file) => !file.endsWith('my-values.json'));
    const owners = new Map<string, string[]>();
    for (const file of files)
      for (const { id } of JSON.parse(readText(file)) as FlowNode[]) owners.set(id, [...(owners.get(id) ?? []), file]);
    assert.deepEqual(
      [...owners].filter(([, where]) => where.length > 1),
      [],
    );
  });
  for (const file of filesBelow('examples', '.json')) {
    it(`${file} has unique ids, and every wire and reference ends somewhere`, () => {
      const flow = JSON.parse(readText(file)) as (FlowNode & { z?: string; g?: string; wires?: string[][] })[];
      const ids = new Set(flow.map(({ id }) => id));
      assert.equal(ids.size, flow.length);
      for (const node of flow) {
        for (const target of node.wires?.flat() ?? []) assert.ok(ids.has(target), `${node.id} is wired to ${target}`);
        if (node.z) assert.ok(ids.has(node.z), `${node.id} lies on ${node.z}`);
        if (node.g) assert.ok(ids.has(node.g), `${node.id} belongs to ${node.g}`);
      }
    });
  }
});
