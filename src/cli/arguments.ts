/** What `iec61850-sim` is told on its command line. */
import { parseArgs } from 'node:util';
import { ArgumentError } from '../errors.js';

export interface SimArguments {
  file: string;
  /** IEDs that are served; none means all of the file that have a server. */
  ieds: string[];
  accessPoint?: string;
  host: string;
  /** Of the first IED; the others have those that follow. 0 takes free ones. */
  port?: number;
  /** ms between two moves of the values; 0 keeps them still. */
  interval: number;
  readOnly: boolean;
  quiet: boolean;
  passwordFile?: string;
  tls?: { cert: string; key: string; ca: string; crl?: string };
  dataDir?: string;
  files?: string;
  /** Whether disturbance records are put into the folder of `files`. */
  records: boolean;
}

export const HELP = `iec61850-sim FILE [options]

Serves the IEDs of an SCL file (SCD, CID, ICD, IID) as IEC 61850 devices whose values move, and prints what clients do.

  FILE                   the SCL file
  --ied NAME             serve this IED alone; may be given again for further ones
  --access-point NAME    its access point, when it has several with a server
  --host ADDRESS         address to listen on, 127.0.0.1 unless given; 0.0.0.0 or :: for all
  --port N               TCP port of the first IED, the next ones take the ports that follow; 102 unless given, 3782
                         with TLS; 0 takes free ones
  --interval MS          time between two moves of the values, 1000 unless given; 0 keeps them still
  --read-only            clients neither write nor operate
  --password-file FILE   clients have to give the password in the first line of this file
  --tls-cert FILE        certificate, with --tls-key and --tls-ca: every connection is a secured one (IEC 62351-3)
  --tls-key FILE         its key
  --tls-ca FILE          certificates of the CAs that clients have theirs from
  --tls-crl FILE         revocation lists of these CAs
  --data-dir FOLDER      keeps settings and logs there over a restart
  --files FOLDER         lets clients get the files of this folder
  --records              puts COMTRADE records there: one at the start, and one for each trip
  --quiet                prints no more than where it listens, and what is wrong
  --help                 this text
  --version              version of the package

Ctrl-C ends it.
`;

const DEFAULT_INTERVAL_MS = 1000;
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 3_600_000;

const OPTIONS = {
  ied: { type: 'string', multiple: true },
  'access-point': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  interval: { type: 'string' },
  'read-only': { type: 'boolean' },
  'password-file': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  'tls-crl': { type: 'string' },
  'data-dir': { type: 'string' },
  files: { type: 'string' },
  records: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/**
 * Reads the command line.
 * @returns what to print and no more, for `--help` and `--version`
 * @throws ArgumentError that names what is wrong
 */
export function readArguments(args: readonly string[]): SimArguments | 'help' | 'version' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const [file, ...more] = positionals;
  if (file === undefined) throw new ArgumentError('no SCL file is given', 'Give its path; --help tells the options.');
  if (more.length > 0) throw new ArgumentError(`one file at a time, and not ${more.join(' ')} as well`);
  if (values.records && values.files === undefined) {
    throw new ArgumentError('records need a folder to be put into', 'Give --files with --records.');
  }
  const tls = tlsFiles(values['tls-cert'], values['tls-key'], values['tls-ca'], values['tls-crl']);
  const port = whole('port', values.port, 0, 65_535);
  const interval = whole('interval', values.interval, 0, MAX_INTERVAL_MS) ?? DEFAULT_INTERVAL_MS;
  if (interval > 0 && interval < MIN_INTERVAL_MS) {
    throw new ArgumentError(`--interval ${interval} is too short`, `Give ${MIN_INTERVAL_MS} ms or more, or 0.`);
  }
  return {
    file,
    ieds: values.ied ?? [],
    ...(values['access-point'] !== undefined && { accessPoint: values['access-point'] }),
    host: values.host ?? '127.0.0.1',
    ...(port !== undefined && { port }),
    interval,
    readOnly: values['read-only'] ?? false,
    quiet: values.quiet ?? false,
    records: values.records ?? false,
    ...(values['password-file'] !== undefined && { passwordFile: values['password-file'] }),
    ...(tls && { tls }),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(values.files !== undefined && { files: values.files }),
  };
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function parsed(args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node.js adds how to give what looks like an option as a file.
    throw new ArgumentError(message.split('. ')[0] ?? message, '--help tells the options.');
  }
}

function whole(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new ArgumentError(`--${name} ${text} is none`, `Give a whole number from ${low} to ${high}.`);
}

function tlsFiles(
  cert: string | undefined,
  key: string | undefined,
  ca: string | undefined,
  crl: string | undefined,
): SimArguments['tls'] {
  if (cert === undefined && key === undefined && ca === undefined && crl === undefined) return undefined;
  if (cert === undefined || key === undefined || ca === undefined) {
    throw new ArgumentError('TLS needs a certificate, its key and a CA', 'Give --tls-cert, --tls-key and --tls-ca.');
  }
  return { cert, key, ca, ...(crl !== undefined && { crl }) };
}
