import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ArgumentError } from '../../../src/errors.js';
import { topicLevel, topicRoot, TopicTemplate } from '../../../src/gateway/mqtt/topic-template.js';
import { sampleValue } from './sample.js';

describe('MQTT topic template', () => {
  const value = sampleValue();

  it('gives {root}/{ied}/{tag}/value by default', () => {
    const template = new TopicTemplate('{root}/{ied}/{tag}/{item}', 'plant/bay');
    assert.equal(template.topic(value, 'value'), 'plant/bay/BAY1/CTRL.XCBR1.Pos/value');
    assert.equal(template.topic(value, 'state'), 'plant/bay/BAY1/CTRL.XCBR1.Pos/state');
  });

  it('takes the parts of the reference apart', () => {
    const template = new TopicTemplate('{item}/{root}/{ld}/{ln}/{do}/{fc}', 'r');
    const subject = { ...value, reference: 'BAY1MEAS/MMXU1.PhV.phsA' };
    assert.equal(template.topic(subject, 'quality'), 'quality/r/BAY1MEAS/MMXU1/PhV.phsA/ST');
  });

  it('replaces level and wildcard characters, white space and control characters in names', () => {
    const template = new TopicTemplate('{root}/{ied}/{tag}/{item}', 'r');
    const topic = template.topic({ ...value, ied: '$SYS/+', tag: 'a/b #1\u0000\n' }, 'value');
    assert.equal(topic, 'r/_SYS__/a_b__1__/value');
    assert.equal(topicLevel(''), '_');
    assert.equal(topicLevel('Ü-Feld.Pos'), 'Ü-Feld.Pos');
    assert.equal(topicLevel('\ud800x'), '_x');
  });

  it('never makes a topic with a wildcard, a NUL or another number of levels, whatever the names are', () => {
    const template = new TopicTemplate('{root}/{ied}/{tag}/{item}', 'r');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (ied, tag) => {
        const topic = template.topic({ ...value, ied, tag }, 'value');
        return !/[+#]|\0/.test(topic) && topic.split('/').length === 4 && Buffer.from(topic).toString() === topic;
      }),
    );
  });

  it('trims slashes of the root and refuses wildcards, $ and empty levels in it', () => {
    assert.equal(topicRoot(' /plant/bay/ '), 'plant/bay');
    for (const root of ['', '/', '$SYS/x', 'a/+/b', 'a#', 'a//b', 'a\u0000']) {
      assert.throws(() => topicRoot(root), ArgumentError, JSON.stringify(root));
    }
  });

  it('says what is wrong with a layout', () => {
    const refused: Array<[string, RegExp]> = [
      ['', /empty/],
      ['{root}/{tagg}/{item}', /\{tagg\}/],
      ['{root}/{item}', /all tags one topic/],
      ['{root}/{ied}/{tag}', /one topic/],
      ['/{root}/{tag}/{item}', /empty level/],
      ['{root}/+/{tag}/{item}', /contains \+/],
      ['$x/{tag}/{item}', /begins with \$/],
    ];
    for (const [layout, why] of refused) {
      assert.throws(
        () => new TopicTemplate(layout, 'r'),
        (error) => error instanceof ArgumentError && why.test(error.message),
      );
    }
    assert.doesNotThrow(() => new TopicTemplate('{root}/{ied}/{tag}', 'r', ['state']));
  });

  it('names the tag whose reference the layout cannot use', () => {
    const template = new TopicTemplate('{root}/{ld}/{ln}/{do}/{item}', 'r');
    assert.throws(() => template.topic({ ...value, reference: 'nonsense' }, 'value'), /nonsense/);
  });
});
