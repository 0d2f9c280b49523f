/** Admin routes of the map table: what the form asks about a map that may not be deployed, and tags that a node has seen. */
import { editorAction } from '../../src/gateway/modbus/editor-service.js';
import type { ModbusGateway } from '../../src/gateway/modbus/modbus-gateway.js';
import { adminRoute, jsonBody, once, textField } from '../shared/admin.js';
import type { RED } from '../shared/red.js';

/** The form asks about what it holds itself: reading flows is right enough. */
const PERMISSION = 'flows.read';

/** @param gateways running gateways by the id of their node */
export function registerEditorRoutes(red: RED, gateways: ReadonlyMap<string, ModbusGateway>): void {
  once(red, 'modbus-map', () => {
    adminRoute(red, 'post', '/iec61850/modbus-map/:action', PERMISSION, (request) =>
      Promise.resolve().then(() => editorAction(textField(request.params.action, 'action'), jsonBody(request))),
    );
    adminRoute(red, 'get', '/iec61850/modbus-map/seen/:id', PERMISSION, (request) => {
      const gateway = gateways.get(textField(request.params.id, 'id'));
      return Promise.resolve({
        tags: gateway?.unknownTags() ?? [],
        map: gateway?.assignedMap() ?? { rows: [], blocks: [] },
      });
    });
  });
}
