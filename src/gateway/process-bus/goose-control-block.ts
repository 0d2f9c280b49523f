/** GOOSE control blocks of a model, as a subscription or a publisher needs them. */
import type { GooseExpectation } from '../../goose/subscriber.js';
import { goosePoints, type GoosePoint } from '../../goose/goose-member.js';
import { ArgumentError } from '../../errors.js';
import type { DataSet, GooseControlBlock, IedModel, LogicalNode } from '../../model/ied-model.js';
import type { GooseSubscription } from './goose-receiver.js';

/** One GSEControl of an IED with where it stands. */
export interface GooseBlock {
  /** `LD/LN.name`, as people write it. */
  readonly reference: string;
  /** `LD/LN$GO$name`, as frames say it. */
  readonly gocbRef: string;
  /** `LD/LN$name`; empty when the block has no data set. */
  readonly datSet: string;
  readonly block: GooseControlBlock;
  readonly dataSet: DataSet | undefined;
}

export function gooseBlocks(model: IedModel): GooseBlock[] {
  return model.logicalDevices.flatMap((logicalDevice) =>
    logicalDevice.logicalNodes.flatMap((logicalNode) =>
      logicalNode.gooseControlBlocks.map((block) => blockAt(logicalDevice.name, logicalNode, block)),
    ),
  );
}

/** @throws ArgumentError that names those that there are */
export function gooseBlock(model: IedModel, reference: string): GooseBlock {
  const blocks = gooseBlocks(model);
  const found = blocks.find((block) => block.reference === reference || block.gocbRef === reference);
  if (found) return found;
  throw new ArgumentError(
    `${model.name} has no GOOSE control block ${reference}`,
    blocks.length > 0 ? `It has ${blocks.map((block) => block.reference).join(', ')}.` : 'The file has none for it.',
  );
}

function blockAt(logicalDevice: string, logicalNode: LogicalNode, block: GooseControlBlock): GooseBlock {
  const home = `${logicalDevice}/${logicalNode.name}`;
  return {
    reference: `${home}.${block.name}`,
    gocbRef: `${home}$GO$${block.name}`,
    datSet: block.dataSet ? `${home}$${block.dataSet}` : '',
    block,
    dataSet: logicalNode.dataSets.find(({ name }) => name === block.dataSet),
  };
}

/** What frames of a control block must say. */
export function expectationOf({ gocbRef, datSet, block, dataSet }: GooseBlock): GooseExpectation {
  return {
    gocbRef,
    ...(block.goId !== undefined && { goId: block.goId }),
    ...(datSet !== '' && { datSet }),
    ...(block.confRev !== undefined && { confRev: block.confRev }),
    ...(dataSet && { entries: dataSet.members.length }),
  };
}

/**
 * A subscription to a control block of a model, with the names and types of its members.
 * @param reference `LD/LN.name` or `LD/LN$GO$name`
 * @throws ArgumentError when the model has no such control block, or it lacks a data set or a member of it
 */
export function gooseSubscription(model: IedModel, reference: string): GooseSubscription {
  const found = gooseBlock(model, reference);
  const appId = found.block.address?.appId;
  return {
    ied: model.name,
    ...(appId !== undefined && { appId }),
    expected: expectationOf(found),
    points: pointsOf(model, found),
  };
}

/** @throws ArgumentError when the control block has no data set, or its model lacks a member */
export function pointsOf(model: IedModel, { reference, dataSet }: GooseBlock): GoosePoint[] {
  if (!dataSet) throw new ArgumentError(`${reference} has no data set`, 'Complete the control block in the SCL file.');
  return goosePoints(model, dataSet);
}
