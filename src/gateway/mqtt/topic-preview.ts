import { Iec61850Error } from '../../errors.js';
import { TopicClaims } from './topic-claims.js';
import { TopicTable } from './tag-topics.js';
import { announcementTopic, TopicTemplate, type TopicItem, type TopicSubject } from './topic-template.js';

export interface TopicPreview {
  /** Where `online` and `offline` are announced. */
  announcement: string;
  rows: Array<{ ied: string; tag: string; topics: string[]; problem?: string }>;
  /** Rows with a problem, those not shown included. */
  problems: number;
}

/**
 * The topics that some tags would get, and what is wrong with them.
 * @param maxRows Rows to give out; rows with a problem come first.
 * @throws ArgumentError when layout or root cannot be used at all.
 */
export function previewTopics(
  { layout, root, items }: { layout: string; root: string; items: readonly TopicItem[] },
  tags: readonly TopicSubject[],
  maxRows: number,
): TopicPreview {
  const template = new TopicTemplate(layout, root, items);
  const announcement = announcementTopic(template.root);
  const claims = new TopicClaims();
  claims.claim(announcement, 'the announcement of the gateway itself');
  const table = new TopicTable(template, items, claims);
  const rows = tags.map((subject) => previewRow(table, subject));
  const bad = rows.filter((row) => row.problem !== undefined);
  const good = rows.filter((row) => row.problem === undefined);
  return { announcement, rows: [...bad, ...good].slice(0, maxRows), problems: bad.length };
}

function previewRow(table: TopicTable, subject: TopicSubject): TopicPreview['rows'][number] {
  const row = { ied: subject.ied, tag: subject.tag };
  try {
    const { topics, clash } = table.of(subject);
    return { ...row, topics: topics.map(({ topic }) => topic), ...(clash && { problem: clash.message }) };
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return { ...row, topics: [], problem: error.message };
  }
}
