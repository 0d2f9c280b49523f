/**
 * Switch controllers and the switches that they control: who operates CSWI1.Pos moves XCBR1.Pos, and a breaker that trips
 * shows at its controller. A file does not say which belong together; where a logical device has as many of both, they do
 * in their order.
 */
import type { IedModel, LogicalNode } from '../../model/ied-model.js';
import type { TagData } from '../../model/tag-value.js';
import type { IedServer, Update } from '../../server/index.js';
import { attributeOf } from './objects.js';

interface Pair {
  references: readonly [controller: string, switched: string];
  /** Position of both when they were last the same. */
  position: TagData;
}

export class SwitchPairs {
  private readonly pairs: Pair[] = [];

  constructor(
    model: IedModel,
    private readonly server: Pick<IedServer, 'read'>,
  ) {
    for (const { name, logicalNodes } of model.logicalDevices) {
      const positions = (...classes: string[]): string[] =>
        logicalNodes
          .filter((node) => classes.includes(node.lnClass) && hasPosition(node))
          .map((node) => `${name}/${node.name}.Pos[ST]`);
      const controllers = positions('CSWI');
      // Breakers have the first controllers in most files.
      const switches = [...positions('XCBR'), ...positions('XSWI')];
      if (controllers.length !== switches.length) continue;
      controllers.forEach((controller, i) => {
        this.pairs.push({ references: [controller, switches[i] as string], position: null });
      });
    }
  }

  /** Lets the other one of a pair follow the one that has moved. */
  follow(): Update[] {
    return this.pairs.flatMap((pair): Update[] => {
      const [controller, switched] = pair.references.map((reference) => this.server.read(reference).value);
      if (controller === switched) {
        pair.position = controller ?? null;
        return [];
      }
      const controllerMoved = controller !== pair.position;
      const value = controllerMoved ? controller : switched;
      pair.position = value ?? null;
      return [{ reference: pair.references[controllerMoved ? 1 : 0], value }];
    });
  }
}

function hasPosition({ dataObjects }: LogicalNode): boolean {
  const position = dataObjects.find(({ name }) => name === 'Pos');
  return position !== undefined && attributeOf(position, 'ST', 'stVal')?.basicType === 'Dbpos';
}
