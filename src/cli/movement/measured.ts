/** Measured values: they wander round what is nominal, and tell of it when they have moved far enough. */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { Update } from '../../server/index.js';
import { gaussian, type Mover, type Random } from './mover.js';
import { nominalValue, usualDeviation } from './nominal.js';
import { attributeOf, type FoundObject } from './objects.js';

/** Seconds in which half of a deviation is gone. */
const HALF_LIFE_S = 30;
/** Change that is told, as a part of the usual deviation; beside an instantaneous value the server's own dead band decides. */
const DEADBAND = 0.2;

const PHASE_ANGLES: Readonly<Record<string, number>> = {
  ...{ phsA: 0, phsB: -120, phsC: 120, phsAB: 30, phsBC: -90, phsCA: 150 },
};

/** Deviation from a value, as something that is pulled back to it (Ornstein and Uhlenbeck). */
class Wandering {
  private deviation = 0;

  constructor(
    readonly nominal: number,
    private readonly size: number,
    private readonly random: Random,
  ) {}

  get value(): number {
    return this.nominal + this.deviation;
  }

  step(seconds: number): void {
    const kept = 0.5 ** (seconds / HALF_LIFE_S);
    this.deviation = this.deviation * kept + this.size * Math.sqrt(1 - kept * kept) * gaussian(this.random);
  }
}

/** MV, SAV, CMV and their like; undefined for an object that has no measured value. */
export function measuredValue(found: FoundObject, random: Random): Mover | undefined {
  const { object, reference, path } = found;
  const has = (...steps: string[]): boolean => attributeOf(object, 'MX', ...steps) !== undefined;
  const value = [['instMag'], ['mag'], ['instCVal', 'mag'], ['cVal', 'mag']].find((steps) => has(...steps));
  if (!value) return undefined;
  const member = has(...value, 'f') ? 'f' : 'i';
  const nominal = nominalValue(found);
  const size = Math.abs(nominal) * usualDeviation(found);
  const wandering = new Wandering(nominal, size, random);
  const [vector] = value;
  const angle = has(vector as string, 'ang', 'f') ? `${reference}.${vector}.ang.f` : undefined;
  const place = `${reference}.${[...value, member].join('.')}`;
  const deadband = value[0]?.startsWith('inst') ? 0 : size * DEADBAND;
  let told = Number.NaN;

  const tell = (): Update[] => {
    told = member === 'f' ? wandering.value : Math.round(wandering.value);
    return [update(place, 'MX', told)];
  };
  return {
    start: () => [
      ...tell(),
      ...(angle === undefined ? [] : [update(angle, 'MX', PHASE_ANGLES[path.at(-1) ?? ''] ?? 0)]),
    ],
    move: (seconds) => {
      wandering.step(seconds);
      return Math.abs(wandering.value - told) > deadband ? tell() : [];
    },
  };
}

/** Counters of energy and of pulses: they count what has passed. */
export function counter({ object, reference }: FoundObject, random: Random): Mover | undefined {
  const attribute = attributeOf(object, 'ST', 'actVal');
  if (!attribute) return undefined;
  let exact = Number(attribute.value ?? 0) || 0;
  let told = exact;
  const place = `${reference}.actVal`;
  return {
    start: () => [update(place, 'ST', told)],
    move: (seconds) => {
      exact += seconds * (0.5 + random());
      const counted = Math.floor(exact) % 0x7fffffff;
      if (counted === told) return [];
      told = counted;
      return [update(place, 'ST', told)];
    },
  };
}

function update(reference: string, fc: FunctionalConstraint, value: number): Update {
  return { reference, fc, value };
}
