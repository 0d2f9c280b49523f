import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'mocha';
import type { IedModel } from '../../../src/model/ied-model.js';
import { loadScl } from '../../../src/scl/index.js';
import { recommendPoints } from '../../../src/gateway/points/recommend.js';
import { allPoints } from './all-points.js';
import type { PointCandidate } from '../../../src/gateway/points/point.js';
import { searchPoints } from '../../../src/gateway/points/search.js';
import { tagsFromCsv, tagsToCsv } from '../../../src/gateway/points/table.js';
import { checkTags } from '../../../src/gateway/points/validate.js';
import { asBrowsed } from './models.js';

describe("points of the demo's bay", () => {
  let model: IedModel;
  let points: PointCandidate[];
  const recommended = (of: IedModel): string[] =>
    recommendPoints(of)
      .filter((point) => point.recommended)
      .map(({ tag }) => `${tag.reference}[${tag.fc}]`);

  before(async () => {
    const scl = await loadScl(path.join(__dirname, '../../../examples/scl/bay.cid'));
    model = scl.model(scl.ieds[0]?.name ?? '');
    points = recommendPoints(model);
  });

  it('has the names that the default template gives', () => {
    const tags = new Map(points.map((point) => [point.tag.tag, point.tag]));
    assert.equal(tags.get('CTRL.XCBR1.Pos')?.type, 'Dbpos');
    assert.equal(tags.get('MEAS.MMXU1.TotW')?.unit, 'MW');
    assert.equal(tags.get('MEAS.MMXU1.PhV.phsA')?.unit, 'kV');
    assert.equal(tags.get('PROT.PTRC1.Tr')?.type, 'Boolean');
  });

  it('recommends the same points from SCL and by name online', () => {
    assert.deepEqual(recommended(asBrowsed(model)).toSorted(), recommended(model).toSorted());
  });

  it('has tags that pass the check, and come back from CSV', () => {
    for (const tags of [points.map(({ tag }) => tag), allPoints(model)]) {
      const { tags: passed, problems } = checkTags(tags);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      assert.deepEqual(passed, tags);
    }
    assert.deepEqual(
      tagsFromCsv(tagsToCsv(points.map(({ tag }) => tag))).tags,
      points.map(({ tag }) => tag),
    );
  });

  it('is found in German and in English', () => {
    for (const query of ['Leistungsschalter Stellung', 'breaker position']) {
      assert.ok(
        searchPoints(points, query).some(({ tag }) => tag.tag === 'CTRL.XCBR1.Pos'),
        query,
      );
    }
  });
});
