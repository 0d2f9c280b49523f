import { Iec61850Error } from '../../errors.js';
import { TopicClaims } from './topic-claims.js';
import { TopicTable } from './tag-topics.js';
import { announcementTopic, TopicTemplate, type TopicItem, type TopicSubject } from './topic-template.js';

export interface TopicPreview {
  /** Where `online` and `offline` are announced. */
  announcement: string;
  rows: PreviewRow[];
  /** Rows with a problem, and those in whose topics characters were replaced, those not shown included. */
  problems: number;
  replaced: number;
}

export interface PreviewRow {
  ied: string;
  tag: string;
  topics: string[];
  /** Why it is not published. */
  problem?: string;
  /** The tag that has its topic already. */
  other?: string;
  /** Names of which characters were replaced, each with what stands in the topic. */
  replaced?: Array<{ name: string; level: string }>;
}

/**
 * The topics that some tags would get, and what is wrong with them.
 * @param maxRows Rows to give out; rows with a problem come first, then those with replaced characters.
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
  const rows = tags.map((subject) => previewRow(template, table, subject));
  const bad = rows.filter((row) => row.problem !== undefined);
  const changed = rows.filter((row) => row.problem === undefined && row.replaced);
  const good = rows.filter((row) => row.problem === undefined && !row.replaced);
  return {
    announcement,
    rows: [...bad, ...changed, ...good].slice(0, maxRows),
    problems: bad.length,
    replaced: changed.length,
  };
}

function previewRow(template: TopicTemplate, table: TopicTable, subject: TopicSubject): PreviewRow {
  const row = { ied: subject.ied, tag: subject.tag };
  try {
    const { topics, clash, other } = table.of(subject);
    const replaced = template.replaced(subject);
    return {
      ...row,
      topics: topics.map(({ topic }) => topic),
      ...(clash && { problem: clash.message }),
      ...(other !== undefined && { other }),
      ...(replaced.length > 0 && { replaced }),
    };
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return { ...row, topics: [], problem: error.message };
  }
}
