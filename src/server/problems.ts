import { MAX_SERVER_PROBLEMS } from '../limits.js';

/** A part of a model that could not be served as the file says. */
export interface ServerProblem {
  /** `LD/LN.DO.DA[FC]`, or the name of the data set. */
  reference: string;
  message: string;
}

/** Collects what was left out of a model. */
export class Problems {
  readonly list: ServerProblem[] = [];
  /** Problems beyond the bound. */
  omitted = 0;

  add(reference: string, message: string): void {
    if (this.list.length < MAX_SERVER_PROBLEMS) this.list.push({ reference, message });
    else this.omitted++;
  }
}
