/** Disturbance records of a simulated device: a line-to-earth fault of a 110 kV bay, as COMTRADE files (IEC 60255-24). */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeComtrade, type ComtradeRecord } from '../comtrade/index.js';

/** Folder of the records below that of the files, as most relays have it. */
const FOLDER = 'COMTRADE';
/** Names go round: rec1 to rec10, and rec1 again. */
const MAX_RECORDS = 10;
const RATE = 1200;
const FREQUENCY = 50;
const BEFORE_S = 0.1;
const CLEARED_S = 0.12;
const LENGTH_S = 0.4;
const MS_PER_S = 1000;
/** Time constant of the direct component, in seconds. */
const DECAY_S = 0.045;
const PHASES = ['A', 'B', 'C'] as const;
/** Volts in kV and amperes, RMS: in service, and of the faulty phase. */
const KILOVOLTS = { load: 63.5, fault: 22.4 };
const AMPERES = { load: 205, fault: 3850 };
/** Angles behind the voltage, in radians. */
const LAG = { load: 0.2, fault: 1.3 };

export class FaultRecorder {
  private count = 0;
  private writing: Promise<void> = Promise.resolve();

  /**
   * @param folder whose files clients get
   * @param prefix of names, where several devices share the folder
   * @param warn is told what cannot be written
   */
  constructor(
    private readonly folder: string,
    private readonly device: string,
    private readonly prefix: string,
    private readonly warn: (text: string) => void,
  ) {}

  /** Writes a record: of a fault with a trip, or of the bay as it is, as somebody who presses the recorder's button has it. */
  record(trip: boolean, now = Date.now()): Promise<void> {
    const name = `${this.prefix}rec${(this.count++ % MAX_RECORDS) + 1}`;
    this.writing = this.writing
      .then(() => this.write(name, faultRecord(this.device, trip, now)))
      .catch((error: unknown) =>
        this.warn(`the record ${name} cannot be written: ${error instanceof Error ? error.message : String(error)}`),
      );
    return this.writing;
  }

  private async write(name: string, record: ComtradeRecord): Promise<void> {
    const place = path.join(this.folder, FOLDER);
    await mkdir(place, { recursive: true });
    const { cfg, dat } = encodeComtrade(record, 'BINARY');
    // The configuration last: who finds it finds the whole record.
    for (const [extension, octets] of [
      ['dat', Buffer.concat([...dat])],
      ['cfg', cfg],
    ] as const) {
      const file = path.join(place, `${name}.${extension}`);
      await writeFile(`${file}.new`, octets);
      await rename(`${file}.new`, file);
    }
  }
}

function faultRecord(device: string, trip: boolean, now: number): ComtradeRecord {
  const samples = Math.round(LENGTH_S * RATE);
  const start = now - LENGTH_S * MS_PER_S;
  const time = (i: number): number => i / RATE - BEFORE_S;
  const faulty = (i: number): boolean => trip && time(i) >= 0 && time(i) < CLEARED_S;
  const open = (i: number): boolean => trip && time(i) >= CLEARED_S;
  const wave = (i: number, phase: number, lag: number): number =>
    Math.SQRT2 * Math.sin(2 * Math.PI * (FREQUENCY * time(i) - phase / 3) - lag);
  const series = (value: (i: number) => number): number[] => Array.from({ length: samples }, (_, i) => value(i));
  const voltage = (phase: number): number[] =>
    series((i) => (phase === 0 && faulty(i) ? KILOVOLTS.fault : KILOVOLTS.load) * wave(i, phase, 0));
  const current = (phase: number): number[] =>
    series((i) => {
      if (open(i)) return 0;
      if (phase !== 0 || !faulty(i)) return AMPERES.load * wave(i, phase, LAG.load);
      const direct = Math.SQRT2 * Math.sin(LAG.fault) * Math.exp(-time(i) / DECAY_S);
      return AMPERES.fault * (wave(i, phase, LAG.fault) + direct);
    });
  return {
    station: 'Simulated station',
    device,
    analogs: [
      ...PHASES.map((phase, k) => ({ name: `UL${k + 1}`, phase, unit: 'kV', values: voltage(k) })),
      ...PHASES.map((phase, k) => ({ name: `IL${k + 1}`, phase, unit: 'A', values: current(k) })),
    ],
    statuses: [
      { name: 'Start', values: series((i) => (faulty(i) ? 1 : 0)) },
      { name: 'Trip', values: series((i) => (faulty(i) && time(i) > CLEARED_S / 2 ? 1 : 0)) },
    ],
    frequency: FREQUENCY,
    rate: RATE,
    start,
    trigger: start + BEFORE_S * MS_PER_S,
    synchronised: false,
  };
}
