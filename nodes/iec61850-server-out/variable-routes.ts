/** Admin routes of the mapping in the form: hold a file against the model of the server, and make its template. */
import { checkVariables, variableTemplate } from '../../src/gateway/variables/index.js';
import { MAX_CSV_LENGTH } from '../../src/limits.js';
import { adminRoute, jsonBody, once, textField } from '../shared/admin.js';
import type { RED } from '../shared/red.js';
import { SCL_PERMISSION } from '../shared/scl-routes.js';
import { formModel } from '../shared/served-model.js';

/** Adds the routes once. Both read an SCL file, which takes the same permission as everywhere. */
export function registerVariableRoutes(red: RED): void {
  once(red, 'variables', () => {
    adminRoute(red, 'post', '/iec61850/variables/check', SCL_PERMISSION, async (request) => {
      const body = jsonBody(request);
      const { rows, problems, more } = checkVariables(
        textField(body.csv, 'csv', MAX_CSV_LENGTH),
        await formModel(red, body),
      );
      return { count: rows.length, problems, more };
    });
    adminRoute(red, 'post', '/iec61850/variables/template', SCL_PERMISSION, async (request) => ({
      csv: variableTemplate(await formModel(red, jsonBody(request))),
    }));
  });
}
