/** Node: serves tag values to Modbus TCP masters. */
import { createNode } from '../shared/create-node.js';
import type { ModbusMap } from '../../src/gateway/modbus/map.js';
import { ModbusGateway } from '../../src/gateway/modbus/modbus-gateway.js';
import { parseMap } from '../../src/gateway/modbus/parse-map.js';
import { RefusalLog } from '../../src/gateway/modbus/refusal-log.js';
import { gatewayStatus } from '../../src/gateway/modbus/status-text.js';
import type { TagWrite } from '../../src/gateway/modbus/writes.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explainTogether } from '../shared/explain-together.js';
import { explain } from '../shared/explain.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import type { Done, Node, NodeMessageInFlow, RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { StatusLine } from '../shared/status.js';
import { tagInput } from '../shared/tag-input.js';
import { MIGRATIONS, type ModbusMapOutConfig, type ModbusMapOutDef, readConfig } from './config.js';
import { registerEditorRoutes } from './editor-routes.js';

const STATUS_INTERVAL_MS = 1000;
/** Map errors that are told one by one. */
const MAX_TOLD_ISSUES = 20;
/** Key of the node's context under which addresses stand that were given while running. */
const ASSIGNED = 'assigned';

/** What outlives a deploy, by the id of the node. */
interface Memory {
  gateways: Map<string, ModbusGateway>;
  /** Maps with addresses that were given while running: Node-RED forgets the context of a node at every deploy. */
  assigned: Map<string, ModbusMap>;
}

export = function (red: RED): void {
  const memory: Memory = { gateways: new Map(), assigned: new Map() };

  function ModbusMapOut(this: Node, saved: ModbusMapOutDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    try {
      const owner = this.name || this.id;
      serve(this, status, readConfig(migrate(saved, MIGRATIONS), owner, nodeEnvironment(red, this)), memory);
    } catch (error) {
      refuseAll(this, status, error);
    }
  }

  red.nodes.registerType('modbus-map-out', ModbusMapOut);
  registerEditorRoutes(red, memory.gateways);
};

function serve(node: Node, status: StatusLine, config: ModbusMapOutConfig, memory: Memory): void {
  const { options } = config;
  const earlier = memory.assigned.get(node.id) ?? storedMap(node);
  const gateway = new ModbusGateway(config.map, { ...options, ...(earlier && { earlier }) });
  memory.gateways.set(node.id, gateway);
  let port = options.port;
  const showStatus = (): void => {
    const { kind, text } = gatewayStatus(gateway.state(), port);
    status[kind](text);
  };
  tellIssues(node, gateway);
  gateway.on('change', showStatus);
  gateway.on('problem', (error) => node.error(explain(error), { topic: 'modbus', payload: null }));
  gateway.on('listening', (opened) => {
    port = opened;
    node.log(`Modbus TCP on ${options.host}:${opened}`);
  });
  const refusals = new RefusalLog();
  gateway.on('refused', (why, client) => {
    const text = refusals.note(why, client, Date.now());
    if (text) node.warn(text);
  });
  gateway.on('write', (writes) => writes.forEach((write) => node.send(writeMessage(write))));
  gateway.on('assigned', (assigned) => {
    memory.assigned.set(node.id, assigned);
    node.context().set(ASSIGNED, assigned);
  });
  const timer = setInterval(showStatus, STATUS_INTERVAL_MS);
  showStatus();
  gateway.start();

  node.on('input', (message: NodeMessageInFlow, _send, done: Done) => done(explainTogether(take(gateway, message))));
  const leave = monitor.add('modbus', {
    ...watched(node),
    look: () => ({ ...gateway.state(), ...gateway.counts, host: options.host, port, masters: gateway.masters }),
  });
  node.on('close', (removed: boolean, done: () => void) => {
    leave();
    if (removed) memory.assigned.delete(node.id);
    clearInterval(timer);
    status.close();
    if (memory.gateways.get(node.id) === gateway) memory.gateways.delete(node.id);
    gateway.removeAllListeners();
    gateway.close().then(done, done);
  });
}

/** Serves what a message holds. @returns what is wrong with it; the rest is served all the same */
function take(gateway: ModbusGateway, message: NodeMessageInFlow): unknown[] {
  try {
    const { values, errors } = tagInput(message);
    return [...errors, ...values.flatMap((value) => problemOf(() => gateway.update(value)))];
  } catch (error) {
    return [error];
  }
}

function problemOf(act: () => unknown): unknown[] {
  try {
    act();
    return [];
  } catch (error) {
    return [error];
  }
}

function tellIssues(node: Node, gateway: ModbusGateway): void {
  const errors = gateway.issues.filter((issue) => issue.severity === 'error');
  for (const { code, message } of errors.slice(0, MAX_TOLD_ISSUES)) {
    const error = Object.assign(new Error(`Modbus map: ${message}. This row is not served.`), {
      code: `MODBUS_${code}`,
    });
    node.error(error, { topic: 'modbus', payload: null });
  }
  if (errors.length > MAX_TOLD_ISSUES) node.error(`Modbus map: ${errors.length - MAX_TOLD_ISSUES} more errors`);
}

function writeMessage(write: TagWrite): { topic: string; payload: unknown; modbus: TagWrite } {
  return { topic: `${write.ied}/${write.tag}`, payload: write.value, modbus: write };
}

/** Addresses that an earlier run gave to tags, where the user's context store keeps them. */
function storedMap(node: Node): ModbusMap | undefined {
  const stored = node.context().get(ASSIGNED) as Partial<ModbusMap> | undefined;
  return stored && parseMap(stored.rows, stored.blocks);
}
