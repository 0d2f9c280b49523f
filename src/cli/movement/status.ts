/** States: positions that change rarely, alarms that come and go, protection that starts and trips. */
import type { Update } from '../../server/index.js';
import { happens, type Mover, type Random } from './mover.js';
import { attributeOf, type FoundObject } from './objects.js';

/** Mean seconds between events of one object. */
const POSITION_S = 600;
const ALARM_S = 300;
const ALARM_LASTS_S = 20;
const FAULT_S = 3600;
const FAULT_LASTS_S = 0.5;

const SWITCHES: ReadonlySet<string> = new Set(['XCBR', 'XSWI']);
const ALARMS = /^(Ind|Alm|Wrn|GrAlm|GrWrn|GrInd)/;
/** What is true in a bay that works. */
const TRUE_AT_REST = /^(EnaOpn|EnaCls|Ena|GrdRx)$/;
/** Who has authority is for people to say. */
const UNTOLD = /^(Loc|LocKey|LocSta|MltLev)$/;

/** A status; undefined for an object that has none. */
export function statusValue(found: FoundObject, random: Random): Mover | undefined {
  const { object, path, lnClass } = found;
  if (attributeOf(object, 'ST', 'general')) return protection(found, random);
  const status = attributeOf(object, 'ST', 'stVal');
  if (!status) return undefined;
  const name = path[0] as string;
  if (UNTOLD.test(name)) return undefined;
  const controllable = attributeOf(object, 'CF', 'ctlModel')?.value;
  switch (status.basicType) {
    case 'Dbpos':
      return SWITCHES.has(lnClass) && path.length === 1
        ? position(found, random)
        : still(found, initial(status, 'Closed'));
    case 'BOOLEAN': {
      const moves = ALARMS.test(name) && (controllable === undefined || /^(0|status-only)$/.test(controllable));
      return moves ? alarm(found, random) : still(found, initial(status, TRUE_AT_REST.test(name)));
    }
    case 'Enum': {
      // Mode on and health Ok are 1; Beh follows from Mod.
      const first = /^(Mod|Health|PhyHealth)$/.test(name) ? '1' : Object.keys(status.enumLiterals ?? {})[0];
      if (name === 'Beh') return undefined;
      const literal = status.enumLiterals?.[Number(first)];
      return still(found, initial(status, literal ?? first));
    }
    default:
      return still(found, initial(status, undefined));
  }
}

/** What the file says, else what a bay at rest has. */
function initial({ value }: { value?: string }, otherwise: string | number | boolean | undefined): unknown {
  return value === undefined || value === '' ? otherwise : value;
}

/** It is known, and stays. */
function still({ reference }: FoundObject, value: unknown): Mover {
  return {
    start: () => [{ reference, fc: 'ST', quality: 'good', ...(value !== undefined && { value }) }],
    move: () => [],
  };
}

/** A switch: it opens now and then, and is closed again soon. */
function position({ reference, object }: FoundObject, random: Random): Mover {
  let closed = attributeOf(object, 'ST', 'stVal')?.value !== 'off';
  const tell = (): Update[] => [{ reference, fc: 'ST', value: closed ? 'Closed' : 'Open' }];
  return {
    start: tell,
    move: (seconds) => {
      if (!happens(random, seconds, closed ? POSITION_S : POSITION_S / 5)) return [];
      closed = !closed;
      return tell();
    },
  };
}

function alarm({ reference }: FoundObject, random: Random): Mover {
  return comesAndGoes(random, ALARM_S, ALARM_LASTS_S, (on) => [{ reference, fc: 'ST', value: on }]);
}

function protection({ reference, object }: FoundObject, random: Random): Mover {
  const direction = attributeOf(object, 'ST', 'dirGeneral');
  return comesAndGoes(random, FAULT_S, FAULT_LASTS_S, (on) => [
    { reference: `${reference}.general`, fc: 'ST', value: on },
    ...(direction?.enumLiterals?.[on ? 1 : 0] === undefined
      ? []
      : [{ reference: `${reference}.dirGeneral`, fc: 'ST' as const, value: on ? 1 : 0 }]),
  ]);
}

function comesAndGoes(random: Random, every: number, lasts: number, tell: (on: boolean) => Update[]): Mover {
  let on = false;
  return {
    start: () => tell(false),
    move: (seconds) => {
      if (!happens(random, seconds, on ? lasts : every)) return [];
      on = !on;
      return tell(on);
    },
  };
}
