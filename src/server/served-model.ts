import type { IedModel } from '../model/ied-model.js';
import type { SclDocument } from '../scl/document.js';

/**
 * The model of an IED of a document as it is served.
 * @param ied by default the first one with a server
 * @param accessPoint by default the first one of the IED with a server
 * @throws SclError when there is no such IED or access point
 */
export function servedModel(document: SclDocument, ied?: string, accessPoint?: string): IedModel {
  const first = document.ieds.find(({ accessPoints }) => accessPoints.some(({ server }) => server)) ?? document.ieds[0];
  return document.model(ied ?? first?.name ?? '', accessPoint);
}
