/** An IED with files in memory, which can be told to misbehave. */
import { serviceErrorByName, type ServiceErrorFields } from '../../../src/mms/service-error.js';
import type { ServiceRequest, ServiceResponse } from '../../../src/mms/services.js';
import { FakeIed, type FakeIedOptions } from '../../support/fake-ied.js';

export interface FakeFile {
  data: Buffer;
  /** What the IED says of it; the truth by default. */
  size?: number;
  lastModified?: string;
}

type Given = ReturnType<NonNullable<FakeIedOptions['answer']>>;

export interface FileIedOptions extends Pick<FakeIedOptions, 'maxOutstanding' | 'maxPduSize'> {
  files: Record<string, FakeFile>;
  chunk?: number;
  page?: number;
  /** Looks at each request first. */
  before?: (request: ServiceRequest, ied: FileIed) => Given;
}

const error = (value: string): { error: ServiceErrorFields } => ({ error: serviceErrorByName('file', value) });
export const NON_EXISTENT = error('file-non-existent');
export const FILE_OTHER = error('other');

export class FileIed extends FakeIed {
  readonly open = new Map<number, { name: string; at: number }>();
  /** Names by which files were opened, and where. */
  readonly opened: string[] = [];
  closed = 0;
  private frsmId = -3;

  constructor(readonly script: FileIedOptions) {
    super({ ...script, answer: (request) => script.before?.(request, this) ?? this.respond(request) });
  }

  file(name: string): FakeFile {
    return this.script.files[name] as FakeFile;
  }

  respond(request: ServiceRequest): ServiceResponse | { error: ServiceErrorFields } | undefined {
    const { files, chunk = 1000, page = 2 } = this.script;
    switch (request.service) {
      case 'fileOpen': {
        const name = request.name.join('/');
        const file = files[name];
        if (!file) return NON_EXISTENT;
        if (request.initialPosition > file.data.length) return error('position-invalid');
        this.opened.push(`${name} ${request.initialPosition}`);
        const frsmId = this.frsmId++;
        this.open.set(frsmId, { name, at: request.initialPosition });
        return { service: 'fileOpen', frsmId, attributes: attributesOf(file) };
      }
      case 'fileRead': {
        const state = this.open.get(request.frsmId);
        if (!state) return { error: serviceErrorByName('definition', 'object-undefined') };
        const { data } = files[state.name] as FakeFile;
        const part = data.subarray(state.at, state.at + chunk);
        state.at += part.length;
        return { service: 'fileRead', data: Buffer.from(part), moreFollows: state.at < data.length };
      }
      case 'fileClose':
        this.closed++;
        return this.open.delete(request.frsmId) ? { service: 'fileClose' } : FILE_OTHER;
      case 'fileDelete': {
        const name = request.name.join('/');
        if (!files[name]) return NON_EXISTENT;
        delete files[name];
        return { service: 'fileDelete' };
      }
      case 'fileRename': {
        const file = files[request.currentName.join('/')];
        if (!file) return NON_EXISTENT;
        delete files[request.currentName.join('/')];
        files[request.newName.join('/')] = file;
        return { service: 'fileRename' };
      }
      case 'fileDirectory': {
        const folder = request.specification?.join('/') ?? '';
        const all = Object.keys(files).filter((name) => name.startsWith(folder));
        const after = request.continueAfter?.join('/');
        const from = after === undefined ? 0 : all.indexOf(after) + 1;
        const names = all.slice(from, from + page);
        return {
          service: 'fileDirectory',
          entries: names.map((name) => ({ name: [name], attributes: attributesOf(files[name] as FakeFile) })),
          moreFollows: from + page < all.length,
        };
      }
      default:
        return undefined;
    }
  }
}

function attributesOf({ data, size = data.length, lastModified }: FakeFile): { size: number; lastModified?: string } {
  return { size, ...(lastModified !== undefined && { lastModified }) };
}

/** Octets that differ everywhere. */
export function octets(length: number, seed = 7): Buffer {
  const data = Buffer.allocUnsafe(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[i] = state >>> 16;
  }
  return data;
}
