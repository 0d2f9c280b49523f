import type { OsiAddress, ProcessBusAddress } from '../model/ied-model.js';
import { MAX_SELECTOR_LENGTH } from '../limits.js';
import { given } from './attributes.js';
import type { SclContext } from './context.js';
import type { SclAddress } from './document.js';
import { childrenOf, firstChild, optional, type XmlElement } from './xml-element.js';

/** Port of MMS over TLS (IEC 62351-3, `iso-tp0s`). */
const SECURE_MMS_PORT = 3782;

export type ProcessBusKind = 'GSE' | 'SMV';

interface Located<T> {
  value: T;
  at: XmlElement;
  used: boolean;
}

/** The `Communication` section: addresses of access points, and of GOOSE and sampled-value control blocks (IEC 61850-6 §9.4). */
export class Communication {
  private readonly accessPoints = new Map<string, Array<Located<SclAddress>>>();
  private readonly controlBlocks = new Map<string, Located<ProcessBusAddress>>();

  constructor(
    sections: readonly XmlElement[],
    private readonly context: SclContext,
  ) {
    for (const section of sections) {
      for (const subNetwork of childrenOf(section, 'SubNetwork')) {
        for (const element of childrenOf(subNetwork, 'ConnectedAP')) this.addAccessPoint(subNetwork, element);
      }
    }
  }

  addresses(iedName: string, accessPoint: string): SclAddress[] {
    return (this.accessPoints.get(`${iedName}\n${accessPoint}`) ?? []).map((located) => {
      located.used = true;
      return located.value;
    });
  }

  /** IP address of an access point, or of the only one that an IED has. */
  addressOf(iedName: string, accessPoint: string | undefined): string | undefined {
    const found = [...this.accessPoints].filter(([key]) =>
      accessPoint === undefined ? key.startsWith(`${iedName}\n`) : key === `${iedName}\n${accessPoint}`,
    );
    const addresses = new Set(found.flatMap(([, located]) => located.flatMap(({ value }) => value.ip ?? [])));
    return addresses.size === 1 ? [...addresses][0] : undefined;
  }

  controlBlock(kind: ProcessBusKind, iedName: string, ldInst: string, name: string): ProcessBusAddress | undefined {
    const located = this.controlBlocks.get([kind, iedName, ldInst, name].join('\n'));
    if (located) located.used = true;
    return located?.value;
  }

  /** Reports what no IED of the file asked for; to be called when all of them were read. */
  reportUnused(): void {
    const { log } = this.context;
    for (const located of [...this.accessPoints.values()].flat()) {
      if (located.used) continue;
      const { iedName = '', apName = '' } = located.at.attributes;
      const message = `The file has no access point "${apName}" of an IED "${iedName}".`;
      log.report('SCL_CONNECTED_AP_UNKNOWN', message, located.at);
    }
    for (const { at, used } of this.controlBlocks.values()) {
      if (used) continue;
      const { ldInst = '', cbName = '' } = at.attributes;
      log.report('SCL_ADDRESS_UNUSED', `The IED has no control block "${cbName}" in "${ldInst}".`, at);
    }
  }

  private addAccessPoint(subNetwork: XmlElement, element: XmlElement): void {
    const { iedName = '', apName = '' } = element.attributes;
    const key = `${iedName}\n${apName}`;
    const value = this.readAddress(subNetwork, element);
    const known = this.accessPoints.get(key);
    const located = { value, at: element, used: false };
    if (known) known.push(located);
    else this.accessPoints.set(key, [located]);
    for (const kind of ['GSE', 'SMV'] as const) {
      for (const at of childrenOf(element, kind)) {
        const { ldInst = '', cbName = '' } = at.attributes;
        const name = [kind, iedName, ldInst, cbName].join('\n');
        if (!this.controlBlocks.has(name)) {
          this.controlBlocks.set(name, { value: this.readProcessBus(at), at, used: false });
        }
      }
    }
  }

  private readAddress(subNetwork: XmlElement, element: XmlElement): SclAddress {
    const parameters = readParameters(element);
    const number = (type: string, radix: 10 | 16, max: number): number | undefined =>
      this.number(parameters, type, radix, max, element);
    const port = number('MMS-Port', 10, 65535);
    const address: OsiAddress = {
      ...given('tSelector', this.selector(parameters, 'OSI-TSEL', element)),
      ...given('sSelector', this.selector(parameters, 'OSI-SSEL', element)),
      ...given('pSelector', this.selector(parameters, 'OSI-PSEL', element)),
      ...given('apTitle', this.apTitle(parameters, element)),
      ...given('aeQualifier', number('OSI-AE-Qualifier', 10, 0x7fffffff)),
    };
    return {
      subNetwork: subNetwork.attributes.name ?? '',
      ...given('subNetworkType', optional(subNetwork, 'type')),
      ...given('ip', parameters.get('IP') || parameters.get('IPv6') || undefined),
      ...given('subnetMask', parameters.get('IP-SUBNET') || undefined),
      ...given('gateway', parameters.get('IP-GATEWAY') || parameters.get('IPv6-GATEWAY') || undefined),
      ...given('port', port),
      ...(port === SECURE_MMS_PORT && { secure: true }),
      ...address,
      parameters: Object.fromEntries(parameters),
    };
  }

  private readProcessBus(element: XmlElement): ProcessBusAddress {
    const parameters = readParameters(element);
    return {
      ...given('mac', this.mac(parameters, element)),
      ...given('appId', this.number(parameters, 'APPID', 16, 0xffff, element)),
      ...given('vlanId', this.number(parameters, 'VLAN-ID', 16, 0xfff, element)),
      ...given('vlanPriority', this.number(parameters, 'VLAN-PRIORITY', 10, 7, element)),
      ...given('minTime', this.milliseconds(element, 'MinTime')),
      ...given('maxTime', this.milliseconds(element, 'MaxTime')),
      parameters: Object.fromEntries(parameters),
    };
  }

  private number(
    parameters: ReadonlyMap<string, string>,
    type: string,
    radix: 10 | 16,
    max: number,
    at: XmlElement,
  ): number | undefined {
    const text = parameters.get(type);
    if (!text) return undefined;
    const pattern = radix === 16 ? /^(?:0x)?[\da-f]{1,8}$/i : /^\d{1,10}$/;
    const number = pattern.test(text) ? parseInt(text, radix) : NaN;
    if (number <= max) return number;
    return this.invalid(
      type,
      text,
      radix === 16 ? `a hexadecimal number up to ${max.toString(16)}` : `a number up to ${max}`,
      at,
    );
  }

  private selector(parameters: ReadonlyMap<string, string>, type: string, at: XmlElement): string | undefined {
    const text = parameters.get(type)?.replace(/\s+/g, '');
    if (text === undefined) return undefined;
    if (/^([\da-f]{2})*$/i.test(text) && text.length <= 2 * MAX_SELECTOR_LENGTH) return text.toLowerCase();
    return this.invalid(type, text, `up to ${MAX_SELECTOR_LENGTH} octets, two hexadecimal digits each`, at);
  }

  private apTitle(parameters: ReadonlyMap<string, string>, at: XmlElement): string | undefined {
    const text = parameters.get('OSI-AP-Title');
    if (!text) return undefined;
    const arcs = text.split(/[\s,.]+/).filter(Boolean);
    const fits = arcs.length >= 2 && arcs.length <= 32 && arcs.every((arc) => /^\d{1,9}$/.test(arc));
    if (fits && Number(arcs[0]) <= 2 && (arcs[0] === '2' || Number(arcs[1]) < 40)) return arcs.join('.');
    return this.invalid('OSI-AP-Title', text, 'an object identifier such as 1,3,9999,23', at);
  }

  private mac(parameters: ReadonlyMap<string, string>, at: XmlElement): string | undefined {
    const text = parameters.get('MAC-Address');
    if (!text) return undefined;
    const digits = text.replace(/[\s:.-]/g, '').toUpperCase();
    if (/^[\dA-F]{12}$/.test(digits)) return (digits.match(/../g) ?? []).join('-');
    return this.invalid('MAC-Address', text, 'six octets such as 01-0C-CD-01-00-01', at);
  }

  /** `MinTime` and `MaxTime` are seconds with an SI multiplier, by nearly every tool milliseconds. */
  private milliseconds(element: XmlElement, name: string): number | undefined {
    const child = firstChild(element, name);
    if (!child || child.text === '') return undefined;
    const factor = MILLISECONDS[child.attributes.multiplier ?? ''];
    const value = /^\d{1,10}(\.\d{1,10})?$/.test(child.text) ? Number(child.text) : NaN;
    if (factor !== undefined && Number.isFinite(value)) return value * factor;
    return this.invalid(name, child.text, 'a time', child);
  }

  private invalid(type: string, text: string, wanted: string, at: XmlElement): undefined {
    this.context.log.report(
      'SCL_INVALID_ADDRESS',
      `${type} "${text.slice(0, 80)}" is not ${wanted} and is ignored.`,
      at,
    );
    return undefined;
  }
}

const MILLISECONDS: Readonly<Record<string, number>> = { '': 1000, m: 1, µ: 0.001 };

function readParameters(element: XmlElement): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const address of childrenOf(element, 'Address')) {
    for (const parameter of childrenOf(address, 'P')) {
      const type = optional(parameter, 'type');
      if (type !== undefined && !parameters.has(type)) parameters.set(type, parameter.text);
    }
  }
  return parameters;
}
