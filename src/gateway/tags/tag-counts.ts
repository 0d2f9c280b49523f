/** How many tags are in which state. */
export interface TagCounts {
  live: number;
  stale: number;
  disconnected: number;
  error: number;
  /** Never read yet. */
  waiting: number;
  /** Of those that are live: not usable, by their quality. */
  bad: number;
}
