/** Which tag has which topic on one connection, so that two tags never write over each other. */
export class TopicClaims {
  private readonly owners = new Map<string, { owner: string; count: number }>();

  /**
   * Takes a topic for a tag; the same tag may take it several times, as when two nodes publish it.
   * @returns Who has the topic already, or undefined when it was free or the tag's own.
   */
  claim(topic: string, owner: string): string | undefined {
    const entry = this.owners.get(topic);
    if (entry && entry.owner !== owner) return entry.owner;
    if (entry) entry.count++;
    else this.owners.set(topic, { owner, count: 1 });
    return undefined;
  }

  /** The tag that has the topic. */
  holder(topic: string): string | undefined {
    return this.owners.get(topic)?.owner;
  }

  release(topic: string): void {
    const entry = this.owners.get(topic);
    if (entry && --entry.count === 0) this.owners.delete(topic);
  }
}
