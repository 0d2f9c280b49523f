import type { OpenedFile } from '../../files/index.js';
import { IDLE_FILE_MS, MAX_OPEN_FILES, MAX_OPEN_FILES_PER_CLIENT } from '../../limits.js';
import { FILE_READ_OVERHEAD, fileReadFrame, fileReadResponseParts } from '../../mms/services/file-read.js';
import type { ClientSession } from '../client-session.js';

interface OpenFile extends OpenedFile {
  position: number;
  lastUsed: number;
  reading: number;
  /** Settles when the last read that was asked for has been answered. */
  answered: Promise<unknown>;
}

const FIRST_FRSM_ID = 1;
const LAST_FRSM_ID = 0x7fffffff;

/**
 * Files that clients have open (file read state machines, ISO 9506-2 Annex D), each known to its own client only; bounded,
 * and closed when the client is gone or has left them alone.
 */
export class OpenFiles {
  private readonly bySession = new Map<ClientSession, Map<number, OpenFile>>();
  private readonly opening = new Map<ClientSession, number>();
  private nextId = FIRST_FRSM_ID;
  private sweeper: NodeJS.Timeout | undefined;

  /** @param now ms, any clock that only goes forward */
  constructor(
    private readonly now: () => number,
    private readonly idleMs = IDLE_FILE_MS,
  ) {}

  /** Files that are open, and those that are about to be. */
  get size(): number {
    let sum = 0;
    for (const files of this.bySession.values()) sum += files.size;
    for (const count of this.opening.values()) sum += count;
    return sum;
  }

  /**
   * Opens a file for a client.
   * @param position first octet that it wants
   * @returns undefined when there are too many open, `past-end` for a position behind the end
   */
  async open(
    session: ClientSession,
    position: number,
    open: () => Promise<OpenedFile>,
  ): Promise<(OpenedFile & { frsmId: number }) | 'past-end' | undefined> {
    const opening = this.opening.get(session) ?? 0;
    const own = (this.bySession.get(session)?.size ?? 0) + opening;
    if (own >= MAX_OPEN_FILES_PER_CLIENT || this.size >= MAX_OPEN_FILES) return undefined;
    this.opening.set(session, opening + 1);
    let file: OpenedFile;
    try {
      file = await open();
    } finally {
      this.opened(session);
    }
    // Nothing stays open for a position past the end (CVE-2026-48503), nor for a client that is gone.
    if (position > file.size || !session.open) {
      await file.handle.close();
      return position > file.size ? 'past-end' : undefined;
    }
    const frsmId = this.newId(session);
    this.filesOf(session).set(frsmId, {
      ...file,
      position,
      lastUsed: this.now(),
      reading: 0,
      answered: Promise.resolve(),
    });
    this.sweeper ??= setInterval(() => this.sweep(), Math.max(1, this.idleMs / 4)).unref();
    return { ...file, frsmId };
  }

  /** The next octets as an encoded answer; undefined when the client has no such file open. @throws what reading throws */
  async read(session: ClientSession, frsmId: number, maxLength: number): Promise<Buffer | undefined> {
    const file = this.bySession.get(session)?.get(frsmId);
    if (!file) return undefined;
    const { position } = file;
    const length = Math.max(0, Math.min(maxLength - FILE_READ_OVERHEAD, file.size - position));
    // Requests that come before this one is answered go on behind it.
    file.position += length;
    file.reading++;
    const before = file.answered;
    const answer = readAnswer(file, position, length);
    // A FileRead names no position: only the order of the answers tells a client that reads ahead which octets it has. The
    // disk gives them in any order.
    const inTurn = before.then(() => answer);
    file.answered = inTurn.catch(() => undefined);
    try {
      return await inTurn;
    } finally {
      file.reading--;
      file.lastUsed = this.now();
    }
  }

  /** False when the client has no such file open. */
  async close(session: ClientSession, frsmId: number): Promise<boolean> {
    const files = this.bySession.get(session);
    const file = files?.get(frsmId);
    if (!files || !file) return false;
    files.delete(frsmId);
    if (files.size === 0) this.bySession.delete(session);
    if (this.bySession.size === 0) this.stopSweeping();
    await file.handle.close();
    return true;
  }

  /** The client is gone. */
  async closeAll(session: ClientSession): Promise<void> {
    for (const frsmId of [...(this.bySession.get(session)?.keys() ?? [])]) await this.close(session, frsmId);
  }

  async stop(): Promise<void> {
    for (const session of [...this.bySession.keys()]) await this.closeAll(session);
  }

  private opened(session: ClientSession): void {
    const left = (this.opening.get(session) ?? 1) - 1;
    if (left === 0) this.opening.delete(session);
    else this.opening.set(session, left);
  }

  private filesOf(session: ClientSession): Map<number, OpenFile> {
    let files = this.bySession.get(session);
    if (!files) {
      files = new Map<number, OpenFile>();
      this.bySession.set(session, files);
    }
    return files;
  }

  private newId(session: ClientSession): number {
    const taken = this.bySession.get(session);
    const advance = (): number => {
      const id = this.nextId;
      this.nextId = id === LAST_FRSM_ID ? FIRST_FRSM_ID : id + 1;
      return id;
    };
    let id = advance();
    while (taken?.has(id)) id = advance();
    return id;
  }

  private sweep(): void {
    const before = this.now() - this.idleMs;
    for (const [session, files] of [...this.bySession])
      for (const [frsmId, file] of [...files])
        if (file.reading === 0 && file.lastUsed <= before) void this.close(session, frsmId).catch(() => undefined);
  }

  private stopSweeping(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }
}

/** Reads straight into the answer. */
async function readAnswer(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const moreFollows = position + length < file.size;
  const { header, tail } = fileReadFrame(length, moreFollows);
  const answer = Buffer.allocUnsafe(header.length + length + tail.length);
  answer.set(header);
  answer.set(tail, header.length + length);
  const { bytesRead } =
    length === 0 ? { bytesRead: 0 } : await file.handle.read(answer, header.length, length, position);
  if (bytesRead === length) return answer;
  // The file became shorter meanwhile: this is its end.
  const data = answer.subarray(header.length, header.length + bytesRead);
  return Buffer.concat(fileReadResponseParts({ data, moreFollows: false }));
}
