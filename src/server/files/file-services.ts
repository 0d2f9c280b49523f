import { FileError, Iec61850Error } from '../../errors.js';
import { Folder } from '../../files/index.js';
import { MAX_OBTAINED_FILES } from '../../limits.js';
import { fileServiceError } from '../../mms/file-error.js';
import { fileNameText } from '../../mms/file-name.js';
import { formatGeneralizedTime } from '../../mms/generalized-time.js';
import { serviceErrorByName } from '../../mms/service-error.js';
import { encodeServiceResponse } from '../../mms/services.js';
import type { ClientSession } from '../client-session.js';
import type { ServerContext, ServerPart, ServiceHandlers } from '../server-part.js';
import type { Answer } from '../services/answer.js';
import { DirectoryPages } from './directory-pages.js';
import { obtainFile } from './obtain.js';
import { OpenFiles } from './open-files.js';
import type { ServedFiles } from './options.js';

const POSITION_INVALID: Answer = { error: serviceErrorByName('file', 'position-invalid') };
const FILE_OTHER: Answer = { error: serviceErrorByName('file', 'other') };
const UNKNOWN_FRSM: Answer = { error: serviceErrorByName('definition', 'object-undefined') };
const BUSY: Answer = { error: serviceErrorByName('resource', 'capability-unavailable') };
const UNSUPPORTED: Answer = { error: serviceErrorByName('access', 'object-access-unsupported') };

/** The file services of a server (IEC 61850-8-1 §23, ISO 9506-2 Annex D), over one folder. */
export class FileServices implements ServerPart {
  readonly services: ServiceHandlers;
  readonly openFiles: OpenFiles;
  private readonly pages = new DirectoryPages();
  /** Files that clients are giving. */
  private readonly obtaining = new Set<Promise<void>>();

  constructor(
    private readonly context: Pick<ServerContext, 'tell' | 'now'>,
    private readonly files: Required<ServedFiles>,
  ) {
    this.openFiles = new OpenFiles(context.now);
    this.services = {
      fileDirectory: (session, { specification, continueAfter }, maxLength) =>
        this.withStore(async (store) => ({
          response: await this.pages.page(
            session,
            store,
            specification ? fileNameText(specification) : '',
            continueAfter && fileNameText(continueAfter),
            maxLength,
          ),
        })),
      fileOpen: (session, { name, initialPosition }) =>
        this.withStore((store) => this.open(session, store, fileNameText(name), initialPosition)),
      fileRead: (session, { frsmId }, maxLength) =>
        this.answer(async () => {
          const response = await this.openFiles.read(session, frsmId, maxLength);
          return response ? { response } : UNKNOWN_FRSM;
        }),
      fileClose: (session, { frsmId }) =>
        this.answer(async () =>
          (await this.openFiles.close(session, frsmId))
            ? { response: encodeServiceResponse({ service: 'fileClose' }) }
            : UNKNOWN_FRSM,
        ),
      fileDelete: (_session, { name }) =>
        this.change(async (store) => {
          await store.delete(fileNameText(name));
          return { response: encodeServiceResponse({ service: 'fileDelete' }) };
        }),
      fileRename: (_session, { currentName, newName }) =>
        this.change(async (store) => {
          await store.rename(fileNameText(currentName), fileNameText(newName));
          return { response: encodeServiceResponse({ service: 'fileRename' }) };
        }),
      obtainFile: (session, { source, destination, thirdParty }) =>
        this.change(async (store) => {
          if (thirdParty) return UNSUPPORTED;
          if (this.obtaining.size >= MAX_OBTAINED_FILES) return BUSY;
          const obtained = obtainFile(session, source, store, fileNameText(destination), this.files.maxSize);
          this.obtaining.add(obtained);
          try {
            await obtained;
            return { response: encodeServiceResponse({ service: 'obtainFile' }) };
          } finally {
            this.obtaining.delete(obtained);
          }
        }),
    };
  }

  start(): void {
    this.folder().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.context.tell('warning', `no files are served until the folder can be used: ${why}`);
    });
  }

  sessionClosed(session: ClientSession): void {
    this.pages.forget(session);
    void this.openFiles.closeAll(session).catch(() => undefined);
  }

  async stop(): Promise<void> {
    // Their clients are gone; what they had given of a file is taken back.
    await Promise.allSettled(this.obtaining);
    await this.openFiles.stop();
  }

  /** The folder may come and go, as a drive does. */
  private folder(): Promise<Folder> {
    return Folder.at(this.files.folder, 'rooted');
  }

  private async open(session: ClientSession, store: Folder, name: string, position: number): Promise<Answer> {
    const opened = await this.openFiles.open(session, position, () => store.openForReading(name));
    if (opened === 'past-end') return POSITION_INVALID;
    if (!opened) return BUSY;
    const { frsmId, size, modifiedMs } = opened;
    const lastModified = formatGeneralizedTime(modifiedMs);
    return {
      response: encodeServiceResponse({
        service: 'fileOpen',
        frsmId,
        attributes: { size: Math.min(size, 0xffffffff), ...(lastModified !== undefined && { lastModified }) },
      }),
    };
  }

  /** What changes files is refused unless the owner of the server allows it. */
  private change(action: (store: Folder) => Promise<Answer>): Promise<Answer> {
    return this.withStore((store) => {
      if (!this.files.writable) throw new FileError('NOT_ALLOWED', 'the files of this server cannot be changed');
      return action(store);
    });
  }

  private withStore(action: (store: Folder) => Promise<Answer>): Promise<Answer> {
    return this.answer(async () => action(await this.folder()));
  }

  private async answer(action: () => Promise<Answer>): Promise<Answer> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      const told = fileServiceError(error);
      return told ? { error: told } : FILE_OTHER;
    }
  }
}
