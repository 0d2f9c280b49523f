/** What a model says about one controllable data object; its configuration is read anew for each command. */
import { Iec61850Error } from '../../errors.js';
import { DEFAULT_OPER_TIMEOUT_MS, DEFAULT_SBO_TIMEOUT_MS, MAX_CONTROL_TIMER_MS, MAX_PULSES } from '../../limits.js';
import { CONTROL_MODELS, VALUE_MEMBERS, type ControlClass, type ControlModel } from '../../model/control-model.js';
import { qualityBitsFromString, VALIDITY_MASK } from '../../model/quality.js';
import type { TagData } from '../../model/tag-value.js';
import { givenNumber } from '../leaf-number.js';
import type { Point, Points } from '../points.js';
import { valueOf } from '../value-tree.js';
import type { Variable } from '../variable.js';
import type { PulseConfiguration } from './control-handler.js';

const NOTHING_PENDING: ReadonlyMap<Variable, Buffer> = new Map();
const CONTROL_CLASSES: readonly ControlClass[] = ['SPC', 'DPC', 'INC', 'ENC', 'BSC', 'ISC', 'APC', 'BAC'];
const COMMAND_QUALIFIERS = ['pulse', 'persistent', 'persistent-feedback'] as const;

export interface Scaling {
  scaleFactor: number;
  offset: number;
}

export class ControlObject {
  /** `LD/LN.DO`. */
  readonly reference: string;
  /** `LN$CO$DO`. */
  readonly item: string;
  readonly logicalNode: Variable;
  readonly name: string;
  readonly cdc: ControlClass;
  private readonly path: readonly string[];
  private statusPoint: Point | null | undefined;

  /** @param services the variable with Oper, SBO, SBOw and Cancel */
  constructor(
    readonly domain: string,
    readonly services: Variable,
    private readonly points: Points,
  ) {
    const names: string[] = [];
    let at = services;
    for (; at.parent?.parent; at = at.parent) names.unshift(at.name);
    this.logicalNode = at.parent as Variable;
    this.path = names;
    this.name = names[0] as string;
    this.reference = `${domain}/${this.logicalNode.name}.${names.join('.')}`;
    this.item = [this.logicalNode.name, 'CO', ...names].join('$');
    this.cdc = this.classOf();
  }

  /** A member of the data object below a functional constraint. */
  member(fc: string, ...names: string[]): Variable | undefined {
    let at = this.logicalNode.child(fc);
    for (const name of [...this.path, ...names]) at = at?.child(name);
    return at;
  }

  /** ctlModel as it is now; an object that has none can only be read. */
  get model(): ControlModel {
    return CONTROL_MODELS[this.number('ctlModel') ?? 0] ?? 'status-only';
  }

  /** ms that a selection holds. */
  get sboTimeout(): number {
    return this.timer('sboTimeout', DEFAULT_SBO_TIMEOUT_MS);
  }

  /** ms that an operate of enhanced security may take. */
  get operTimeout(): number {
    return this.timer('operTimeout', DEFAULT_OPER_TIMEOUT_MS);
  }

  /** Whether one selection is good for several operates (sboClass). */
  get operateMany(): boolean {
    return this.number('sboClass') === 1;
  }

  /** minVal and maxVal; equal limits, both 0 as a rule, are a configuration that nobody filled in. */
  get range(): { min?: number; max?: number } {
    const min = this.analogue('minVal');
    const max = this.analogue('maxVal');
    if (min !== undefined && max !== undefined && min >= max) return {};
    return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  }

  get stepSize(): number {
    const size = this.analogue('stepSize');
    return size === undefined || size === 0 ? 1 : size;
  }

  /** value = i × scaleFactor + offset. */
  get scaling(): Scaling {
    const scaleFactor = this.number('sVC', 'scaleFactor');
    return { scaleFactor: scaleFactor || 1, offset: this.number('sVC', 'offset') ?? 0 };
  }

  get pulse(): PulseConfiguration | null {
    const cmdQual = COMMAND_QUALIFIERS[this.number('pulseConfig', 'cmdQual') ?? -1];
    if (!cmdQual) return null;
    const duration = (name: string): number =>
      Math.min(Math.max(this.number('pulseConfig', name) ?? 0, 0), MAX_CONTROL_TIMER_MS);
    return {
      cmdQual,
      onDuration: duration('onDur'),
      offDuration: duration('offDur'),
      pulses: Math.min(Math.max(this.number('pulseConfig', 'numPls') ?? 1, 1), MAX_PULSES),
    };
  }

  /** Status value with its quality and time; undefined for an object that shows none. */
  get status(): Point | undefined {
    if (this.statusPoint === undefined) this.statusPoint = this.findStatus() ?? null;
    return this.statusPoint ?? undefined;
  }

  /** The status value as a command would have it; null without one. */
  get statusValue(): TagData {
    const { status } = this;
    if (!status) return null;
    const value = valueOf(status.value);
    if (status.fc !== 'MX' || status.value.name !== 'i' || typeof value !== 'number') return value;
    const { scaleFactor, offset } = this.scaling;
    return value * scaleFactor + offset;
  }

  /** Whether the status value has a quality that lets it be believed. */
  get statusGood(): boolean {
    const { status } = this;
    const bits = status?.quality && valueOf(status.quality);
    return status !== undefined && (typeof bits !== 'string' || (qualityBitsFromString(bits) & VALIDITY_MASK) === 0);
  }

  get enumLiterals(): Readonly<Record<number, string>> | undefined {
    return this.controlValue?.leaf?.enumLiterals;
  }

  private get controlValue(): Variable | undefined {
    const oper = this.services.child('Oper');
    return VALUE_MEMBERS.map((name) => oper?.child(name)).find((member) => member !== undefined);
  }

  private number(...path: string[]): number | undefined {
    const number = givenNumber(this.member('CF', ...path), NOTHING_PENDING);
    return Number.isFinite(number) ? number : undefined;
  }

  /** A number of the configuration that is an integer in some classes and an AnalogueValue in others. */
  private analogue(name: string): number | undefined {
    const real = this.number(name) ?? this.number(name, 'f');
    if (real !== undefined) return real;
    const integer = this.number(name, 'i');
    const { scaleFactor, offset } = this.scaling;
    return integer === undefined ? undefined : integer * scaleFactor + offset;
  }

  private timer(name: string, otherwise: number): number {
    const ms = this.number(name);
    return ms === undefined || ms <= 0 ? otherwise : Math.min(ms, MAX_CONTROL_TIMER_MS);
  }

  private findStatus(): Point | undefined {
    for (const fc of ['ST', 'MX'] as const) {
      if (!this.member(fc)) continue;
      try {
        const point = this.points.find(this.reference, fc);
        if (point.process && point.value.leaf) return point;
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
      }
    }
    return undefined;
  }

  /** Class that the file names, or the one that ctlVal and status show. */
  private classOf(): ControlClass {
    const named = CONTROL_CLASSES.find((cdc) => cdc === this.services.object?.cdc);
    if (named) return named;
    const { controlValue } = this;
    const analogue = this.member('MX') !== undefined;
    switch (controlValue?.leaf?.description.type) {
      case 'boolean':
        return this.member('ST', 'stVal')?.leaf?.basicType === 'Dbpos' ? 'DPC' : 'SPC';
      case 'bit-string':
        return analogue ? 'BAC' : 'BSC';
      case 'integer':
      case 'unsigned':
        if (controlValue.leaf.enumLiterals) return 'ENC';
        return this.member('ST', 'valWTr') ? 'ISC' : 'INC';
      default:
        return 'APC';
    }
  }
}
