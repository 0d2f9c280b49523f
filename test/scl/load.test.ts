import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SclError } from '../../src/errors.js';
import { MAX_SCL_BYTES, MAX_SCL_WORKERS, SCL_INLINE_BYTES } from '../../src/limits.js';
import { loadScl, parseScl, type SclDocument } from '../../src/scl/index.js';
import { readInWorker } from '../../src/scl/worker-host.js';
import { nodeNamed, sclText } from './fixtures.js';

const SMALL = sclText();
/** Too large to be read in line. */
const LARGE = sclText({
  more: Array.from({ length: 1500 }, (_, n) => `<LN lnClass="GGIO" inst="${n + 2}" lnType="GGIO"/>`).join('\n'),
  ln: '<DOI name="Ind1"><DAI name="stVal"><Val>true</Val></DAI></DOI><DOI name="Gone"/>',
});

async function errorOf(work: Promise<unknown>): Promise<SclError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof SclError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

function comparable(document: SclDocument): unknown {
  const { model, fileName: _fileName, ...summary } = document;
  return { summary, model: model('IED1') };
}

describe('SCL: loading', function () {
  this.timeout(30_000);
  let folder = '';
  before(() => {
    assert.ok(SMALL.length < SCL_INLINE_BYTES && LARGE.length > SCL_INLINE_BYTES);
    folder = mkdtempSync(path.join(tmpdir(), 'scl-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Buffer): string => {
    const where = path.join(folder, name);
    writeFileSync(where, content);
    return where;
  };

  for (const [size, text] of [
    ['small', SMALL],
    ['large', LARGE],
  ] as const) {
    it(`reads a ${size} file by its path, as a Buffer and as text, all alike`, async () => {
      const expected = comparable(parseScl(Buffer.from(text)));
      const document = await loadScl(file(`${size}.cid`, text));
      assert.equal(document.fileName, `${size}.cid`);
      assert.deepEqual(comparable(document), expected);
      assert.deepEqual(comparable(await loadScl(Buffer.from(text))), expected);
      const marked = await loadScl(`\ufeff${text}`);
      assert.deepEqual(comparable(marked), expected);
    });
  }

  it('gives models from the worker that share equal types, the same at every call', async () => {
    const document = await loadScl(LARGE);
    const model = document.model('IED1');
    assert.equal(model, document.model('IED1', 'P1'));
    assert.equal(nodeNamed(model, 'GGIO2').dataObjects, nodeNamed(model, 'GGIO3').dataObjects);
    assert.notEqual(nodeNamed(model, 'GGIO1').dataObjects, nodeNamed(model, 'GGIO3').dataObjects);
  });

  it('gives the same errors from the worker, with class, code, hint and place', async () => {
    const broken = LARGE.replace('</SCL>', '</SDL>');
    const [inline, worker] = [
      await errorOf(Promise.resolve().then(() => parseScl(broken))),
      await errorOf(loadScl(broken)),
    ];
    assert.equal(worker.code, 'SCL_NOT_WELL_FORMED');
    const facts = ({ code, message, hint, line, column }: SclError): unknown => ({ code, message, hint, line, column });
    assert.deepEqual(facts(worker), facts(inline));
    assert.ok((worker.line ?? 0) > 1500);
  });

  it('is strict in the worker too', async () => {
    const wrong = LARGE.replace('lnType="GGIO"', 'lnType="none"');
    assert.equal((await loadScl(wrong)).diagnostics.length, 1);
    assert.equal((await errorOf(loadScl(wrong, { strict: true }))).code, 'SCL_MISSING_LNODETYPE');
  });

  it('says what is wrong with a path', async () => {
    for (const where of [path.join(folder, 'gone.cid'), folder]) {
      const error = await errorOf(loadScl(where));
      assert.equal(error.code, 'SCL_FILE');
      assert.ok(error.message.includes(where) && error.hint !== '');
    }
  });

  it('tells text from a path', async () => {
    assert.equal((await errorOf(loadScl('no-such-file.cid'))).code, 'SCL_FILE');
    assert.equal((await errorOf(loadScl('SCL>\n</SCL>'))).code, 'SCL_NOT_WELL_FORMED');
    assert.equal((await errorOf(loadScl(''))).code, 'SCL_NOT_WELL_FORMED');
    assert.equal((await errorOf(loadScl('no-such-file.cid', { path: false }))).code, 'SCL_NOT_WELL_FORMED');
    assert.equal((await errorOf(loadScl('<SCL/>', { path: true }))).code, 'SCL_FILE');
  });

  it('refuses a file that is too large before it reads it', async () => {
    const where = file('huge.scd', '');
    truncateSync(where, MAX_SCL_BYTES + 1);
    const error = await errorOf(loadScl(where));
    assert.equal(error.code, 'SCL_TOO_LARGE');
    assert.match(error.message, /256 MB/);
  });

  it('gives a worker up after its time limit', async () => {
    const error = await errorOf(readInWorker({ content: LARGE, strict: false }, 1));
    assert.equal(error.code, 'SCL_TIMEOUT');
    assert.equal((await loadScl(LARGE)).ieds.length, 1);
  });

  it('reads more files at once than there are workers', async () => {
    const all = await Promise.all(Array.from({ length: MAX_SCL_WORKERS + 2 }, () => loadScl(LARGE)));
    assert.deepEqual(
      all.map(({ ieds }) => ieds.length),
      all.map(() => 1),
    );
  });
});
