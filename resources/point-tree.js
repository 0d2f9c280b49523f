/**
 * The left half of the dialog to choose points: the recommended ones and search results as a list, or the whole IED as
 * a tree whose levels are fetched when they are opened.
 *
 *   const tree = Iec61850.pointTree({
 *     fetchRows(path) {},        // promise of the rows below a place
 *     fetchPoints(query) {},     // promise of { total, rows }
 *     isChosen(tag) {}, onToggle(tags, chosen) {},
 *     readValues(tags) {},       // promise of the results of a probe, for live values beside what is in view
 *     repeats() {},              // whether these are read again and again
 *   });
 *   tree.showTree(); tree.showList({ text, category, recommended });
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const PAGE = 500;
  const LEVEL_INDENT = 16;

  Iec61850.pointTree = function ({ fetchRows, fetchPoints, isChosen, onToggle, onError, readValues, repeats }) {
    const { el, t } = Iec61850;
    let entries = [];
    let total = 0;
    let mode = 'list';
    let round = 0;
    let lastToggled = -1;

    const list = Iec61850.virtualList({ label: t('picker.points'), role: 'tree', render, onKey });
    const empty = el('div', { className: 'iec61850-empty', hidden: true });
    const head = el(
      'div',
      { className: 'iec61850-list-head iec61850-point', 'aria-hidden': 'true' },
      el('span', { text: t('picker.name') }),
      el('span', { text: t('picker.fc') }),
      el('span', { text: t('picker.type') }),
      el('span', { className: 'iec61850-live', text: t('picker.value') }),
      el('span', { text: t('picker.about') }),
    );
    list.element.append(empty);
    const values = Iec61850.pointValues({ inView: tagsInView, read: readValues, repeats, onRead: showValues });
    list.element.addEventListener('scroll', () => values.viewChanged());

    function tagsInView() {
      return entries
        .slice(...list.inView())
        .map((entry) => entry?.tag)
        .filter(Boolean);
    }

    /** Into the rows that are there, so that nothing that a person points at goes away. */
    function showValues() {
      const [first, end] = list.inView();
      for (let index = first; index < end; index++) {
        const cell = list.row(index)?.querySelector('.iec61850-live');
        if (cell) cell.replaceWith(values.cell(entries[index]?.tag));
      }
    }

    function show(message) {
      empty.textContent = message || '';
      empty.hidden = !message;
    }

    // ---- list of points --------------------------------------------------------------------------------------------

    async function showList(query) {
      const mine = ++round;
      mode = 'list';
      lastToggled = -1;
      try {
        const page = await fetchPoints({ ...query, offset: 0, limit: PAGE });
        if (mine !== round) return;
        total = page.total;
        entries = page.rows.map(listEntry);
        list.element.scrollTop = 0;
        list.setCount(total);
        values.viewChanged();
        show(total === 0 ? t('picker.nothing') : '');
        fetchRest(mine, query);
      } catch (error) {
        if (mine === round) onError(error);
      }
    }

    // Later pages come while a person looks at the first one.
    async function fetchRest(mine, query) {
      const wanted = () => mine === round && entries.length < total;
      while (wanted()) {
        const page = await fetchPoints({ ...query, offset: entries.length, limit: PAGE }).catch(() => undefined);
        if (mine !== round || !page || page.rows.length === 0) return;
        entries.push(...page.rows.map(listEntry));
        list.refresh();
      }
    }

    const listEntry = (candidate) => ({
      level: 0,
      tag: candidate.tag,
      name: candidate.tag.reference,
      fc: candidate.tag.fc,
      type: candidate.tag.type || candidate.tag.cdc || '',
      about: [reasonText(candidate), candidate.tag.description].filter(Boolean).join(' · '),
      warm: candidate.recommended,
    });

    // ---- tree ------------------------------------------------------------------------------------------------------

    async function showTree() {
      const mine = ++round;
      mode = 'tree';
      lastToggled = -1;
      entries = [];
      show('');
      list.setCount(0);
      try {
        const rows = await fetchRows('');
        if (mine !== round) return;
        entries = rows.map((row) => treeEntry(row, 0));
        changed();
        // An IED with one logical device has nothing to choose on the first level.
        if (entries.length === 1) await expand(0);
      } catch (error) {
        if (mine === round) onError(error);
      }
    }

    const treeEntry = (row, level) => ({
      level,
      row,
      tag: row.tag,
      name: row.name,
      fc: row.fc || (row.kind === 'do' && row.tag?.fc) || '',
      type: row.type || row.tag?.type || '',
      about: [row.reasonKey && reasonText(row), row.description].filter(Boolean).join(' · '),
      open: false,
    });

    function changed() {
      total = entries.length;
      list.setCount(total);
      values.viewChanged();
    }

    async function expand(index) {
      const entry = entries[index];
      if (!entry?.row?.branch || entry.open) return;
      entry.open = true;
      list.refresh(index);
      const mine = round;
      try {
        const rows = await fetchRows(entry.row.path);
        const at = entries.indexOf(entry);
        if (mine !== round || at < 0 || !entry.open) return;
        entries.splice(at + 1, 0, ...rows.map((row) => treeEntry(row, entry.level + 1)));
        changed();
      } catch (error) {
        entry.open = false;
        list.refresh(entries.indexOf(entry));
        onError(error);
      }
    }

    function collapse(index) {
      const entry = entries[index];
      entry.open = false;
      let end = index + 1;
      while (end < entries.length && entries[end].level > entry.level) end++;
      entries.splice(index + 1, end - index - 1);
      changed();
    }

    function parentOf(index) {
      for (let at = index - 1; at >= 0; at--) if (entries[at].level < entries[index].level) return at;
      return index;
    }

    // ---- rows ------------------------------------------------------------------------------------------------------

    function render(index) {
      const entry = entries[index];
      if (!entry) return el('div', { className: 'iec61850-point iec61850-muted', text: '…' });
      const tick = entry.tag
        ? el('input', {
            type: 'checkbox',
            className: 'iec61850-tick',
            checked: isChosen(entry.tag),
            tabIndex: -1,
            'aria-label': entry.tag.reference,
            on: { click: (event) => toggle(index, event.shiftKey) },
          })
        : mode === 'tree'
          ? null
          : el('span', { className: 'iec61850-tick' });
      const name = el(
        'span',
        { className: 'iec61850-point-name' },
        mode === 'tree' ? twisty(entry, index) : null,
        tick,
        mode === 'tree'
          ? el('span', {
              className: entry.row.kind === 'ld' || entry.row.kind === 'ln' ? '' : 'iec61850-mono',
              text: entry.name,
              title: entry.tag?.reference || entry.row.path,
            })
          : referenceOf(entry),
        entry.row?.kind === 'ld' || entry.row?.kind === 'ln' ? tickBelow(entry) : null,
      );
      name.style.paddingLeft = `${entry.level * LEVEL_INDENT}px`;
      const row = el(
        'div',
        {
          className: 'iec61850-point',
          role: 'treeitem',
          'aria-level': String(entry.level + 1),
          on: { click: (event) => clicked(event, index) },
        },
        name,
        el('span', {}, entry.fc ? el('span', { className: 'iec61850-badge', text: entry.fc }) : ''),
        el('span', { className: 'iec61850-muted', text: entry.type, title: entry.type }),
        values.cell(entry.tag),
        el('span', { className: 'iec61850-muted', text: entry.about, title: entry.about }),
      );
      if (entry.tag) row.setAttribute('aria-checked', String(isChosen(entry.tag)));
      if (entry.row?.branch) row.setAttribute('aria-expanded', String(entry.open));
      return row;
    }

    function twisty(entry, index) {
      const icon = entry.row.branch ? `fa fa-caret-${entry.open ? 'down' : 'right'}` : '';
      return el('i', {
        className: `iec61850-twisty ${icon}`,
        'aria-hidden': 'true',
        on: { click: () => (entry.open ? collapse(index) : expand(index)) },
      });
    }

    function tickBelow(entry) {
      return Iec61850.button({
        icon: 'star-o',
        label: t('picker.tickBelow', { place: entry.row.path }),
        className: 'iec61850-plain',
        onClick: () => addBelow(entry.row.path),
      });
    }

    async function addBelow(under) {
      try {
        const { rows } = await fetchPoints({ under, recommended: true, offset: 0, limit: 1000 });
        onToggle(
          rows.map(({ tag }) => tag),
          true,
        );
      } catch (error) {
        onError(error);
      }
    }

    function clicked(event, index) {
      list.activate(index, { scroll: false });
      if (event.target.closest('input, button, .iec61850-twisty')) return;
      if (entries[index]?.row?.branch) entries[index].open ? collapse(index) : expand(index);
      else if (entries[index]?.tag) toggle(index, event.shiftKey);
    }

    /** With the shift key, everything from the last ticked row to this one follows. */
    function toggle(index, range) {
      const chosen = !isChosen(entries[index].tag);
      const [from, to] = range && lastToggled >= 0 ? [lastToggled, index].sort((a, b) => a - b) : [index, index];
      lastToggled = index;
      onToggle(
        entries
          .slice(from, to + 1)
          .map((entry) => entry.tag)
          .filter(Boolean),
        chosen,
      );
    }

    function onKey(event, index) {
      const entry = entries[index];
      if (!entry) return;
      if (event.key === ' ' || event.key === 'Enter') {
        if (entry.tag) toggle(index, event.shiftKey);
        else if (entry.row?.branch) entry.open ? collapse(index) : expand(index);
      } else if (event.key === 'ArrowRight') {
        if (entry.open) list.activate(index + 1);
        else expand(index);
      } else if (event.key === 'ArrowLeft') {
        if (entry.open) collapse(index);
        else list.activate(parentOf(index));
      } else return;
      event.preventDefault();
    }

    return {
      head,
      element: list.element,
      showList,
      showTree,
      refresh: () => list.refresh(),
      total: () => total,
      /** Live values beside the points that are in view. */
      showValues(on) {
        head.classList.toggle('iec61850-with-values', on);
        list.element.classList.toggle('iec61850-with-values', on);
        values.turn(on);
        list.refresh();
      },
      clear(message) {
        round++;
        entries = [];
        list.setCount(0);
        show(message);
      },
    };
  };

  /** Where there is little room, the device is cut and not the point: it is the same in row after row. */
  function referenceOf({ name }) {
    const { el } = Iec61850;
    const slash = name.indexOf('/');
    return el(
      'span',
      { className: 'iec61850-mono iec61850-reference', title: name },
      el('span', { className: 'iec61850-device', text: name.slice(0, slash) }),
      el('span', { text: name.slice(slash) }),
    );
  }

  /** The reason in the editor's language; a catalogue that lacks it leaves the English one. */
  function reasonText({ reason, reasonKey }) {
    const key = `reason.${reasonKey}`;
    const text = Iec61850.t(key);
    return !text || text.endsWith(key) || text.endsWith(reasonKey) ? reason : text;
  }
})();
