/** Editor plugin: the sidebar "IEC 61850". The runtime half answers what its panels ask. */
import { registerMonitorRoutes } from '../../nodes/shared/monitor/monitor-routes.js';
import type { RED } from '../../nodes/shared/red.js';

export = function (red: RED): void {
  red.plugins.registerPlugin('iec61850-sidebar', { type: 'iec61850-editor' });
  registerMonitorRoutes(red);
};
