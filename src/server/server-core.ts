/** Everything of a server but its sockets: the variables of a model, what clients may do with them, and updates. */
import type { IedModel } from '../model/ied-model.js';
import { identityOf } from './identity.js';
import { buildNameSpace } from './model-builder.js';
import { checkOptions, type CheckedOptions, type IedServerOptions } from './options.js';
import { Points } from './points.js';
import { Problems } from './problems.js';
import { readPoint, type ServerValue } from './read-point.js';
import { Services } from './services/index.js';
import { WriteService, type Written } from './services/write.js';
import { UpdateTransaction, type Update, type UpdateOptions, type UpdateResult } from './update.js';

export class ServerCore {
  readonly options: CheckedOptions;
  readonly services: Services;
  readonly problems = new Problems();
  private readonly points: Points;

  /** @throws ArgumentError, LimitError */
  constructor(model: IedModel, options: IedServerOptions, written: (event: Written) => void) {
    this.options = checkOptions(options);
    const nameSpace = buildNameSpace(model, this.problems);
    this.points = new Points(nameSpace);
    const writes = new WriteService(nameSpace, this.options.writable, written);
    this.services = new Services(nameSpace, identityOf(model, options), writes);
  }

  /** @param now ms since 1970, where a time is filled in */
  update(updates: readonly Update[], now: number, options?: UpdateOptions): UpdateResult {
    return new UpdateTransaction(this.points, this.options.timeQuality, now).run(updates, options);
  }

  read(reference: string): ServerValue {
    return readPoint(this.points, reference);
  }
}
