import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Iec61850Error } from '../../errors.js';
import { FEEDBACK_POLL_MS, FEEDBACK_UNREPORTED_MS } from '../../limits.js';
import { follows, type Expectation } from '../../model/control-expectation.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientAssociation } from '../client-association.js';
import { dataValue } from '../../mms/data-value.js';
import { objectNameText } from '../../mms/object-name.js';
import { memberIndices } from '../member-type.js';
import type { Controllable } from './controllable.js';
import type { ControlFeedback } from './control-request.js';
import type { ControlHost } from './controlled-object.js';

type StatusValue = ControlFeedback['value'];

/** The status value of an object; null when the IED gives none. @throws what the read fails with */
export async function readStatus(
  association: ClientAssociation,
  { place, status }: Controllable,
): Promise<StatusValue> {
  if (!status) return null;
  const { results } = await association.request({
    service: 'read',
    specificationWithResult: false,
    access: { list: [{ name: place.name(status.fc) }] },
  });
  const result = results[0];
  let data: MmsData | undefined = result?.success ? result.data : undefined;
  for (const index of memberIndices(status.type, status.path) ?? [])
    data = data?.type === 'structure' ? data.items[index] : undefined;
  const value = data && dataValue(data, undefined, status.path.at(-1));
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' ? value : null;
}

/**
 * Reads the status value until it follows the command, the time is over, or the association is lost: when a report says
 * that it changed, where a running one brings it, and else again and again. A report itself may be an old one from a buffer.
 */
export async function awaitFeedback(
  association: ClientAssociation,
  object: Controllable,
  expectation: Expectation,
  before: StatusValue,
  { timeout, tolerance, news }: { timeout: number; tolerance?: number; news: ControlHost['news'] },
): Promise<ControlFeedback> {
  const started = performance.now();
  const variable = object.status ? objectNameText(object.place.name(object.status.fc)) : '';
  let value: StatusValue = null;
  for (;;) {
    try {
      value = await readStatus(association, object);
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
    }
    const ms = Math.round(performance.now() - started);
    if (follows(value, expectation, before, tolerance)) return { followed: true, value, ms };
    const left = timeout - ms;
    if (left < FEEDBACK_POLL_MS || !association.open) return { followed: false, value, ms };
    const reported = await news(variable, object.place.reference, Math.min(left, FEEDBACK_UNREPORTED_MS));
    if (!reported) await delay(FEEDBACK_POLL_MS);
  }
}
