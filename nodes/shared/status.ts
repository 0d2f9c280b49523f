/** The line under a node: short, only sent when it says something new, and not more often than people can read. */
import type { Node, NodeStatus } from './red.js';

/** Longest text; longer ones end in an ellipsis. */
export const MAX_STATUS_TEXT = 19;
/** Least time in ms between two texts of the same colour. */
const MIN_INTERVAL_MS = 500;

type Fill = 'red' | 'green' | 'yellow' | 'grey' | 'blue';
type Shape = 'dot' | 'ring';

export class StatusLine {
  private shown = '';
  private fill: Fill | undefined;
  private lastMs = 0;
  private pending: NodeStatus | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly node: Pick<Node, 'status'>) {}

  ok(text: string): void {
    this.show('green', 'dot', text);
  }
  busy(text: string): void {
    this.show('yellow', 'ring', text);
  }
  warn(text: string): void {
    this.show('yellow', 'dot', text);
  }
  bad(text: string): void {
    this.show('red', 'ring', text);
  }
  idle(text: string): void {
    this.show('grey', 'ring', text);
  }

  /** Forgets what was waiting; for the node's close. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.pending = undefined;
  }

  private show(fill: Fill, shape: Shape, text: string): void {
    const status: NodeStatus = { fill, shape, text: shortText(text) };
    const wait = this.lastMs + MIN_INTERVAL_MS - Date.now();
    if (fill === this.fill && wait > 0 && this.shown !== '') {
      this.pending = status;
      this.timer ??= setTimeout(() => this.flush(), wait);
      return;
    }
    this.publish(status);
  }

  private flush(): void {
    this.timer = undefined;
    if (this.pending) this.publish(this.pending);
  }

  private publish(status: NodeStatus): void {
    this.close();
    const key = `${status.fill} ${status.shape} ${status.text}`;
    this.fill = status.fill as Fill;
    if (key === this.shown) return;
    this.shown = key;
    this.lastMs = Date.now();
    this.node.status(status);
  }
}

export function shortText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_STATUS_TEXT ? line : `${line.slice(0, MAX_STATUS_TEXT - 1).trimEnd()}…`;
}
