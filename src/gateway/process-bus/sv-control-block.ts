/** Sampled-value control blocks of a model, as a subscription needs them. */
import { ArgumentError } from '../../errors.js';
import type { DataSet, IedModel, SampledValueControlBlock } from '../../model/ied-model.js';
import { layoutOf } from '../../sv/channels.js';
import type { SvSubscription } from './sv-receiver.js';

/** One SampledValueControl of an IED with where it stands. */
export interface SvBlock {
  /** `LD/LN.name`. */
  readonly reference: string;
  readonly block: SampledValueControlBlock;
  readonly dataSet: DataSet | undefined;
}

export function svBlocks(model: IedModel): SvBlock[] {
  return model.logicalDevices.flatMap((logicalDevice) =>
    logicalDevice.logicalNodes.flatMap((logicalNode) =>
      logicalNode.sampledValueControlBlocks.map((block) => ({
        reference: `${logicalDevice.name}/${logicalNode.name}.${block.name}`,
        block,
        dataSet: logicalNode.dataSets.find(({ name }) => name === block.dataSet),
      })),
    ),
  );
}

/** @throws ArgumentError when the model has no such control block, or it lacks a data set or a member of it */
export function svSubscription(model: IedModel, reference: string, nominal: number): SvSubscription {
  const blocks = svBlocks(model);
  const found = blocks.find((block) => block.reference === reference);
  if (!found) {
    throw new ArgumentError(
      `${model.name} has no sampled-value control block ${reference}`,
      blocks.length > 0 ? `It has ${blocks.map((block) => block.reference).join(', ')}.` : 'The file has none for it.',
    );
  }
  const { block, dataSet } = found;
  if (!dataSet) throw new ArgumentError(`${reference} has no data set`, 'Complete the control block in the SCL file.');
  return {
    controlBlock: reference,
    svId: block.smvId ?? block.name,
    ...(block.address?.appId !== undefined && { appId: block.address.appId }),
    ...(block.confRev !== undefined && { confRev: block.confRev }),
    layout: layoutOf(model, dataSet),
    rate: rateOf(block, nominal),
  };
}

function rateOf({ smpRate = 80, smpMod }: SampledValueControlBlock, nominal: number): number {
  if (smpMod === 'SmpPerSec') return smpRate;
  return smpMod === 'SecPerSmp' ? 1 / smpRate : smpRate * nominal;
}
