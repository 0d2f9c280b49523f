/** Panel of the sidebar: what happened lately, by source and level, the newest first. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INTERVAL_MS = 1000;
  /** Entries that the editor keeps; the runtime keeps fewer. */
  const MAX_ENTRIES = 5000;
  const LEVELS = { info: 0, warn: 1, error: 2 };
  const LEVEL_ICONS = { info: 'info-circle', warn: 'exclamation-triangle', error: 'times-circle' };
  const chosen = { search: '', level: 'info', source: '' };
  /** Newest last. What was cleared does not come again. */
  let entries = [];
  let seen = 0;
  let frozen = false;

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'log',
    icon: 'list-ul',
    order: 40,
    title: () => Iec61850.sidebarText('log.title'),
    open: openLog,
  });

  function openLog(element, context) {
    const { el, button, sidebarText: s } = Iec61850;
    const { choice, moment, number, searchField, setText, toggle } = Iec61850.sidebarParts;

    const levelChoice = choice(s('log.level'), chosen.level, (level) => choose({ level }));
    levelChoice.fill(Object.keys(LEVELS).map((value) => ({ value, text: s(`log.from.${value}`) })));
    const sourceChoice = choice(s('log.source'), chosen.source, (source) => choose({ source }));
    const count = el('span', { className: 'iec61850-muted iec61850-sb-count' });
    const list = Iec61850.newestFirst({
      label: s('log.title'),
      row: rowOf,
      details: (entry) => details(entry, context),
    });
    element.append(
      el(
        'div',
        { className: 'iec61850-sb-tools' },
        searchField(s('log.search'), chosen.search, (search) => choose({ search })),
        toggle({ icon: 'pause', label: s('freeze'), pressed: frozen, onChange: setFrozen }),
        button({ icon: 'trash-o', label: s('log.clear'), onClick: clear }),
        levelChoice.element,
        sourceChoice.element,
        count,
      ),
      ...list.elements,
    );
    look();
    const now = context.every(INTERVAL_MS, async () => {
      if (frozen) return;
      const answer = await Iec61850.api('GET', `monitor/log?after=${seen}`, undefined, { signal: context.signal });
      // A runtime that was started again counts from the beginning.
      if (answer.newest < seen) {
        seen = 0;
        now();
        return;
      }
      if (answer.entries.length === 0) return;
      seen = answer.newest;
      entries = [...entries, ...answer.entries].slice(-MAX_ENTRIES);
      look();
    });

    function choose(change) {
      Object.assign(chosen, change);
      look();
    }

    function setFrozen(next) {
      frozen = next;
      if (!frozen) now();
    }

    function clear() {
      entries = [];
      list.choose(undefined);
      look();
    }

    function look() {
      const words = chosen.search.toLowerCase().split(/\s+/).filter(Boolean);
      const sources = [...new Set(entries.map(({ source }) => source))].sort();
      sourceChoice.fill([
        { value: '', text: s('log.allSources') },
        ...sources.map((value) => ({ value, text: value })),
      ]);
      const view = entries.filter(fits(words));
      list.show(view, entries.length === 0 ? s('log.empty') : s('log.noneFits'));
      setText(count, s('log.count', { shown: number(view.length), all: number(entries.length) }));
    }

    function rowOf(entry) {
      return el(
        'div',
        {
          className: 'iec61850-sb-entry',
          'data-level': entry.level,
        },
        el(
          'span',
          { className: 'iec61850-sb-level', role: 'img', 'aria-label': s(`log.levels.${entry.level}`) },
          Iec61850.icon(LEVEL_ICONS[entry.level]),
        ),
        el('span', { className: 'iec61850-sb-clip', text: entry.source }),
        el('span', { className: 'iec61850-muted iec61850-sb-when', text: moment(entry.time, true) }),
        el('span', { className: 'iec61850-sb-clip iec61850-sb-said', text: entry.text }),
      );
    }
  }

  function fits(words) {
    const least = LEVELS[chosen.level];
    return ({ level, source, text, code = '' }) => {
      if (LEVELS[level] < least || (chosen.source !== '' && source !== chosen.source)) return false;
      if (words.length === 0) return true;
      const all = `${source} ${text} ${code}`.toLowerCase();
      return words.every((word) => all.includes(word));
    };
  }

  function details({ id, source, kind, time, text, code }, context) {
    const { el, button, sidebarText: s } = Iec61850;
    const { moment, nodeLink } = Iec61850.sidebarParts;
    const line = [kind, moment(time, true), code].filter(Boolean).join(' · ');
    return [
      el(
        'div',
        { className: 'iec61850-sb-detail-head' },
        id ? nodeLink({ id, name: source, type: kind }, context.reveal) : el('b', { text: source }),
        el('span', { className: 'iec61850-muted', text: line }),
        button({
          icon: 'clipboard',
          label: s('log.copy'),
          className: 'red-ui-button-small',
          onClick: () => RED.clipboard.copyText(`${new Date(time).toISOString()} ${source}: ${text}`),
        }),
      ),
      el('div', { className: 'iec61850-sb-detail-text', text }),
    ];
  }
})();
