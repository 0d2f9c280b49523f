import type {
  GooseControlBlock,
  LogControlBlock,
  LogicalNode,
  ReportControlBlock,
  SampledValueControlBlock,
  SettingGroupControlBlock,
  TriggerOptions,
} from '../model/ied-model.js';
import { booleanAttribute, given, requiredName, UniqueNames, unsignedAttribute } from './attributes.js';
import type { Communication } from './communication.js';
import type { SclContext } from './context.js';
import { childrenOf, firstChild, optional, type XmlElement } from './xml-element.js';

/** Index numbers of report instances have two digits. */
const MAX_REPORT_INSTANCES = 99;
const REPORT_FIELDS = [
  'seqNum',
  'timeStamp',
  'dataSet',
  'reasonCode',
  'dataRef',
  'bufOvfl',
  'entryID',
  'configRef',
  'segmentation',
] as const;
const SMV_FIELDS = [
  'refreshTime',
  'sampleSynchronized',
  'sampleRate',
  'dataSet',
  'security',
  'timestamp',
  'synchSourceId',
] as const;

export interface ControlBlockPlace {
  iedName: string;
  ldInst: string;
  /** Names of the server's logical devices by their `inst`. */
  deviceNames: ReadonlyMap<string, string>;
  communication: Communication;
}

type ControlBlocks = Pick<
  LogicalNode,
  | 'reportControlBlocks'
  | 'logControlBlocks'
  | 'logs'
  | 'gooseControlBlocks'
  | 'sampledValueControlBlocks'
  | 'settingGroupControlBlock'
>;

/** The control blocks and logs of an `LN0` or `LN` (IEC 61850-6 §9.3.8 to §9.3.12). */
export function readControlBlocks(
  element: XmlElement,
  node: Pick<LogicalNode, 'name' | 'dataSets'>,
  place: ControlBlockPlace,
  context: SclContext,
): ControlBlocks {
  const reader = new ControlBlockReader(element, node, place, context);
  return {
    reportControlBlocks: reader.named('ReportControl').flatMap((entry) => reader.reports(entry)),
    logControlBlocks: reader.named('LogControl').map((entry) => reader.log(entry)),
    logs: reader.logs(),
    gooseControlBlocks: reader.named('GSEControl').flatMap((entry) => reader.goose(entry)),
    sampledValueControlBlocks: reader.named('SampledValueControl').map((entry) => reader.sampledValues(entry)),
    ...given('settingGroupControlBlock', reader.settingGroups()),
  };
}

interface Named {
  name: string;
  element: XmlElement;
}

class ControlBlockReader {
  constructor(
    private readonly element: XmlElement,
    private readonly node: Pick<LogicalNode, 'name' | 'dataSets'>,
    private readonly place: ControlBlockPlace,
    private readonly context: SclContext,
  ) {}

  named(tag: string): Named[] {
    const names = new UniqueNames(this.context);
    return childrenOf(this.element, tag).flatMap((element) => {
      const name = requiredName(element, 'name', this.context);
      return name !== undefined && names.accept(name, element) ? [{ name, element }] : [];
    });
  }

  /** One block for each instance, by the name that it has online: `urcbA01` to `urcbA05`. */
  reports({ name, element }: Named): ReportControlBlock[] {
    const buffered = this.boolean(element, 'buffered', false);
    const indexed = this.boolean(element, 'indexed', true);
    const instances = this.instances(element, indexed);
    const common: Omit<ReportControlBlock, 'name'> = {
      buffered,
      ...this.common(element),
      ...given('rptId', optional(element, 'rptID')),
      ...given('confRev', unsignedAttribute(element, 'confRev', this.context)),
      bufferTime: unsignedAttribute(element, 'bufTime', this.context) ?? 0,
      integrityPeriod: unsignedAttribute(element, 'intgPd', this.context) ?? 0,
      ...given('triggerOptions', this.triggerOptions(element)),
      ...given('optionalFields', this.optionalFields(element, buffered)),
      ...given('maxInstances', instances),
    };
    const clients = this.clients(element);
    if (!indexed) return instances === 0 ? [] : [{ name, ...common, ...given('client', clients[0]) }];
    return Array.from({ length: instances ?? 1 }, (_, at) => ({
      name: name + String(at + 1).padStart(2, '0'),
      ...common,
      ...given('client', clients[at]),
    }));
  }

  /** Clients that instances are given to, in the order of the instances (IEC 61850-6 §9.3.8, ClientLN). */
  private clients(element: XmlElement): NonNullable<ReportControlBlock['client']>[] {
    const enabled = firstChild(element, 'RptEnabled');
    return childrenOf(enabled ?? element, 'ClientLN').map(({ attributes }) => {
      const ied = attributes.iedName ?? '';
      const address = this.place.communication.addressOf(ied, attributes.apRef);
      return { ied, ...given('address', address) };
    });
  }

  log({ name, element }: Named): LogControlBlock {
    const { name: ownNode } = this.node;
    const logName = optional(element, 'logName');
    return {
      name,
      ...this.common(element),
      ...(logName !== undefined && { logName: this.logReference(element, logName, ownNode) }),
      logEnabled: this.boolean(element, 'logEna', true),
      integrityPeriod: unsignedAttribute(element, 'intgPd', this.context) ?? 0,
      ...given('triggerOptions', this.triggerOptions(element)),
      reasonCode: this.boolean(element, 'reasonCode', true),
    };
  }

  logs(): string[] {
    const names: string[] = [];
    for (const element of childrenOf(this.element, 'Log')) {
      const name = optional(element, 'name');
      if (name !== undefined && !names.includes(name)) names.push(name);
      else if (name === undefined) {
        this.context.log.report(
          'SCL_LOG_WITHOUT_NAME',
          'A log without a name is left out; the IED tells its name.',
          element,
        );
      }
    }
    return names;
  }

  goose({ name, element }: Named): GooseControlBlock[] {
    const address = this.place.communication.controlBlock('GSE', this.place.iedName, this.place.ldInst, name);
    if (element.attributes.type === 'GSSE') {
      this.context.log.report(
        'SCL_GSSE_IGNORED',
        `"${name}" is a GSSE control block, which Edition 2 no longer has.`,
        element,
      );
      return [];
    }
    return [
      {
        name,
        ...this.common(element),
        ...given('goId', optional(element, 'appID')),
        ...given('confRev', unsignedAttribute(element, 'confRev', this.context)),
        fixedOffsets: this.boolean(element, 'fixedOffs', false),
        ...given('address', address),
      },
    ];
  }

  sampledValues({ name, element }: Named): SampledValueControlBlock {
    const { communication, iedName, ldInst } = this.place;
    const options = firstChild(element, 'SmvOpts');
    return {
      name,
      ...this.common(element),
      ...given('smvId', optional(element, 'smvID')),
      ...given('confRev', unsignedAttribute(element, 'confRev', this.context)),
      multicast: this.boolean(element, 'multicast', true),
      ...given('smpRate', unsignedAttribute(element, 'smpRate', this.context)),
      smpMod: optional(element, 'smpMod') ?? 'SmpPerPeriod',
      ...given('nofAsdu', unsignedAttribute(element, 'nofASDU', this.context)),
      ...(options && {
        options: SMV_FIELDS.filter((field) => this.boolean(options, field, field === 'sampleSynchronized')),
      }),
      ...given('address', communication.controlBlock('SMV', iedName, ldInst, name)),
    };
  }

  settingGroups(): SettingGroupControlBlock | undefined {
    const element = firstChild(this.element, 'SettingControl');
    const numberOfSettingGroups = element && unsignedAttribute(element, 'numOfSGs', this.context);
    if (!element || numberOfSettingGroups === undefined) return undefined;
    return { numberOfSettingGroups, activeSettingGroup: unsignedAttribute(element, 'actSG', this.context) ?? 1 };
  }

  /** Description and data set, which every control block has. */
  private common(element: XmlElement): { description?: string; dataSet?: string } {
    const dataSet = optional(element, 'datSet');
    if (dataSet !== undefined && !this.node.dataSets.some(({ name }) => name === dataSet)) {
      const message = `${element.name} "${element.attributes.name ?? ''}" names the data set "${dataSet}", which is not here.`;
      this.context.log.report('SCL_MISSING_DATASET', message, element);
    }
    return { ...given('description', optional(element, 'desc')), ...given('dataSet', dataSet) };
  }

  /** `RptEnabled max`, or undefined when the file says nothing. */
  private instances(element: XmlElement, indexed: boolean): number | undefined {
    const enabled = firstChild(element, 'RptEnabled');
    if (!enabled) return undefined;
    const max = unsignedAttribute(enabled, 'max', this.context) ?? 1;
    if (!indexed && max > 1) {
      const message = `"${element.attributes.name ?? ''}" has ${max} instances, but is not indexed: one name stands for all.`;
      this.context.log.report('SCL_REPORT_INSTANCES', message, enabled);
    }
    if (max >= 1 && max <= MAX_REPORT_INSTANCES) return max;
    const used = Math.min(max, MAX_REPORT_INSTANCES);
    const message = `${max} report instances are not within 1 to ${MAX_REPORT_INSTANCES}; ${used} are in the model.`;
    this.context.log.report('SCL_REPORT_INSTANCES', message, enabled);
    return used;
  }

  private triggerOptions(element: XmlElement): TriggerOptions | undefined {
    const options = firstChild(element, 'TrgOps');
    if (!options) return undefined;
    return {
      dchg: this.boolean(options, 'dchg', false),
      qchg: this.boolean(options, 'qchg', false),
      dupd: this.boolean(options, 'dupd', false),
      period: this.boolean(options, 'period', false),
      gi: this.boolean(options, 'gi', true),
    };
  }

  /** From Edition 2 on, `bufOvfl` is true unless the file denies it; an unbuffered block has no such field. */
  private optionalFields(element: XmlElement, buffered: boolean): string[] | undefined {
    const options = firstChild(element, 'OptFields');
    if (!options) return undefined;
    const overflow = buffered && this.context.edition !== '1';
    return REPORT_FIELDS.filter((field) => this.boolean(options, field, field === 'bufOvfl' && overflow));
  }

  /** Name of a log in the same logical node, or its whole reference: logs stand in LLN0 unless the file says otherwise. */
  private logReference(element: XmlElement, logName: string, ownNode: string): string {
    const { prefix = '', lnInst = '' } = element.attributes;
    const ldInst = optional(element, 'ldInst') ?? this.place.ldInst;
    const node = `${prefix}${optional(element, 'lnClass') ?? 'LLN0'}${lnInst}`;
    if (ldInst === this.place.ldInst && node === ownNode) return logName;
    return `${this.place.deviceNames.get(ldInst) ?? this.place.iedName + ldInst}/${node}.${logName}`;
  }

  private boolean(element: XmlElement, attribute: string, absent: boolean): boolean {
    return booleanAttribute(element, attribute, absent, this.context);
  }
}
