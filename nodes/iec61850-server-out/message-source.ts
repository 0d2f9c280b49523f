/** How a node finds references for what a message brings: in the message itself, or by a mapping file. */
import { ArgumentError } from '../../src/errors.js';
import type { VariableProblem } from '../../src/gateway/variables/index.js';
import { VariableMapper, variablesFromCsv } from '../../src/gateway/variables/index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { messageUpdates, type MessageUpdates, type OutMessage } from '../shared/message-updates.js';
import { variableMessage } from './variable-message.js';

export interface MessageSource {
  /** @throws ArgumentError when the message names nothing that can be set. */
  updates(message: OutMessage, server: Pick<IedServer, 'read'>): MessageUpdates;
  /** The server did not take the update of a reference. */
  refused(reference: string): void;
}

/** References of the message, or the one of the node. */
export function referenceSource(configured: string): MessageSource {
  return { updates: (message) => messageUpdates(message, configured), refused: () => undefined };
}

/** Problems and names that are told in one text; the rest is counted. */
const MAX_TOLD = 5;

/**
 * Variables by the lines of a mapping file.
 * @param warn takes what is wrong with the file, once, and names that no line has, each once
 * @throws ArgumentError when no line of it can be used
 */
export function mappingSource(csv: string, warn: (text: string) => void): MessageSource {
  const { rows, problems, more } = variablesFromCsv(csv);
  if (rows.length === 0) {
    throw new ArgumentError(
      problems[0]
        ? `The mapping file has no line that can be used: ${told(problems, more)}`
        : 'The mapping file is empty',
      'Import a CSV file in the node; its template lists what the server has.',
    );
  }
  if (problems.length > 0) warn(`the mapping file has lines that are not used: ${told(problems, more)}`);
  let mapper: VariableMapper | undefined;
  return {
    updates(message, server) {
      const { values, errors } = variableMessage(message);
      if (!mapper) {
        mapper = new VariableMapper(rows, (reference) => server.read(reference).type);
        if (mapper.problems.length > 0)
          warn(`the server does not have all of the mapping: ${told(mapper.problems, 0)}`);
      }
      const mapped = mapper.take(values);
      const { unknown } = mapped;
      if (unknown.length > 0) warn(`no line of the mapping has ${several(unknown, unknown.length)}`);
      return { updates: mapped.updates, errors: [...errors, ...mapped.errors] };
    },
    refused: (reference) => mapper?.refused(reference),
  };
}

function told(problems: readonly VariableProblem[], more: number): string {
  return several(
    problems.map(({ line, message }) => `line ${line}: ${message}`),
    problems.length + more,
  );
}

function several(texts: readonly string[], count: number): string {
  const shown = texts.slice(0, MAX_TOLD);
  return shown.join(' · ') + (count > shown.length ? ` … and ${count - shown.length} more` : '');
}
