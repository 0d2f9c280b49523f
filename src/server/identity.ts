import type { IedModel } from '../model/ied-model.js';

/** What Identify tells (IEC 61850-8-1 §9.1). */
export interface Identity {
  vendor: string;
  model: string;
  revision: string;
}

/** Identity from the options, else from the file. VisibleString has no other characters than Latin ones. */
export function identityOf(model: IedModel, given: Partial<Identity>): Identity {
  const text = (value: string | undefined, otherwise: string): string =>
    (value?.trim() || otherwise).slice(0, 64).replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, '?');
  return {
    vendor: text(given.vendor ?? model.manufacturer, 'Substation'),
    model: text(given.model ?? model.type, 'IEC 61850 server'),
    revision: text(given.revision ?? model.configVersion, '1.0'),
  };
}
