/** What a controllable object shows of its commands: stSeld, opRcvd, opOk, tOpOk, origin and ctlNum (IEC 61850-7-3 §7.5). */
import { Iec61850Error } from '../../errors.js';
import { encodeLeaf } from '../leaf-value.js';
import type { ServerContext } from '../server-part.js';
import type { Variable } from '../variable.js';
import type { ControlObject } from './control-object.js';
import type { ControlParameters } from './control-parameters.js';

/** Where these attributes stand, the usual place first: by class and edition they are status, measurand or `OR`. */
const PLACES = ['ST', 'MX', 'OR'];

export class ControlStatus {
  constructor(
    private readonly object: ControlObject,
    private readonly context: ServerContext,
  ) {}

  selected(value: boolean): void {
    this.set([[['stSeld'], value]]);
  }

  received(value: boolean): void {
    this.set([[['opRcvd'], value]]);
  }

  /** The output is switched on, or off. */
  output(on: boolean): void {
    this.set(
      on
        ? [
            [['opOk'], true],
            [['tOpOk'], this.context.now()],
          ]
        : [[['opOk'], false]],
    );
  }

  /** Whose command the status value follows from now on. */
  operated({ orCat, orIdent, ctlNum }: ControlParameters): void {
    this.set([
      [['origin', 'orCat'], orCat],
      [['origin', 'orIdent'], orIdent],
      [['ctlNum'], ctlNum],
    ]);
  }

  /** Sets those of the attributes that the model has, in one transaction. */
  private set(attributes: readonly [path: string[], value: unknown][]): void {
    const { context } = this;
    const values = new Map<Variable, Buffer>();
    for (const [path, value] of attributes) {
      const leaf = this.leaf(path);
      if (!leaf?.leaf || value === undefined) continue;
      try {
        values.set(leaf, encodeLeaf(leaf.leaf, value, context.options.timeQuality));
      } catch (error) {
        // An enumeration that the file cut short: what the attribute cannot say is left out.
        if (!(error instanceof Iec61850Error)) throw error;
      }
    }
    if (values.size > 0) context.values.apply(values, 'server', context.now());
  }

  private leaf(path: readonly string[]): Variable | undefined {
    for (const fc of PLACES) {
      const found = this.object.member(fc, ...path);
      if (found) return found;
    }
    return undefined;
  }
}
