/** Entries of a log as messages. */
import type { LogEntry, LogQuery } from '../../src/client/index.js';
import { tagMessages } from '../shared/message.js';
import type { NodeMessage } from '../shared/red.js';

/** What a message tells of its query: everything but the entries, and the entries that are texts. */
export type QueryDetails = Omit<LogQuery, 'entries'> & {
  count: number;
  gap?: boolean;
  annotations: { entryId: string | null; entryTime: string | null; text: string }[];
};

export function queryDetails({ entries, ...query }: LogQuery & { gap?: boolean }): QueryDetails {
  return {
    ...query,
    count: entries.length,
    annotations: entries.flatMap(({ entryId, entryTime, annotation }) =>
      annotation === undefined ? [] : [{ entryId, entryTime, text: annotation }],
    ),
  };
}

/** All values of a query as one table, an array of tag values. */
export function tableMessage(ied: string, query: LogQuery, base: NodeMessage): NodeMessage {
  const values = query.entries.flatMap((entry) => entry.values);
  return { ...base, topic: `${ied}/${query.log}`, payload: values, log: queryDetails(query) };
}

/** One entry: its values by tag, or its text. */
export function entryMessage(ied: string, entry: LogEntry, base: NodeMessage): NodeMessage {
  const { values, ...details } = entry;
  const [message] = tagMessages('all', values, { ...base, topic: `${ied}/${entry.log}` });
  const text = values.length === 0 && entry.annotation !== undefined;
  return { ...message, ...(text && { payload: entry.annotation }), entry: details };
}
