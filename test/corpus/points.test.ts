import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { Iec61850Error } from '../../src/errors.js';
import { pointAt } from '../../src/gateway/points/point-at.js';
import { recommendPoints } from '../../src/gateway/points/recommend.js';
import { allPoints } from '../gateway/points/all-points.js';
import { tagsFromCsv, tagsToCsv } from '../../src/gateway/points/table.js';
import { checkTags } from '../../src/gateway/points/validate.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { loadScl } from '../../src/scl/index.js';
import { asBrowsed } from '../gateway/points/models.js';

const FOLDER = path.join(__dirname, '../../../shared/corpus/scl');
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => /\.(scd|icd|cid|iid)$/.test(name)) : [];

/** Models of every IED of a file; none when the file cannot be read, which other tests look at. */
async function modelsOf(file: string): Promise<IedModel[]> {
  const models: IedModel[] = [];
  try {
    const scl = await loadScl(path.join(FOLDER, file));
    for (const { name, accessPoints } of scl.ieds)
      if (accessPoints.some(({ server }) => server)) models.push(scl.model(name));
  } catch (error) {
    assert.ok(error instanceof Iec61850Error, String(error));
  }
  return models;
}

describe('points of real IEDs', function () {
  this.timeout(60_000);
  if (FILES.length === 0) it.skip('the corpus is not on this machine');

  for (const file of FILES) {
    it(`of ${file} have good names, resolve, and are the same by class and by name`, async () => {
      for (const model of await modelsOf(file)) {
        const points = recommendPoints(model);
        const tags = points.map(({ tag }) => tag);
        assert.deepEqual(checkTags(tags).tags, tags);
        assert.deepEqual(
          tagsFromCsv(tagsToCsv(points.map(({ tag }) => tag))).tags.map(({ reference }) => reference),
          tags.map(({ reference }) => reference),
        );
        for (const { reference, fc, type } of tags) assert.equal(pointAt(model, `${reference}[${fc}]`).type, type);
        const all = allPoints(model);
        assert.equal(new Set(all.map(({ tag }) => tag)).size, all.length);
        const kinds = (of: IedModel): string[] =>
          recommendPoints(of).map(({ tag, reasonKey }) => `${tag.reference} ${reasonKey}`);
        assert.deepEqual(kinds(asBrowsed(model)).toSorted(), kinds(model).toSorted());
      }
    });
  }
});
