import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { DataAccessError } from '../../src/errors.js';
import { filesBelow, readSource, readText, ROOT } from './sources.js';

const PAGES = ['README.md', 'CHANGELOG.md', 'SECURITY.md', ...filesBelow('docs', '.md')];
/** Codes of errors that are a prefix and one of these names, by the type in src/errors.ts that lists the names. */
const FAMILIES: Readonly<Record<string, string>> = {
  DataSetFailure: 'IEC61850_DATA_SET_',
  SettingGroupFailure: 'IEC61850_SETTINGS_',
  ControlFailure: 'IEC61850_CONTROL_',
  MqttFailure: 'IEC61850_MQTT_',
  SecurityFailure: 'IEC61850_SECURITY_',
  FileFailure: 'IEC61850_FILE_',
};

function withoutCode(text: string): string {
  return text.replace(/^(```+)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Targets of the links and images of a page. */
function links(page: string): string[] {
  return [...withoutCode(readText(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** Names by which headings of a page are linked to, as GitHub and npm make them. */
function anchors(page: string): Set<string> {
  const text = readText(page).replace(/^(```+)[\s\S]*?^\1/gm, '');
  const headings = [...text.matchAll(/^#+ +(.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

/** The names of the exported unions of string literals in src/errors.ts, and their members. */
function failures(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const statement of readSource('src/errors.ts').tree.statements) {
    if (!ts.isTypeAliasDeclaration(statement) || !ts.isUnionTypeNode(statement.type)) continue;
    const members = statement.type.types.flatMap((type) =>
      ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
    );
    found.set(statement.name.text, members);
  }
  return found;
}

describe('the documentation', () => {
  it('has links and images that lead somewhere', () => {
    const broken = PAGES.flatMap((page) =>
      links(page)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [file = '', anchor] = link.split('#');
          const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
          if (!existsSync(path.join(ROOT, target))) return true;
          return anchor !== undefined && target.endsWith('.md') && !anchors(target).has(anchor);
        })
        .map((link) => `${page}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('has every page in the README or in the index of docs/', () => {
    const linked = new Set(
      ['README.md', 'docs/README.md'].flatMap((page) =>
        links(page).map((link) => path.posix.join(path.posix.dirname(page), link.split('#')[0] ?? '')),
      ),
    );
    const lost = filesBelow('docs', '.md').filter((page) => page !== 'docs/README.md' && !linked.has(page));
    assert.deepEqual(lost, []);
    assert.ok(linked.has('docs/README.md'), 'the README does not lead to the index');
  });

  it('shows only pictures that scripts/screenshots.js takes, and all of them', () => {
    const script = readText('scripts/screenshots.js');
    // A kind of pictures has one line, `form-${name}.png`, and a list of names.
    const taken = (name: string): boolean => {
      const [kind = '', ...rest] = name.split('-');
      if (script.includes(`'${name}.png'`)) return true;
      return script.includes(`\`${kind}-\${`) && new RegExp(`\\b${rest.join('-')}\\b`).test(script);
    };
    const pictures = filesBelow('docs/images', '.png').map((file) => path.posix.basename(file, '.png'));
    assert.deepEqual(
      pictures.filter((name) => !taken(name)),
      [],
    );
    const shown = PAGES.map(readText).join('\n');
    assert.deepEqual(
      pictures.filter((name) => !shown.includes(`images/${name}.png`)),
      [],
    );
  });

  it('has every node type of the package in the table of the README', () => {
    const manifest = JSON.parse(readText('package.json')) as { 'node-red': { nodes: Record<string, string> } };
    const readme = readText('README.md');
    const missing = Object.keys(manifest['node-red'].nodes).filter((type) => !readme.includes(`| \`${type}\` |`));
    assert.deepEqual(missing, []);
  });

  it('speaks of npm scripts and files that there are', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const wrong = PAGES.flatMap((page) => {
      const text = readText(page);
      const named = [...text.matchAll(/npm run ([a-z0-9:-]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !Object.hasOwn(scripts, name))
        .map((name) => `npm run ${name}`);
      const files = [...text.matchAll(/(?<![\w./-])((?:scripts|examples|bench|test)\/[\w./-]*\w)/g)]
        .map((match) => match[1] ?? '')
        .filter((file) => /\.\w+$/.test(file) && !existsSync(path.join(ROOT, file)));
      return [...named, ...files].map((what) => `${page}: ${what}`);
    });
    assert.deepEqual(wrong, []);
  });
});

describe('the validation matrix', () => {
  it('has whole rows with ids of their own', () => {
    const rows = readText('docs/validation.md')
      .split('\n')
      .filter((line) => /^\| [A-Z]{3}-\d\d \|/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      );
    assert.ok(rows.length > 30);
    assert.deepEqual(
      rows.filter((row) => row.length !== 6 || row.slice(0, 5).includes('') || row[5] !== ''),
      [],
    );
    assert.equal(new Set(rows.map(([id]) => id)).size, rows.length);
  });
});

describe('the page on troubleshooting', () => {
  const page = readText('docs/troubleshooting.md');

  it('knows every code of src/errors.ts', () => {
    const codes = [...failures()].flatMap(([type, names]) => {
      assert.ok(FAMILIES[type], `the codes of ${type} have a prefix that this test does not know`);
      return names.map((name) => `${FAMILIES[type]}${name}`);
    });
    for (let number = 0; number <= 11; number++) codes.push(new DataAccessError(number, '').code);
    const literals = [...filesBelow('src', '.ts'), ...filesBelow('nodes', '.ts')].flatMap((file) =>
      [...readText(file).matchAll(/'(IEC61850_[A-Z0-9_]*[A-Z0-9])'/g)].map((match) => match[1] ?? ''),
    );
    const missing = [...new Set([...codes, ...literals])].filter((code) => !page.includes(`\`${code}\``));
    assert.deepEqual(missing, []);
  });

  it('knows every finding of SCL files, by the page on them', () => {
    const known = readText('docs/scl.md');
    const codes = filesBelow('src/scl', '.ts').flatMap((file) =>
      [...readText(file).matchAll(/'(SCL_[A-Z_]+)'/g)].map((match) => match[1] ?? ''),
    );
    assert.deepEqual(
      [...new Set(codes)].filter((code) => !known.includes(`\`${code}\``)),
      [],
    );
  });

  it('quotes messages as the code gives them', () => {
    const sources = [...filesBelow('src', '.ts'), ...filesBelow('nodes', '.ts')].map(readText).join('\n');
    const quotes = [...page.matchAll(/^- `([^`]+)`$/gm)].map((match) => match[1] ?? '');
    assert.ok(quotes.length > 40);
    const invented = quotes.filter((quote) =>
      quote
        .split('…')
        .map((part) => part.replace(/^[\s.,:)"<>]+|[\s.,:("<>]+$/g, ''))
        .some((part) => part.length > 2 && !sources.includes(part)),
    );
    assert.deepEqual(invented, []);
  });
});
