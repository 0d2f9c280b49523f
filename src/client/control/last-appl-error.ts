import { BerReader } from '../../mms/wire.js';
import { decodeAccessResults } from '../../mms/data-codec.js';
import type { AccessResult, MmsData } from '../../mms/data.js';
import { openInformationReport } from '../../mms/information-report.js';
import type { ObjectName } from '../../mms/object-name.js';

/** LastApplError (IEC 61850-8-1 §20.11): what the IED says about a control that it refused. */
export interface LastApplError {
  /** Controlled object as `domain/LN$DO`, without CO and service; undefined where the IED names none. */
  object?: string;
  /** Service that was refused; undefined where the IED names none. */
  service?: string;
  error: number;
  ctlNum?: number;
  addCause: number;
}

/** What an InformationReport says about controls. */
export interface ControlReport {
  lastApplError?: LastApplError;
  /** A CommandTermination, of this object. */
  termination?: { object: string; ctlNum?: number };
}

const SERVICES = new Set(['Oper', 'SBOw', 'SBO', 'Cancel']);

/**
 * Reads an InformationReport as LastApplError, CommandTermination, or both, which is a negative termination; undefined for
 * everything else, reports above all, which are not decoded.
 * @throws DecodeError, LimitError
 */
export function readControlReport(octets: Buffer, start: number, end: number): ControlReport | undefined {
  const envelope = openInformationReport(octets, start, end);
  if (!envelope || !('list' in envelope.access)) return undefined;
  const names = envelope.access.list.map(({ name }) => name);
  if (!names.some((name) => isLastApplError(name) || operated(name) !== undefined)) return undefined;
  const results = decodeAccessResults(new BerReader(octets, envelope.start, envelope.end));
  const report: ControlReport = {};
  names.forEach((name, i) => {
    const data = dataOf(results[i]);
    const object = operated(name);
    if (isLastApplError(name)) {
      const error = data && lastApplError(data);
      if (error) report.lastApplError = error;
    } else if (object !== undefined) {
      const ctlNum = data && operCtlNum(data);
      report.termination = { object, ...(ctlNum !== undefined && { ctlNum }) };
    }
  });
  return report;
}

function isLastApplError(name: ObjectName): boolean {
  // VMD-specific by the standard; some IEDs put it into a domain.
  return name.item === 'LastApplError' || name.item.endsWith('$LastApplError');
}

/** `domain/LN$DO` of a variable `LN$CO$DO$Oper`; undefined for other variables. */
function operated(name: ObjectName): string | undefined {
  if (name.scope !== 'domain') return undefined;
  const named = controlledObject(`${name.domain}/${name.item}`);
  return named?.service === 'Oper' ? named.object : undefined;
}

/**
 * `domain/LN$DO` and service of the forms in which a CntrlObj comes: `LD/LN$CO$DO$Oper`, `LD/LN.DO.Oper`, and both without service
 * or functional constraint; undefined when the text names no object.
 */
export function controlledObject(text: string): { object: string; service?: string } | undefined {
  const clean = text.split('\0', 1)[0] ?? '';
  const slash = clean.indexOf('/');
  if (slash <= 0) return undefined;
  const steps = clean.slice(slash + 1).split(/[$.]/);
  const at = steps.findIndex((step, i) => i > 0 && SERVICES.has(step));
  const path = (at < 0 ? steps : steps.slice(0, at)).filter((step, i) => !(i === 1 && step === 'CO'));
  if (path.length < 2 || path.some((step) => step === '')) return undefined;
  const service = steps[at];
  return { object: `${clean.slice(0, slash)}/${path.join('$')}`, ...(service !== undefined && { service }) };
}

function dataOf(result: AccessResult | undefined): MmsData | undefined {
  return result?.success ? result.data : undefined;
}

/** The members are told by their types, as some IEDs leave CntrlObj or origin out. */
function lastApplError(data: MmsData): LastApplError | undefined {
  if (data.type !== 'structure') return undefined;
  const numbers = data.items.flatMap((item) =>
    item.type === 'integer' || item.type === 'unsigned' ? [Number(item.value)] : [],
  );
  const [error, ctlNum, cause] = numbers.length >= 3 ? numbers : [numbers[0], undefined, numbers[1]];
  if (error === undefined || cause === undefined) return undefined;
  const named = data.items.find((item) => item.type === 'visible-string');
  const place = named?.type === 'visible-string' ? controlledObject(named.value) : undefined;
  return { error, addCause: cause, ...place, ...(ctlNum !== undefined && { ctlNum }) };
}

/** ctlNum stands right behind the origin, a structure of a category and octets. */
function operCtlNum(data: MmsData): number | undefined {
  if (data.type !== 'structure') return undefined;
  const origin = data.items.findIndex(
    (item) => item.type === 'structure' && item.items.some(({ type }) => type === 'octet-string'),
  );
  const next = origin < 0 ? undefined : data.items[origin + 1];
  return next?.type === 'unsigned' || next?.type === 'integer' ? Number(next.value) : undefined;
}
