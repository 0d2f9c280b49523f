/** What our decoders found in PDUs, field by field under the names that tshark gives them, in the order of the wire. */
import type { MmsData } from '../../src/mms/data.js';
import { encodeData } from '../../src/mms/data-codec.js';
import type { InitiateParameters } from '../../src/mms/initiate.js';
import type { ObjectName } from '../../src/mms/object-name.js';
import type { MmsPdu } from '../../src/mms/pdu.js';
import type { ServiceRequest, ServiceResponse } from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import type { VariableAccess, VariableSpecification } from '../../src/mms/variable-access.js';

export const FIELDS = [
  'mms.invokeID',
  'mms.originalInvokeID',
  'mms.domainId',
  'mms.itemId',
  'mms.Identifier',
  'mms.getNameList-Request_continueAfter',
  'mms.componentName',
  'mms.component',
  'mms.index',
  'mms.lowIndex',
  'mms.integer',
  'mms.unsigned',
  'mms.typeSpecification_bit-string',
  'mms.typeSpecification.octet-string',
  'mms.typeSpecification.visible-string',
  'mms.numberOfElements',
  // Its spelling of numberOfElements in alternate access.
  'mms.nmberOfElements',
  'mms.floating_point',
  'mms.data_bit-string',
  'mms.data.octet-string',
  'mms.data.visible-string',
  'mms.boolean',
  'mms.utc_time',
  'mms.failure',
  'mms.localDetailCalling',
  'mms.localDetailCalled',
  'mms.proposedMaxServOutstandingCalling',
  'mms.proposedMaxServOutstandingCalled',
  'mms.proposedDataStructureNestingLevel',
  'mms.negociatedMaxServOutstandingCalling',
  'mms.negociatedMaxServOutstandingCalled',
  'mms.negociatedDataStructureNestingLevel',
  'mms.vendorName',
  'mms.modelName',
  'mms.revision',
  'mms.vmdLogicalStatus',
  'mms.vmdPhysicalStatus',
] as const;
type Field = (typeof FIELDS)[number];

/** Octets before the content of a Data element whose content is below 128 octets. */
const SHORT_HEADER = 2;

export class Flattener {
  readonly values: Record<Field, string[]>;

  constructor() {
    this.values = Object.fromEntries(FIELDS.map((field) => [field, []])) as unknown as Record<Field, string[]>;
  }

  add(pdu: MmsPdu): void {
    switch (pdu.pdu) {
      case 'initiate-request':
        return this.initiate(pdu.parameters, 'Calling', 'proposed');
      case 'initiate-response':
        return this.initiate(pdu.parameters, 'Called', 'negociated');
      case 'confirmed-request':
        this.put('mms.invokeID', pdu.invokeId);
        return this.request(pdu.request);
      case 'confirmed-response':
        this.put('mms.invokeID', pdu.invokeId);
        return this.response(pdu.response);
      case 'confirmed-error':
        return this.put('mms.invokeID', pdu.invokeId);
      case 'reject':
        if (pdu.invokeId !== undefined) this.put('mms.originalInvokeID', pdu.invokeId);
        return;
      default:
      // The others carry none of the fields.
    }
  }

  private put(field: Field, value: string | number): void {
    this.values[field].push(String(value));
  }

  /** The dissector keeps 32 bits of an integer. */
  private putInteger(field: Field, value: number | bigint): void {
    this.put(field, Number(BigInt.asIntN(32, BigInt(value))));
  }

  private initiate(parameters: InitiateParameters, side: 'Calling' | 'Called', stage: 'proposed' | 'negociated'): void {
    if (parameters.maxPduSize !== undefined) this.put(`mms.localDetail${side}`, parameters.maxPduSize);
    this.put(`mms.${stage}MaxServOutstandingCalling`, parameters.maxOutstandingCalling);
    this.put(`mms.${stage}MaxServOutstandingCalled`, parameters.maxOutstandingCalled);
    if (parameters.nestingLevel !== undefined)
      this.put(`mms.${stage}DataStructureNestingLevel`, parameters.nestingLevel);
  }

  private request(request: ServiceRequest): void {
    switch (request.service) {
      case 'getNameList':
        if (request.continueAfter !== undefined)
          this.put('mms.getNameList-Request_continueAfter', request.continueAfter);
        return;
      case 'read':
        return this.access(request.access);
      case 'write':
        this.access(request.access);
        return request.data.forEach((data) => this.data(data));
      case 'getVariableAccessAttributes':
      case 'getNamedVariableListAttributes':
        return this.name(request.name);
      default:
      // Status, Identify and what we do not decode further carry none of the fields.
    }
  }

  private response(response: ServiceResponse): void {
    switch (response.service) {
      case 'status':
        this.put('mms.vmdLogicalStatus', response.logical);
        return this.put('mms.vmdPhysicalStatus', response.physical);
      case 'identify':
        this.put('mms.vendorName', response.vendor);
        this.put('mms.modelName', response.model);
        return this.put('mms.revision', response.revision);
      case 'getNameList':
        return response.names.forEach((name) => this.put('mms.Identifier', name));
      case 'read':
        if (response.access) this.access(response.access);
        for (const result of response.results) {
          if (result.success) this.data(result.data);
          else this.put('mms.failure', result.error);
        }
        return;
      case 'write':
        for (const result of response.results) if (!result.success) this.put('mms.failure', result.error);
        return;
      case 'getVariableAccessAttributes':
        return this.type(response.type);
      case 'getNamedVariableListAttributes':
        return response.variables.forEach((variable) => this.variable(variable));
      default:
      // What we do not decode further carries none of the fields.
    }
  }

  private access(access: VariableAccess): void {
    if ('listName' in access) this.name(access.listName);
    else access.list.forEach((variable) => this.variable(variable));
  }

  private variable(variable: VariableSpecification): void {
    this.name(variable.name);
    for (const step of variable.access ?? []) {
      if (step.select === 'index') this.put('mms.index', step.index);
      else if (step.select === 'component') this.put('mms.component', step.name);
      else if (step.select === 'range') {
        this.put('mms.lowIndex', step.index);
        this.put('mms.nmberOfElements', step.count);
      }
    }
  }

  private name(name: ObjectName): void {
    if (name.scope !== 'domain') return;
    this.put('mms.domainId', name.domain);
    this.put('mms.itemId', name.item);
  }

  private type(type: TypeDescription): void {
    switch (type.type) {
      case 'structure':
        for (const component of type.components) {
          this.put('mms.componentName', component.name);
          this.type(component.type);
        }
        return;
      case 'array':
        this.put('mms.numberOfElements', type.count);
        return this.type(type.element);
      case 'integer':
      case 'unsigned':
        return this.put(`mms.${type.type}`, type.size);
      case 'bit-string':
        return this.put('mms.typeSpecification_bit-string', type.size);
      case 'octet-string':
      case 'visible-string':
        return this.put(`mms.typeSpecification.${type.type}`, type.size);
      default:
      // The others have no size, or one that the dissector does not show.
    }
  }

  private data(data: MmsData): void {
    const content = (): string => encodeData(data).subarray(SHORT_HEADER).toString('hex');
    switch (data.type) {
      case 'structure':
      case 'array':
        return data.items.forEach((item) => this.data(item));
      case 'boolean':
        return this.put('mms.boolean', data.value ? 1 : 0);
      case 'integer':
      case 'unsigned':
        return this.putInteger(`mms.${data.type}`, data.value);
      case 'float':
        return this.put('mms.floating_point', content());
      case 'bit-string':
        // Without the octet that counts the padding.
        return this.put('mms.data_bit-string', content().slice(2));
      case 'octet-string':
        return this.put('mms.data.octet-string', content() || '<MISSING>');
      case 'visible-string':
        return this.put('mms.data.visible-string', data.value);
      case 'utc-time':
        return this.put(
          'mms.utc_time',
          new Date(data.seconds * 1000 + Math.round((data.fraction * 1000) / 2 ** 24)).toISOString(),
        );
      default:
      // binary-time and mms-string are shown in forms of the dissector's own.
    }
  }
}
