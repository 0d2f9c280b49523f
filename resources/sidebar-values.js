/** Panel of the sidebar: the runtime table of all tags, `IEC Object | Value | Timestamp | Quality | Type`. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INTERVAL_MS = 1000;
  /** While all values are needed, for a filter or an order by them. */
  const ALL_INTERVAL_MS = 2000;
  /** ms after a scroll until values of rows that came into view are fetched. */
  const SCROLL_MS = 60;
  const NARROW = 560;
  const ROW_HEIGHT = { narrow: 38, wide: 24 };
  const COLUMNS = ['object', 'value', 'time', 'quality', 'type'];
  const STATUSES = ['', 'notLive', 'notGood', 'live', 'stale', 'disconnected', 'error', 'waiting'];
  const STATUS_KIND = { live: 'good', stale: 'idle', disconnected: 'idle', error: 'bad' };
  /** What a person has chosen stays while the editor is open. */
  const chosen = { search: '', ied: '', status: '', sort: '', descending: false };
  let frozen;

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'values',
    icon: 'table',
    order: 20,
    title: () => Iec61850.sidebarText('values.title'),
    open(element, context) {
      const table = valueTable(element, context);
      return () => table.close();
    },
  });

  function valueTable(element, context) {
    const { el, sidebarText: s } = Iec61850;
    const { choice, number, searchField, setText, timeOfDay, toggle } = Iec61850.sidebarParts;
    const tags = frozen?.tags ?? Iec61850.sidebarTags();
    let view = [];
    let list;
    let narrow;
    let allDue = 0;
    const drawn = new Map();

    const iedChoice = choice(s('values.ied'), chosen.ied, (ied) => choose({ ied }));
    const statusChoice = choice(s('values.status'), chosen.status, (status) => choose({ status }));
    statusChoice.fill(STATUSES.map((value) => ({ value, text: s(`values.statuses.${value || 'all'}`) })));
    const freeze = toggle({ icon: 'pause', label: s('freeze'), pressed: frozen !== undefined, onChange: setFrozen });
    const count = el('span', { className: 'iec61850-muted iec61850-sb-count', 'aria-live': 'polite' });
    const head = el('div', {
      className: 'iec61850-sb-columns iec61850-sb-value',
      role: 'group',
      'aria-label': s('values.order'),
    });
    const body = el('div', { className: 'iec61850-sb-rows' });
    const empty = el('div', { className: 'iec61850-empty', text: s('values.empty'), hidden: true });
    element.append(
      el(
        'div',
        { className: 'iec61850-sb-tools' },
        searchField(s('values.search'), chosen.search, (search) => choose({ search })),
        freeze,
        iedChoice.element,
        statusChoice.element,
        count,
      ),
      head,
      body,
    );
    const observer = new window.ResizeObserver(() => layout());
    observer.observe(element);
    layout();
    const now = context.every(INTERVAL_MS, tick);
    const scrolled = Iec61850.debounce(() => missing().length > 0 && now(), SCROLL_MS);

    /** A narrow sidebar has two lines for each tag, a wide one a table. */
    function layout() {
      const isNarrow = element.clientWidth > 0 && element.clientWidth < NARROW;
      if (isNarrow === narrow) return;
      narrow = isNarrow;
      element.classList.toggle('iec61850-sb-narrow', narrow);
      list = Iec61850.virtualList({
        label: s('values.title'),
        role: 'listbox',
        className: 'iec61850-sb-list',
        rowHeight: narrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide,
        render,
        onKey(event, index) {
          if (event.key !== 'Enter') return;
          show(index);
          event.preventDefault();
        },
      });
      drawn.clear();
      list.element.append(empty);
      list.element.addEventListener('scroll', () => scrolled());
      body.replaceChildren(list.element);
      drawHead();
      list.setCount(view.length);
    }

    function choose(change) {
      Object.assign(chosen, change);
      drawHead();
      if (!frozen && Iec61850.sidebarTags.needsAll(chosen)) {
        allDue = 0;
        now();
      } else {
        look();
        now();
      }
    }

    function drawHead() {
      head.replaceChildren(
        ...COLUMNS.map((name) => {
          const sorted = chosen.sort === name;
          const direction = sorted ? (chosen.descending ? 'descending' : 'ascending') : 'none';
          const column = s(`values.columns.${name}`);
          const label = s('values.sort', { column });
          const button = el('button', {
            type: 'button',
            text: column,
            title: label,
            'aria-label': sorted ? `${label}, ${s(`values.${direction}`)}` : label,
            'aria-pressed': String(sorted),
            'data-column': name,
            'data-sort': direction,
            on: { click: () => sortBy(name) },
          });
          if (sorted) button.append(' ', Iec61850.icon(chosen.descending ? 'caret-down' : 'caret-up'));
          return button;
        }),
      );
    }

    function sortBy(name) {
      if (chosen.sort !== name) choose({ sort: name, descending: name === 'time' });
      else if (chosen.descending === (name === 'time')) choose({ descending: !chosen.descending });
      else choose({ sort: '', descending: false });
    }

    async function tick() {
      if (frozen) {
        look();
        return;
      }
      const all = Iec61850.sidebarTags.needsAll(chosen);
      if (all && Date.now() >= allDue) {
        allDue = Date.now() + ALL_INTERVAL_MS;
        if (await tags.fetch(tags.all(), context.signal)) await tags.fetch(tags.all(), context.signal);
        look();
        return;
      }
      if (await tags.fetch(inView(), context.signal)) {
        look();
        await tags.fetch(inView(), context.signal);
      }
      redraw();
    }

    /** Row numbers of what can be seen now. */
    function inView() {
      const [first, end] = list.range();
      return view.slice(first, end);
    }

    const missing = () => inView().filter((row) => tags.cells(row) === undefined);

    /** Works out what is shown and draws it. */
    function look() {
      const before = view;
      view = tags.view(chosen);
      iedChoice.fill([{ value: '', text: s('values.allIeds') }, ...tags.ieds.map((value) => ({ value, text: value }))]);
      const same = view.length === before.length && view.every((row, i) => row === before[i]);
      empty.hidden = view.length > 0;
      setText(empty, tags.size === 0 ? s('values.empty') : s('values.noneFits'));
      const counted = s('values.count', { shown: number(view.length), all: number(tags.size) });
      setText(count, frozen ? `${counted} · ${s('frozenAt', { time: timeOfDay(frozen.time, false) })}` : counted);
      if (same) redraw();
      else {
        drawn.clear();
        list.setCount(view.length);
      }
    }

    function redraw() {
      const [first, end] = list.range();
      for (const [index, row] of drawn) {
        if (index >= first && index < end && list.row(index) === row.element) row.update();
        else drawn.delete(index);
      }
    }

    function render(index) {
      const row = valueRow(tags, view[index], frozen === undefined);
      row.element.setAttribute('aria-posinset', String(index + 1));
      row.element.setAttribute('aria-setsize', String(view.length));
      row.element.addEventListener('click', () => list.activate(index, { scroll: false }));
      row.element.addEventListener('dblclick', () => show(index));
      drawn.set(index, row);
      row.update();
      return row.element;
    }

    function show(index) {
      const { id, place = id } = tags.row(view[index]).node;
      context.reveal(place);
    }

    async function setFrozen(now_) {
      if (!now_) {
        frozen = undefined;
        element.classList.remove('iec61850-sb-frozen');
        now();
        return;
      }
      try {
        // All of them, so that search and order go on in what was frozen.
        if (await tags.fetch(tags.all(), context.signal)) await tags.fetch(tags.all(), context.signal);
        frozen = { tags, time: Date.now() };
        element.classList.add('iec61850-sb-frozen');
        look();
      } catch (error) {
        freeze.setAttribute('aria-pressed', 'false');
        context.showError(error);
      }
    }

    element.classList.toggle('iec61850-sb-frozen', frozen !== undefined);
    return { close: () => observer.disconnect() };
  }

  function valueRow(tags, number, live) {
    const { el, sidebarText: s } = Iec61850;
    const { dot, moment, setDot, setText } = Iec61850.sidebarParts;
    const { CELL, isGood } = Iec61850.sidebarTags;
    const { ied, tag, reference, node } = tags.row(number);
    const mark = dot('idle');
    const value = el('span', { className: 'iec61850-sb-val' });
    const time = el('span', { className: 'iec61850-sb-time' });
    const quality = el('span', { className: 'iec61850-sb-quality' });
    const type = el('span', { className: 'iec61850-sb-type' });
    const object = el(
      'span',
      { className: 'iec61850-sb-object' },
      mark,
      el('span', { className: 'iec61850-muted iec61850-sb-ied', text: `${ied}/` }),
      el('span', { className: 'iec61850-sb-clip', text: tag }),
    );
    const element = el('div', { className: 'iec61850-sb-value', role: 'option' }, object, value, time, quality, type);
    let shown;

    function update() {
      const cell = tags.cells(number);
      if (cell === shown || (cell && shown && cell.every((one, i) => one === shown[i]))) return;
      const status = cell?.[CELL.status];
      setDot(mark, markKind(cell), status ? s(`values.statuses.${status}`) : s('values.statuses.waiting'));
      const text = cell?.[CELL.text] ?? '';
      if (live && shown && shown[CELL.text] !== text) flash(value);
      setText(value, text);
      value.classList.toggle('iec61850-sb-old', status !== undefined && status !== 'live');
      setText(time, cell?.[CELL.time] ? moment(cell[CELL.time], true) : '');
      const word = cell?.[CELL.quality] ?? '';
      const state = status === undefined || status === 'live' ? '' : s(`values.statuses.${status}`);
      setText(quality, [word, state].filter(Boolean).join(' · '));
      quality.dataset.kind = qualityKind(word, status);
      setText(type, cell?.[CELL.type] ?? '');
      element.title = [
        `${ied}/${tag}`,
        reference,
        cell?.[CELL.error],
        cell?.[CELL.time] && s('values.deviceTime', { time: cell[CELL.time] }),
        cell?.[CELL.received] && s('values.received', { time: moment(cell[CELL.received], true) }),
        s('values.from', { node: node.name }),
      ]
        .filter(Boolean)
        .join('\n');
      shown = cell ?? undefined;
    }

    function qualityKind(word, status) {
      if (status === 'error' || /^invalid/.test(word)) return 'bad';
      return isGood(word || null) ? 'good' : 'doubtful';
    }

    function markKind(cell) {
      if (!cell) return 'idle';
      if (cell[CELL.status] === 'live' && !isGood(cell[CELL.quality])) return 'doubtful';
      return STATUS_KIND[cell[CELL.status]];
    }
    return { element, update };
  }

  function flash(element) {
    element.classList.remove('iec61850-sb-flash');
    // A new animation begins only after the browser has seen the element without it.
    void element.offsetWidth;
    element.classList.add('iec61850-sb-flash');
  }
})();
