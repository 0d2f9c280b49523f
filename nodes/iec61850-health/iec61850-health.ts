/** Tells how IEDs are: state, association, times, tags, reports and the last error, at changes and at an interval. */
import { MAX_HEALTH_INTERVAL_S } from '../../src/limits.js';
import { createNode } from '../shared/create-node.js';
import { expandEnvironment, nodeEnvironment } from '../shared/environment.js';
import { wholeNumber } from '../shared/fields.js';
import { requireIedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessage, RED, VersionedDef } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { StatusLine } from '../shared/status.js';
import { isTroubled, type Health } from './health.js';
import { HealthWatch, type HealthEvent, type HealthWatchOptions } from './health-watch.js';

interface HealthDef extends VersionedDef {
  /** Empty: all IEDs. */
  ied?: string;
  changes?: boolean;
  /** Seconds. */
  interval?: string | number;
}

const DEFAULT_INTERVAL_S = 60;

export = function (red: RED): void {
  function HealthNode(this: Node, saved: HealthDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let options: HealthWatchOptions;
    try {
      options = optionsOf(red, this, migrate(saved, []));
    } catch (error) {
      refuseAll(this, status, error);
      return;
    }
    const watch = new HealthWatch(options, {
      told: (event, health) => this.send(messageOf(event, health)),
      looked: (all) => showStatus(status, all),
    });
    this.on('input', (_message, _send, done) => {
      watch.tell('request');
      done();
    });
    this.on('close', () => {
      watch.close();
      status.close();
    });
  }

  red.nodes.registerType('iec61850-health', HealthNode);
};

function optionsOf(red: RED, node: Node, { ied, changes, interval }: HealthDef): HealthWatchOptions {
  const lookup = nodeEnvironment(red, node);
  const seconds = typeof interval === 'string' ? expandEnvironment(interval, lookup) : interval;
  return {
    ...(ied && { iedId: requireIedNode(red, ied).id }),
    changes: changes !== false,
    interval: wholeNumber(seconds, 'Interval', 0, MAX_HEALTH_INTERVAL_S, DEFAULT_INTERVAL_S) * 1000,
  };
}

function messageOf(event: HealthEvent, health: Health): NodeMessage & { event: HealthEvent } {
  return { topic: health.ied, event, payload: health };
}

function showStatus(status: StatusLine, all: readonly Health[]): void {
  const used = all.filter(({ state }) => state !== 'idle');
  const online = used.filter(({ state }) => state === 'online');
  const text = used.length > 1 ? `${online.length} of ${used.length} online` : (used[0] ?? all[0])?.state;
  if (used.length === 0) status.idle(text === undefined ? 'no IED' : 'not in use');
  else if (online.length < used.length && used.some(({ state }) => state === 'offline')) status.bad(text ?? '');
  else if (used.some(isTroubled)) status.warn(text ?? '');
  else status.ok(text ?? '');
}
