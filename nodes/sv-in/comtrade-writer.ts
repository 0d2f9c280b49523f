/** Writes waveforms as COMTRADE records below one folder, one after the other. */
import { encodeComtrade } from '../../src/comtrade/index.js';
import { FileError } from '../../src/errors.js';
import { Folder } from '../../src/files/index.js';
import { comtradeOf, recordName } from '../../src/gateway/process-bus/index.js';
import type { SvWaveform } from '../../src/sv/waveform-recorder.js';
import type { ComtradeSettings } from './sv-in-settings.js';

/** Where a record stands on this machine. */
export interface WrittenRecord {
  cfg: string;
  dat: string;
}

/** Waveforms that wait while the disk is slow; each is held in memory. */
const MAX_WAITING = 8;

export class ComtradeWriter {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  private constructor(
    private readonly settings: ComtradeSettings,
    private readonly folder: Folder,
  ) {}

  /** @throws FileError when the folder cannot be used */
  static async open(settings: ComtradeSettings): Promise<ComtradeWriter> {
    return new ComtradeWriter(settings, await Folder.at(settings.folder));
  }

  /** @throws FileError; TOO_LARGE when the folder has as many records as it may, or the disk is too slow */
  write(waveform: SvWaveform): Promise<WrittenRecord> {
    if (this.waiting >= MAX_WAITING)
      return Promise.reject(new FileError('IO', 'the disk is slower than the triggers', 'Lengthen the hold-off.'));
    this.waiting++;
    const written = this.last.then(() => this.writeNow(waveform)).finally(() => this.waiting--);
    this.last = written.catch(() => undefined);
    return written;
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.last;
  }

  private async writeNow(waveform: SvWaveform): Promise<WrittenRecord> {
    const name = await this.freeName(recordName(waveform));
    const { cfg, dat } = encodeComtrade(comtradeOf(waveform, this.settings.station), this.settings.format);
    // The configuration comes last: who waits for it finds the data.
    return { dat: await this.put(`${name}.dat`, dat), cfg: await this.put(`${name}.cfg`, [cfg]) };
  }

  private async freeName(wanted: string): Promise<string> {
    const { maxRecords, folder } = this.settings;
    // A record has two files; others may stand beside them.
    const files = await this.folder.list('', 4 * maxRecords + 1000);
    const taken = new Set(files.map(({ name }) => name.toLowerCase()));
    const records = [...taken].filter((name) => name.endsWith('.cfg')).length;
    if (records >= maxRecords)
      throw new FileError('TOO_LARGE', `${folder} has ${records} records`, 'Move some away, or allow more.');
    let name = wanted;
    for (let i = 2; taken.has(`${name}.cfg`.toLowerCase()) || taken.has(`${name}.dat`.toLowerCase()); i++)
      name = `${wanted}_${i}`;
    return name;
  }

  private async put(name: string, parts: Iterable<Buffer>): Promise<string> {
    const file = await this.folder.create(name);
    try {
      for (const part of parts) await file.write(part);
      await file.commit();
    } catch (error) {
      await file.discard();
      throw error;
    }
    return file.place;
  }
}
