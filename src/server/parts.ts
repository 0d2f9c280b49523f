import { ControlPart } from './control/control-part.js';
import { DynamicDataSets } from './data-sets/dynamic.js';
import { FileServices } from './files/file-services.js';
import { HostClock } from './host-clock/host-clock.js';
import { deriveBehaviours } from './mode/modes.js';
import { deriveProcessValues } from './process-values/process-values.js';
import { KeptValues } from './persistence/kept-values.js';
import { Logs } from './logs/logs.js';
import { Reports } from './reports/index.js';
import type { ServerContext, ServerPart } from './server-part.js';
import { trackServices } from './service-tracking/service-tracking.js';
import { substituteValues } from './substitution/substitution.js';
import { SettingGroups } from './setting-groups/setting-groups.js';

/** The parts of every server. Those that derive values come first, in the order in which values follow from each other. */
export function makeParts(context: ServerContext): ServerPart[] {
  return [
    ...(context.options.hostClock ? [new HostClock(context)] : []),
    deriveProcessValues(context),
    deriveBehaviours(context),
    substituteValues(context),
    new SettingGroups(context),
    new KeptValues(context),
    new DynamicDataSets(context),
    new Reports(context),
    new Logs(context),
    new ControlPart(context),
    trackServices(context),
    ...(context.options.files ? [new FileServices(context, context.options.files)] : []),
  ];
}
