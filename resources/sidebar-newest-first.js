/**
 * A list of what came, newest first, with all that is known of a chosen entry below it: for the log and the trace.
 *
 *   const list = Iec61850.newestFirst({ label, row: (entry) => element, details: (entry) => elements });
 *   list.show(entries, 'why there are none'); list.choose(entry); element.append(tools, ...list.elements);
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const ROW_HEIGHT = 38;

  Iec61850.newestFirst = function ({ label, row, details }) {
    const { el } = Iec61850;
    let view = [];
    let selected;
    const detail = el('div', { className: 'iec61850-sb-detail', hidden: true });
    const empty = el('div', { className: 'iec61850-empty' });
    const list = Iec61850.virtualList({
      label,
      role: 'listbox',
      className: 'iec61850-sb-list',
      rowHeight: ROW_HEIGHT,
      render,
      onKey(event, index) {
        if (event.key === 'Enter' || event.key === ' ') {
          choose(view[index]);
          event.preventDefault();
        } else if (event.key === 'Escape') choose(undefined);
      },
    });
    list.element.append(empty);

    function render(index) {
      const entry = view[index];
      const element = row(entry);
      element.setAttribute('role', 'option');
      element.setAttribute('aria-posinset', String(index + 1));
      element.setAttribute('aria-setsize', String(view.length));
      element.classList.toggle('iec61850-sb-chosen', entry === selected);
      element.addEventListener('click', () => {
        list.activate(index, { scroll: false });
        choose(entry);
      });
      return element;
    }

    /** Shows what is known of an entry; of the one that is shown already, or of none, it is put away. */
    function choose(entry) {
      selected = entry === selected ? undefined : entry;
      detail.hidden = !selected;
      if (selected) detail.replaceChildren(...details(selected));
      list.refresh();
    }

    /** @param entries oldest first @param none what is said when there are none */
    function show(entries, none) {
      const active = view[list.active()];
      const added = entries.length - view.length;
      view = [...entries].reverse();
      empty.hidden = view.length > 0;
      Iec61850.sidebarParts.setText(empty, none);
      // New entries push the others down: what a person reads stays where it is.
      const kept = list.element.scrollTop > 0 && added > 0 ? added : 0;
      list.setCount(view.length);
      // Whoever stands on an entry stands on it still.
      if (active) list.activate(view.indexOf(active), { scroll: false });
      if (kept > 0) list.element.scrollTop += kept * ROW_HEIGHT;
    }

    return { elements: [el('div', { className: 'iec61850-sb-rows' }, list.element), detail], show, choose };
  };
})();
