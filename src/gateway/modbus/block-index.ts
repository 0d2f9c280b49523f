/** Finds the block in which an address lies. */
import type { IedBlock } from './map.js';

export class BlockIndex {
  private readonly byUnit = new Map<number, IedBlock[]>();

  constructor(blocks: Iterable<IedBlock>) {
    for (const block of blocks) {
      const list = this.byUnit.get(block.unit);
      if (list) list.push(block);
      else this.byUnit.set(block.unit, [block]);
    }
    for (const list of this.byUnit.values()) list.sort((a, b) => a.start - b.start);
  }

  /** Blocks of a unit id in order of address. */
  of(unit: number): readonly IedBlock[] {
    return this.byUnit.get(unit) ?? [];
  }

  find(unit: number, address: number): IedBlock | undefined {
    const blocks = this.of(unit);
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((blocks[middle] as IedBlock).start <= address) low = middle + 1;
      else high = middle;
    }
    const block = blocks[low - 1];
    return block && address < blockEnd(block) ? block : undefined;
  }
}

export const blockEnd = (block: IedBlock): number => block.start + block.size;
