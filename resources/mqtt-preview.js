/**
 * The topics that tags would get, in the form of a `mqtt-map-out` node: one line a topic, with collisions and replaced
 * characters first.
 *
 *   const preview = Iec61850.mqttPreview({ container, t: (key, values) => text });   // texts below `preview.`
 *   preview.show(answer, { count });       // of the route mqtt/preview; 0 connected tags: the example
 *   preview.fail(error);
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const nameOf = ({ ied, tag }) => `${ied}/${tag}`;

  Iec61850.mqttPreview = function ({ container, t }) {
    const { el, icon, button } = Iec61850;
    let lines = [];
    let shown = [];

    const head = el('div', { className: 'iec61850-muted' });
    const marks = el('div', {});
    const announcement = el('span', { className: 'iec61850-mono' });
    const filter = el('input', {
      type: 'search',
      className: 'iec61850-tags-filter',
      placeholder: t('filter'),
      'aria-label': t('filter'),
      on: { input: Iec61850.debounce(filterLines, 120) },
    });
    const copyButton = button({ icon: 'clipboard', label: t('copy'), onClick: copy });
    const list = Iec61850.virtualList({ label: t('label'), role: 'list', rowHeight: 22, render });
    const error = el('div', { role: 'status' });
    const bar = el(
      'div',
      { className: 'iec61850-tags-bar' },
      el('div', { className: 'iec61850-grow' }, head, marks),
      filter,
      copyButton,
    );
    const foot = el(
      'div',
      { className: 'iec61850-muted' },
      el('span', { text: `${t('announcement')} ` }),
      announcement,
    );
    container.replaceChildren(error, bar, list.element, foot);

    function filterLines() {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = lines.filter(({ text, tag }) => {
        const both = `${text} ${tag}`.toLowerCase();
        return words.every((word) => both.includes(word));
      });
      list.setCount(shown.length);
    }

    function render(index) {
      const { kind, text, tag, about } = shown[index];
      const sign = { clash: 'times-circle', replaced: 'exclamation-triangle' }[kind];
      const tone = { clash: 'iec61850-bad', replaced: 'iec61850-doubtful' }[kind] ?? '';
      return el(
        'div',
        {
          className: `iec61850-mqtt-topic ${tone}`,
          role: 'listitem',
          title: [text, tag, about].filter(Boolean).join('\n'),
        },
        sign ? icon(sign) : el('span'),
        el('span', { className: kind === 'clash' ? '' : 'iec61850-mono', text }),
        el('span', { className: 'iec61850-muted', text: about ?? '' }),
      );
    }

    function copy() {
      RED.clipboard.copyText(
        shown
          .filter(({ kind }) => kind !== 'clash')
          .map(({ text }) => text)
          .join('\n'),
        $(copyButton),
        'top',
      );
    }

    /** Every topic of a tag, or why it has none. */
    function linesOf(row) {
      const tag = nameOf(row);
      if (row.problem !== undefined) {
        const text = row.other === undefined ? row.problem : `${tag}: ${t('taken', { other: row.other })}`;
        return [{ kind: 'clash', tag, text, about: row.other === undefined ? '' : row.problem }];
      }
      const about = row.replaced?.map(({ name, level }) => t('written', { name, level })).join(', ');
      return row.topics.map((text) => ({ kind: about ? 'replaced' : '', tag, text, about }));
    }

    return {
      show(answer, { count }) {
        error.replaceChildren();
        for (const part of [bar, list.element, foot]) part.hidden = false;
        head.textContent = count > 0 ? t('tags', { count }) : t('example');
        const { problems, replaced } = answer;
        marks.replaceChildren(
          ...(problems > 0 ? [el('div', { className: 'iec61850-bad', text: t('problems', { count: problems }) })] : []),
          ...(replaced > 0
            ? [el('div', { className: 'iec61850-doubtful', text: t('replaced', { count: replaced }) })]
            : []),
        );
        lines = answer.rows.flatMap(linesOf);
        const left = Math.max(1, count) - answer.rows.length;
        if (left > 0) lines.push({ kind: '', tag: '', text: t('more', { count: left }) });
        announcement.textContent = answer.announcement;
        filter.hidden = lines.length < 12;
        filterLines();
      },
      /** Without a root and layout that can be used there is no topic at all. */
      fail(failure) {
        for (const part of [bar, list.element, foot]) part.hidden = true;
        error.replaceChildren(Iec61850.errorBox(failure));
      },
    };
  };
})();
