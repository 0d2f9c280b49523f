/** Admin route that shows, on the unsaved form, which topics the tags of a flow would get. */
import { ArgumentError } from '../../src/errors.js';
import { previewTopics, type TopicPreview } from '../../src/gateway/mqtt/topic-preview.js';
import type { TopicSubject } from '../../src/gateway/mqtt/topic-template.js';
import { MAX_TAGS } from '../../src/limits.js';
import { isFunctionalConstraint } from '../../src/model/functional-constraint.js';
import { adminRoute, jsonBody, once, textField } from '../shared/admin.js';
import { formEnvironment } from '../shared/environment.js';
import type { RED } from '../shared/red.js';
import { readConfig } from './config.js';

const PREVIEW_PERMISSION = 'iec61850-mqtt.read';
const MAX_ROWS = 2000;

export function registerPreviewRoute(red: RED): void {
  once(red, 'mqtt-preview', () => {
    adminRoute(red, 'post', '/iec61850/mqtt/preview', PREVIEW_PERMISSION, (request) =>
      Promise.resolve(request).then((posted) => preview(red, jsonBody(posted))),
    );
  });
}

function preview(red: RED, body: Record<string, unknown>): TopicPreview {
  const form = {
    root: textField(body.root, 'Root topic'),
    layout: textField(body.layout, 'Topic layout'),
    ...(Array.isArray(body.topics) && { topics: body.topics.map((item) => textField(item, 'Topic')) }),
  };
  const lookup = formEnvironment(red, textField(body.flow, 'Flow'));
  const config = readConfig({ id: '', type: '', name: '', z: '', ...form }, lookup);
  return previewTopics(config, subjects(body.tags), MAX_ROWS);
}

function subjects(tags: unknown): TopicSubject[] {
  if (!Array.isArray(tags)) return [];
  if (tags.length > MAX_TAGS) throw new ArgumentError(`A preview shows ${MAX_TAGS} tags at most`);
  return tags.map((tag: Partial<Record<keyof TopicSubject, unknown>> | null) => {
    const fc = textField(tag?.fc, 'fc', 2);
    return {
      ied: textField(tag?.ied, 'ied'),
      tag: textField(tag?.tag, 'tag'),
      reference: textField(tag?.reference, 'reference'),
      fc: isFunctionalConstraint(fc) ? fc : 'ST',
    };
  });
}
