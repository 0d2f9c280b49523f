/** Logs of a server (IEC 61850-7-2 §17.3): log control blocks fill them, ReadJournal gives what is in them. */
import { MAX_SERVER_LOGS } from '../../limits.js';
import type { LogControlBlock as BlockOfModel } from '../../model/ied-model.js';
import { fitting, KeptNames } from '../persistence/kept-values.js';
import { keptOf } from '../persistence/revisions.js';
import type { KeptMap } from '../persistence/store.js';
import { DataSetRegistry } from '../reports/data-set-registry.js';
import type { ServerContext, ServerPart, ServiceHandlers } from '../server-part.js';
import { OBJECT_NON_EXISTENT } from '../services/answer.js';
import type { Variable } from '../variable.js';
import { LogControlBlock, type LogHost } from './log-control-block.js';
import { Log } from './log.js';
import { readJournal } from './read-journal.js';

/** Bits of a reason for inclusion: Edition 2 added the application trigger. */
const REASON_BITS = { first: 6, later: 7 };

export class Logs implements ServerPart {
  readonly services: ServiceHandlers;
  private readonly logs = new Map<string, Log>();
  private readonly blocks: { block: LogControlBlock; variable: Variable; enabled: boolean; reference: string }[] = [];
  private readonly names: KeptNames;
  private readonly map: KeptMap;

  constructor(private readonly context: ServerContext) {
    const { nameSpace, values, store, model, dataSets } = context;
    this.names = new KeptNames(context);
    this.map = keptOf(store, 'log control blocks', model);
    this.services = {
      readJournal: (_session, request, maxLength) => {
        const { journal } = request;
        const log = journal.scope === 'domain' ? this.log(`${journal.domain}/${journal.item}`) : undefined;
        if (!log) return OBJECT_NON_EXISTENT;
        // What a client was shown is still there after a power cut.
        store.commit();
        return readJournal(log, request, maxLength, context.now());
      },
    };
    const registry = new DataSetRegistry(nameSpace);
    const host: LogHost = {
      registry,
      dataSets,
      reasonBits: model.edition === '1' ? REASON_BITS.first : REASON_BITS.later,
      logOf: (reference) => this.log(reference),
      keep: (attribute) => this.map.put(this.names.of(attribute), octetsOf(attribute)),
      commit: () => store.commit(),
      now: () => context.now(),
    };
    for (const { variable, model: block, reference } of blocksOf(context)) {
      const behaviour = new LogControlBlock(host, variable, block?.reasonCode !== false);
      variable.behaviour = behaviour;
      this.blocks.push({ block: behaviour, variable, enabled: block?.logEnabled === true, reference });
    }
    values.subscribe((changes, now) => registry.changed(changes, now));
    // A store on disk is not open yet.
    if (!store.persistent) this.begin();
  }

  restore(): void {
    if (!this.context.store.persistent) return;
    for (const [key, octets] of this.map.entries()) this.restoreOne(key, octets);
    this.begin();
  }

  start(): void {
    for (const { block } of this.blocks) block.start();
  }

  stop(): void {
    for (const { block } of this.blocks) block.stop();
  }

  /** Enables what the file, or a client before the restart, has enabled. */
  private begin(): void {
    for (const { block, enabled, reference } of this.blocks) {
      if (enabled && !block.enable()) {
        this.context.problems.add(reference, 'it cannot log: it has no data set, or there is no log of its name');
      }
    }
  }

  private restoreOne(key: string, octets: Buffer): void {
    for (const one of this.blocks) {
      const member = one.variable.children.find((child) => this.names.of(child) === key);
      const value = fitting(member, octets);
      if (!member || !value) continue;
      if (member.name === 'LogEna') one.enabled = octets.at(-1) !== 0;
      else member.store(value.encoding);
      one.block.hold();
      return;
    }
    this.map.delete(key);
    this.context.problems.add(key, 'a client had given it a value that does not fit the model any more; it is dropped');
  }

  /** The log with a reference `LD/LN$name`, if the model has it. */
  private log(reference: string): Log | undefined {
    const known = this.logs.get(reference);
    if (known) return known;
    const slash = reference.indexOf('/');
    const domain = this.context.nameSpace.domains.get(reference.slice(0, slash));
    if (!domain?.journals.includes(reference.slice(slash + 1)) || this.logs.size >= MAX_SERVER_LOGS) return undefined;
    const { store, options } = this.context;
    const log = new Log(store.list(`log ${reference}`), options.logSize);
    this.logs.set(reference, log);
    return log;
  }
}

function octetsOf(leaf: Variable): Buffer {
  return Buffer.from((leaf.octets as Buffer).subarray(0, leaf.length));
}

/** Log control blocks of the model, with the variables that stand for them. */
function* blocksOf({
  model,
  nameSpace,
}: ServerContext): Generator<{ variable: Variable; model: BlockOfModel | undefined; reference: string }> {
  for (const { name, logicalNodes } of model.logicalDevices) {
    for (const { name: logicalNode, logControlBlocks } of logicalNodes) {
      const group = nameSpace.domains.get(name)?.logicalNodes.get(logicalNode)?.child('LG');
      for (const variable of group?.children ?? []) {
        if (!variable.controlBlock || variable.behaviour) continue;
        const block = logControlBlocks.find((one) => one.name === variable.name);
        yield { variable, model: block, reference: `${name}/${logicalNode}.${variable.name}[LG]` };
      }
    }
  }
}
