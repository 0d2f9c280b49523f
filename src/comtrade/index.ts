/** COMTRADE records (IEEE C37.111-2013, IEC 60255-24:2013): octets of their files, and no file is touched here. */
import { ArgumentError } from '../errors.js';
import { MAX_COMTRADE_SAMPLES } from '../limits.js';
import { encodeConfiguration } from './configuration.js';
import { encodeData } from './data.js';
import type { ComtradeFiles, ComtradeFormat, ComtradeRecord } from './record.js';
import { scalingOf } from './scaling.js';

export {
  COMTRADE_FORMATS,
  type ComtradeAnalog,
  type ComtradeFiles,
  type ComtradeFormat,
  type ComtradeRecord,
  type ComtradeStatus,
} from './record.js';

/**
 * Configuration and data file of a record, of revision 2013 with times in UTC.
 * @throws ArgumentError when channels have different lengths, or there are no samples or too many
 */
export function encodeComtrade(record: ComtradeRecord, format: ComtradeFormat): ComtradeFiles {
  const { analogs, statuses, rate } = record;
  const lengths = new Set([...analogs, ...statuses].map(({ values }) => values.length));
  const [samples = 0] = lengths;
  if (lengths.size !== 1 || samples === 0 || !(rate > 0))
    throw new ArgumentError('the channels of a record need samples, all as many', 'Give each channel its samples.');
  // Times are µs of 32 bits; the number of samples bounds them for every rate that occurs.
  if (samples > MAX_COMTRADE_SAMPLES || samples / rate > 4294)
    throw new ArgumentError(`a record of ${samples} samples is too long`, 'Record a shorter time.');
  const scalings = analogs.map((analog) => scalingOf(analog, format));
  return {
    cfg: encodeConfiguration(record, scalings, samples, format),
    dat: encodeData(record, scalings, samples, format),
  };
}
