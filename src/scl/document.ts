import { SclError } from '../errors.js';
import type { Edition, IedModel, OsiAddress } from '../model/ied-model.js';
import type { SclDiagnostic } from './diagnostics.js';

/** What an SCL file says, as plain data, and the models of its IEDs on request (IEC 61850-6). */
export interface SclDocument extends SclSummary {
  /**
   * The tree of one IED as one of its access points serves it; by default its first access point with a server.
   * The same object at every call. Objects of equal types are shared inside it: treat it as frozen.
   * @throws SclError `SCL_UNKNOWN_IED` or `SCL_NO_SERVER`, with what the file has in the hint.
   */
  model(iedName: string, accessPoint?: string): IedModel;
}

export interface SclSummary {
  /** Absent when the file names a version that no edition has. */
  edition?: Edition;
  /** Attributes of the root: `2007`, `B`, `4`; absent in Edition 1. */
  version?: string;
  revision?: string;
  release?: string;
  header: SclHeader;
  ieds: SclIed[];
  substations: SclSubstation[];
  /** In the order of their lines. */
  diagnostics: SclDiagnostic[];
  /** Diagnostics beyond the bound of `MAX_SCL_DIAGNOSTICS`. */
  diagnosticsOmitted: number;
  /** Name of the file without its folders, when it came from one. */
  fileName?: string;
}

export interface SclHeader {
  id?: string;
  version?: string;
  revision?: string;
  toolID?: string;
}

export interface SclIed {
  name: string;
  manufacturer?: string;
  type?: string;
  configVersion?: string;
  description?: string;
  /** Edition that the IED was made in (`originalSclVersion`), or that of the file. */
  edition?: Edition;
  accessPoints: SclAccessPoint[];
  /** Capabilities of `Services` by name, each with its attributes: `{ DynDataSet: { max: '10' } }`. */
  services?: Record<string, Record<string, string>>;
}

export interface SclAccessPoint {
  name: string;
  description?: string;
  /** Whether clients can associate here: a `Server`, or `ServerAt` that names another access point. */
  server: boolean;
  /** Instances of the logical devices, `CTRL`. */
  ldInsts: string[];
  /** One for each `ConnectedAP`, in the order of the file. */
  addresses: SclAddress[];
  /** What the server's `Authentication` allows; absent when there is no server. */
  authentication?: SclAuthentication;
  /** Logical nodes of an access point without a server, which is a client: `IHMI1`. */
  clientLogicalNodes: string[];
}

/** Address of an access point in one subnetwork (IEC 61850-6 §9.4.4). */
export interface SclAddress extends OsiAddress {
  subNetwork: string;
  /** Type of the subnetwork, `8-MMS`. */
  subNetworkType?: string;
  ip?: string;
  subnetMask?: string;
  gateway?: string;
  /** `MMS-Port`; absent means 102, or 3782 with TLS. */
  port?: number;
  /** True when the port is the one of secured MMS (IEC 62351-3), 3782. */
  secure?: boolean;
  /** Every `P` by its type, as written. */
  parameters: Record<string, string>;
}

export interface SclAuthentication {
  none: boolean;
  password: boolean;
  weak: boolean;
  strong: boolean;
  certificate: boolean;
}

export interface SclSubstation {
  name: string;
  description?: string;
  voltageLevels: SclVoltageLevel[];
}

export interface SclVoltageLevel {
  name: string;
  description?: string;
  /** Nominal voltage in volts. */
  voltage?: number;
  bays: SclBay[];
}

export interface SclBay {
  name: string;
  description?: string;
  logicalNodes: SclLogicalNodeReference[];
}

/** An `LNode`: a logical node that does the work of a bay or of its equipment. */
export interface SclLogicalNodeReference {
  /** Names of the equipment or functions inside the bay that it belongs to, `QA1`; empty for the bay itself. */
  owner: string;
  /** Absent when the function is not allocated to an IED yet (`iedName="None"`). */
  iedName?: string;
  ldInst: string;
  /** Prefix, class and instance together, `XCBR1`. */
  logicalNode: string;
}

/** Gives the model under a {@link modelKey}, unfolding it when it is asked for. */
export type ModelSource = (key: string) => IedModel | undefined;

export function modelKey(iedName: string, accessPoint: string): string {
  return `${iedName}\n${accessPoint}`;
}

export function createDocument(summary: SclSummary, source: ModelSource): SclDocument {
  const model = (iedName: string, accessPoint?: string): IedModel => {
    const ied = summary.ieds.find(({ name }) => name === iedName);
    if (!ied) {
      const names = summary.ieds.map(({ name }) => name).join(', ');
      throw new SclError(
        'SCL_UNKNOWN_IED',
        `The file has no IED "${iedName}".`,
        undefined,
        undefined,
        names ? `Its IEDs: ${names}.` : 'It has none at all.',
      );
    }
    const servers = ied.accessPoints.filter(({ server }) => server).map(({ name }) => name);
    const chosen = accessPoint ?? servers[0];
    const found = chosen === undefined || !servers.includes(chosen) ? undefined : source(modelKey(iedName, chosen));
    if (!found) {
      throw new SclError(
        'SCL_NO_SERVER',
        `IED "${iedName}" has no server${accessPoint === undefined ? '' : ` at access point "${accessPoint}"`}.`,
        undefined,
        undefined,
        servers.length > 0 ? `Access points with a server: ${servers.join(', ')}.` : 'It is a client only.',
      );
    }
    return found;
  };
  return { ...summary, model };
}
