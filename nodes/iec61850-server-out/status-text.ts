import { MAX_STATUS_TEXT } from '../shared/status.js';

/** `12 values · 3 clients`, or as much of it as there is room for. */
export function servingText(values: number, clients: number): string {
  const [v, c] = [short(values), short(clients)];
  const forms = [
    `${v} value${values === 1 ? '' : 's'} · ${c} client${clients === 1 ? '' : 's'}`,
    `${v} val · ${c} client${clients === 1 ? '' : 's'}`,
    `${v} val · ${c} cl`,
  ];
  return forms.find((form) => form.length <= MAX_STATUS_TEXT) ?? `${v} · ${c}`;
}

function short(count: number): string {
  return count < 10_000 ? String(count) : `${Math.floor(count / 1000)}k`;
}
