/**
 * A list of any length of which only the visible rows exist, for trees, results and tag tables. Rows that stay in view
 * keep their elements, so that a field a person types in is never taken away.
 *
 *   const list = Iec61850.virtualList({
 *     label: 'Points', role: 'tree',            // role and name for screen readers
 *     render(index) { return element; },        // one row
 *     onKey(event, index) {},                   // keys that the list does not use itself; omit it for tables of fields
 *   });
 *   list.setCount(10000); list.refresh(); list.activate(3);
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const OVERSCAN = 8;
  let lists = 0;

  Iec61850.virtualList = function ({ label, role, render, onKey, rowHeight = 26, className = '' }) {
    const { el } = Iec61850;
    const prefix = `iec61850-list-${++lists}-row-`;
    const spacer = el('div', { className: 'iec61850-list-spacer', role: 'presentation' });
    const element = el('div', { className: `iec61850-list ${className}`, role, 'aria-label': label }, spacer);
    const rows = new Map();
    let count = 0;
    let active = -1;

    function range() {
      const first = Math.floor(element.scrollTop / rowHeight) - OVERSCAN;
      const visible = Math.ceil((element.clientHeight || 300) / rowHeight);
      return [Math.max(0, first), Math.min(count, first + visible + 2 * OVERSCAN)];
    }

    function layout() {
      const [first, end] = range();
      const focused = document.activeElement;
      for (const [index, row] of rows) {
        const outside = index < first || index >= end;
        if (index >= count || (outside && !row.contains(focused))) {
          row.remove();
          rows.delete(index);
        }
      }
      for (let index = first; index < end; index++) if (!rows.has(index)) add(index);
    }

    function add(index) {
      const row = render(index);
      row.id = prefix + index;
      row.classList.add('iec61850-list-row');
      row.style.top = `${index * rowHeight}px`;
      row.style.height = `${rowHeight}px`;
      rows.set(index, row);
      mark(index);
      // In the order of the list, so that Tab goes from row to row.
      const next = [...rows.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
      spacer.insertBefore(row, next === undefined ? null : rows.get(next));
    }

    function mark(index) {
      const row = rows.get(index);
      if (!row) return;
      row.classList.toggle('iec61850-active', index === active);
      if (onKey) row.setAttribute('aria-selected', String(index === active));
    }

    function activate(index, { scroll = true } = {}) {
      const before = active;
      active = Math.max(-1, Math.min(count - 1, index));
      mark(before);
      if (active >= 0 && scroll) reveal(active);
      mark(active);
      if (active >= 0) element.setAttribute('aria-activedescendant', prefix + active);
      else element.removeAttribute('aria-activedescendant');
    }

    function reveal(index) {
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + rowHeight - element.clientHeight;
      }
      layout();
    }

    function key(event) {
      if (
        event.target !== element &&
        /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) &&
        event.target.type !== 'checkbox'
      )
        return;
      const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count };
      if (event.key in moves) {
        activate(Math.max(0, active + moves[event.key]));
        event.preventDefault();
      } else if (active >= 0) onKey(event, active);
    }

    element.addEventListener('scroll', layout);
    new window.ResizeObserver(layout).observe(element);
    if (onKey) {
      element.tabIndex = 0;
      element.addEventListener('keydown', key);
      element.addEventListener('focus', () => active < 0 && count > 0 && activate(0));
    }

    return {
      element,
      setCount(next) {
        count = next;
        spacer.style.height = `${count * rowHeight}px`;
        if (active >= count) activate(count - 1, { scroll: false });
        this.refresh();
      },
      /** Renders every row in view again, or one. */
      refresh(index) {
        for (const [at, row] of [...rows]) {
          if (index !== undefined && at !== index) continue;
          row.remove();
          rows.delete(at);
        }
        layout();
      },
      row: (index) => rows.get(index),
      /** First index in view, and the one behind the last. */
      inView: () => [
        Math.floor(element.scrollTop / rowHeight),
        Math.min(count, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight)),
      ],
      /** `[first, end]` of the rows in view and shortly before and after. */
      range,
      active: () => active,
      activate,
      reveal,
    };
  };
})();
