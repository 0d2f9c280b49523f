/** A filter in the language of libpcap (pcap-filter(7)), which compiles it to what its driver runs for each frame. */
import { parseAddress } from '../frame.js';
import type { LinkFilter } from '../frame-link.js';

/** Addresses that one filter names; with more of them every destination passes. */
const MAX_DESTINATIONS = 100;

/** Frames of these EtherTypes, with a VLAN tag and without. */
export function pcapFilter({ etherTypes, destinations = [] }: LinkFilter): string {
  const types = etherTypes.map((type) => `ether proto 0x${type.toString(16)}`).join(' or ');
  const few = destinations.length > 0 && destinations.length <= MAX_DESTINATIONS;
  const addresses = few ? destinations.map((address) => `ether dst ${colons(address)}`).join(' or ') : '';
  const wanted = addresses === '' ? `(${types})` : `(${types}) and (${addresses})`;
  // What stands behind "vlan" is looked for behind the tag: so it comes last.
  return `(${wanted}) or (vlan and (${wanted}))`;
}

function colons(address: string): string {
  return (parseAddress(address).toString('hex').match(/../g) ?? []).join(':');
}
