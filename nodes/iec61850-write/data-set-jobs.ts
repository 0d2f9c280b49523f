/** What an `iec61850-write` node does with data sets: writes one whole, makes and deletes them. */
import type { DataSetValues, IedSession, NewMember } from '../../src/client/index.js';
import { dataSetName, newDataSetName } from '../../src/client/data-sets/name.js';
import { ArgumentError, Iec61850Error } from '../../src/errors.js';
import { MAX_DATA_SET_MEMBERS } from '../../src/limits.js';

export const DATA_SET_ACTIONS = ['writeDataSet', 'createDataSet', 'deleteDataSet'] as const;
export type DataSetAction = (typeof DATA_SET_ACTIONS)[number];

export type DataSetJob =
  | { action: 'writeDataSet'; reference: string; values: DataSetValues }
  | { action: 'createDataSet'; reference: string; members: NewMember[] }
  | { action: 'deleteDataSet'; reference: string };

export function isDataSetAction(action: string): action is DataSetAction {
  return (DATA_SET_ACTIONS as readonly string[]).includes(action);
}

export function isDataSetJob(job: { action: string }): job is DataSetJob {
  return isDataSetAction(job.action);
}

/** @throws ArgumentError for a name that is none */
export function checkDataSetReference(reference: string, action: DataSetAction): void {
  if (action === 'createDataSet') newDataSetName(reference);
  else dataSetName(reference);
}

/** @throws ArgumentError for a payload that says nothing */
export function dataSetJob(reference: string, payload: unknown, action: DataSetAction): DataSetJob {
  checkDataSetReference(reference, action);
  switch (action) {
    case 'deleteDataSet':
      return { action, reference };
    case 'createDataSet':
      return { action, reference, members: membersOf(payload, reference) };
    case 'writeDataSet':
      if (typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload))
        return { action, reference, values: payload as DataSetValues };
      throw new ArgumentError(
        `${reference}: there are no values`,
        'Give msg.payload as an array in the order of the members, or as { reference: value } of all of them.',
      );
  }
}

function membersOf(payload: unknown, reference: string): NewMember[] {
  const list: unknown[] = Array.isArray(payload) ? payload : [payload];
  if (list.length === 0 || list.length > MAX_DATA_SET_MEMBERS)
    throw new ArgumentError(`${reference} has ${list.length} members`, `Give 1 to ${MAX_DATA_SET_MEMBERS}.`);
  return list.map((member): NewMember => {
    if (typeof member === 'string') return member;
    const { reference: text, fc } = (member ?? {}) as { reference?: unknown; fc?: unknown };
    if (typeof text !== 'string' || (fc !== undefined && typeof fc !== 'string'))
      throw new ArgumentError(
        `${reference}: a member is no reference`,
        'Give msg.payload as an array of references with functional constraint, such as ["BAY1CTRL/XCBR1.Pos[ST]"].',
      );
    return fc === undefined || /\[\w\w\]$/.test(text) ? text : `${text}[${fc}]`;
  });
}

/**
 * Does the job.
 * @returns the references of the members that were written, or that of the data set
 * @throws ArgumentError before anything is sent; what the IED refuses, member by member
 */
export async function runDataSetJob(session: IedSession, job: DataSetJob): Promise<string[]> {
  const { reference } = job;
  switch (job.action) {
    case 'createDataSet':
      await session.dataSets.create(reference, job.members);
      return [reference];
    case 'deleteDataSet':
      await session.dataSets.delete(reference);
      return [reference];
    case 'writeDataSet':
      return write(session, reference, job.values);
  }
}

async function write(session: IedSession, reference: string, values: DataSetValues): Promise<string[]> {
  const { members } = await session.dataSets.directory(reference);
  const control = members.find((member) => member.endsWith('[CO]'));
  if (control !== undefined)
    throw new ArgumentError(
      `its member ${control} is a control`,
      'Use an iec61850-control node, which guards what it operates.',
    );
  const results = await session.dataSets.write(reference, values);
  const refused = results.filter(({ error }) => error !== undefined);
  const [first] = refused;
  if (!first?.error) return members;
  const which = refused.slice(0, 10).map((one) => one.error?.message);
  throw new Iec61850Error(
    first.error.code,
    `${refused.length} of ${members.length} members were refused, and the others written: ${which.join(', ')}`,
    first.error.hint,
    { tag: reference },
  );
}
