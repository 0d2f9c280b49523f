/** Panel of the sidebar: what goes over the association of one IED, service by service, and as a file for Wireshark. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INTERVAL_MS = 1000;
  /** Lines that the editor keeps; the runtime keeps as many. */
  const MAX_LINES = 5000;
  const KINDS = ['request', 'response', 'report', 'failed', 'association'];
  const ASSOCIATION = new Set(['transport', 'session', 'association']);
  const chosen = { ied: '', kind: '', search: '' };
  /** Of the chosen IED, oldest first. */
  let lines = [];
  let since;

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'trace',
    icon: 'stethoscope',
    order: 50,
    title: () => Iec61850.t('trace.title'),
    open: openTrace,
  });

  function ieds() {
    const found = [];
    RED.nodes.eachConfig((node) => {
      if (node.type === 'iec61850-ied') found.push(node);
    });
    const nameOf = (node) => node.name || node.host || node.id;
    // Two of one name are told apart by their address.
    const named = (name) => found.filter((node) => nameOf(node) === name).length;
    return found
      .map((node) => ({
        value: node.id,
        text:
          nameOf(node) +
          (named(nameOf(node)) > 1 ? ` · ${node.host}:${node.port || 102} · ${node.id.slice(0, 6)}` : ''),
      }))
      .sort((a, b) => a.text.localeCompare(b.text));
  }

  function openTrace(element, context) {
    const { el, button, t } = Iec61850;
    const { choice, number, searchField, setText } = Iec61850.sidebarParts;
    const all = ieds();
    if (all.length === 0) {
      element.append(el('div', { className: 'iec61850-empty', text: t('trace.noIed') }));
      return undefined;
    }
    const wanted = context.argument ?? chosen.ied;
    chooseIed(all.some(({ value }) => value === wanted) ? wanted : all[0].value);
    let shown = 0;
    let none = '';
    let active = false;
    let busy = false;

    const iedChoice = choice(t('trace.ied'), chosen.ied, (ied) => {
      chooseIed(ied);
      list.choose(undefined);
      look();
      now();
    });
    iedChoice.fill(all);
    const kindChoice = choice(t('trace.kind'), chosen.kind, (kind) => {
      chosen.kind = kind;
      look();
    });
    kindChoice.fill(['', ...KINDS].map((value) => ({ value, text: t(`trace.kinds.${value || 'all'}`) })));
    const startButton = button({ icon: 'circle', text: t('trace.start'), onClick: () => run('start') });
    startButton.classList.add('iec61850-sb-record');
    const stopButton = button({ icon: 'stop', text: t('trace.stop'), onClick: () => run('stop') });
    const saveButton = button({ icon: 'download', text: '.pcapng', label: t('trace.save'), onClick: save });
    const count = el('span', { className: 'iec61850-muted iec61850-sb-count', 'aria-live': 'polite' });
    const list = Iec61850.newestFirst({ label: t('trace.title'), row: rowOf, details });
    element.append(
      el(
        'div',
        { className: 'iec61850-sb-tools' },
        iedChoice.element,
        startButton,
        stopButton,
        saveButton,
        searchField(t('trace.search'), chosen.search, (search) => {
          chosen.search = search;
          look();
        }),
        kindChoice.element,
        count,
      ),
      ...list.elements,
    );
    show({ state: undefined, used: true });
    look();

    const now = context.every(INTERVAL_MS, async () => {
      const { ied } = chosen;
      const after = lines.at(-1)?.number ?? 0;
      const answer = await Iec61850.api('GET', `trace/${encodeURIComponent(ied)}?after=${after}`, undefined, {
        signal: context.signal,
      });
      if (ied !== chosen.ied) return;
      show(answer);
      if (answer.state?.since !== since) {
        const first = since === undefined && lines.length === 0;
        since = answer.state?.since;
        lines = [];
        // What came with this answer was asked for after a line of the trace before.
        if (!first) {
          look();
          now();
          return;
        }
      }
      if (answer.lines.length > 0) {
        lines = [...lines, ...answer.lines].slice(-MAX_LINES);
        look();
      }
      if (answer.more) now();
    });

    function show({ state, used }) {
      active = state?.active === true;
      startButton.hidden = active;
      stopButton.hidden = !active;
      startButton.disabled = busy || !used;
      saveButton.disabled = !state || state.packets === 0;
      none = t(used ? (state ? (active ? 'trace.waiting' : 'trace.nothing') : 'trace.about') : 'trace.unused');
      if (lines.length === 0) look();
      const dropped = state?.dropped > 0 ? ` ${t('trace.dropped', { count: number(state.dropped) })}` : '';
      const size = state ? t('trace.count', { lines: number(shown), octets: number(state.octets / 1024, 0) }) : '';
      setText(count, size + dropped);
    }

    async function run(action) {
      busy = true;
      startButton.disabled = true;
      try {
        await Iec61850.api('POST', `trace/${encodeURIComponent(chosen.ied)}/${action}`, {});
        context.showError();
        now();
      } catch (error) {
        context.showError(error);
      }
      busy = false;
      startButton.disabled = false;
    }

    async function save() {
      saveButton.disabled = true;
      try {
        const octets = await Iec61850.fetchFile(`trace/${encodeURIComponent(chosen.ied)}/capture`);
        const name = all.find(({ value }) => value === chosen.ied).text.replace(/[^\w.-]+/g, '_');
        Iec61850.saveFile(`${name}-mms.pcapng`, octets, 'application/x-pcapng');
      } catch (error) {
        context.showError(error);
      }
      saveButton.disabled = false;
    }

    function look() {
      const words = chosen.search.toLowerCase().split(/\s+/).filter(Boolean);
      const view = lines.filter((line) => isOf(chosen.kind, line) && hasWords(line, words));
      shown = view.length;
      list.show(view, lines.length > 0 ? t('trace.noneFits') : none);
    }

    function rowOf(line) {
      const { timeOfDay, milliseconds } = Iec61850.sidebarParts;
      const sent = line.direction === 'sent';
      const times = [timeOfDay(line.time), line.duration === undefined ? '' : milliseconds(line.duration)];
      return el(
        'div',
        {
          className: 'iec61850-sb-entry iec61850-sb-traced',
          'data-level': line.failures > 0 ? 'error' : 'info',
          'data-direction': line.direction,
        },
        el(
          'span',
          { className: 'iec61850-sb-level', role: 'img', 'aria-label': t(`trace.direction.${line.direction}`) },
          Iec61850.icon(sent ? 'arrow-right' : 'arrow-left'),
        ),
        el('span', { className: 'iec61850-sb-clip', text: titleOf(line) }),
        el('span', { className: 'iec61850-muted iec61850-sb-when', text: times.filter(Boolean).join(' · ') }),
        el('span', { className: 'iec61850-sb-clip iec61850-sb-said', text: textOf(line) }),
      );
    }
  }

  function chooseIed(ied) {
    if (ied === chosen.ied) return;
    chosen.ied = ied;
    lines = [];
    since = undefined;
  }

  function isOf(kind, line) {
    if (kind === '') return true;
    if (kind === 'failed') return line.failures > 0;
    if (kind === 'association') return ASSOCIATION.has(line.kind);
    if (kind === 'response') return line.kind === 'response' || line.kind === 'error' || line.kind === 'reject';
    return line.kind === kind;
  }

  function hasWords(line, words) {
    if (words.length === 0) return true;
    const text = `${line.service} ${line.invokeId ?? ''} ${line.objects.join(' ')} ${textOf(line)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  function titleOf({ kind, service }) {
    return service || Iec61850.t(`trace.name.${kind}`);
  }

  /** What a line says beside its service, in one line. */
  function textOf(line) {
    const { t } = Iec61850;
    const { kind, objects, objectCount, values, valueCount, failures, error, detail } = line;
    if (kind === 'error' || kind === 'reject' || kind === 'unreadable') return error ?? '';
    const listed = (list, total) =>
      total > list.length ? `${list.join(', ')} ${t('trace.more', { count: total - list.length })}` : list.join(', ');
    const parts = [];
    if (failures > 0)
      parts.push(valueCount > 1 ? t('trace.failures', { count: failures, all: valueCount, error }) : error);
    // Every report is one of the list RPT: its RptID, which comes first, says more.
    const named = kind === 'report' && objects[0] === '/RPT' ? 0 : objectCount;
    if (named > 0) parts.push(listed(objects.slice(0, 3), objectCount));
    else if (detail) parts.push(detail);
    const shown = values.filter((value) => value !== '').slice(0, 3);
    if (shown.length > 0 && !(failures > 0 && valueCount === 1)) {
      parts.push(
        named > 0 ? `${kind === 'request' ? '≔' : '='} ${listed(shown, valueCount)}` : listed(shown, valueCount),
      );
    }
    return parts.join('  ');
  }

  function details(line) {
    const { el, button, t } = Iec61850;
    const { facts, moment, milliseconds, number } = Iec61850.sidebarParts;
    const names = ['time', 'invokeId', 'duration', 'octets', 'connection', 'detail', 'error', 'objects', 'values'];
    const table = facts(Object.fromEntries(names.map((name) => [name, t(`trace.fact.${name}`)])));
    const block = (list, total) => (total > list.length ? [...list, '…'] : list).join('\n');
    table.set('time', moment(line.time, true), new Date(line.time).toISOString());
    table.set('invokeId', line.invokeId === undefined ? '' : String(line.invokeId));
    table.set('duration', line.duration === undefined ? '' : milliseconds(line.duration));
    table.set('octets', number(line.octets));
    table.set('connection', String(line.connection));
    table.set('detail', line.detail ?? '');
    table.set('error', line.error ?? '');
    table.set('objects', block(line.objects, line.objectCount));
    table.set('values', block(line.values, line.valueCount));
    return [
      el(
        'div',
        { className: 'iec61850-sb-detail-head' },
        el('b', { text: titleOf(line) }),
        el('span', { className: 'iec61850-muted', text: `${t(`trace.direction.${line.direction}`)} · ${line.number}` }),
        button({
          icon: 'clipboard',
          label: t('trace.copy'),
          className: 'red-ui-button-small',
          onClick: () => RED.clipboard.copyText(JSON.stringify(line, undefined, 2)),
        }),
      ),
      table.element,
    ];
  }
})();
