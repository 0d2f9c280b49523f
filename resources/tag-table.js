/**
 * The table of tags in a node's form: name, reference, functional constraint, type, interval, deadband; with Browse,
 * CSV in and out, and what is wrong marked at its field.
 *
 *   const table = Iec61850.tagTable({
 *     container, tags: node.tags,
 *     timing: true,                    // with interval and deadband
 *     sources: () => [...],            // for Browse, asked when it is pressed; see point-picker.js
 *     fileName: () => 'BAY1',          // of an export
 *   });
 *   node.tags = table.value();
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const CONSTRAINTS = ['ST', 'MX', 'SP', 'SG', 'SE', 'CF', 'DC', 'SV', 'BL', 'OR', 'EX', 'SR', 'CO'];
  const MIN_HEIGHT = 140;
  const BELOW = 28;
  const REFERENCE = /^\w+\/\w+(\.\w+(\(\d+\))?)+$/;
  const number = (value) =>
    value === undefined || value === '' || (Number.isFinite(Number(value)) && Number(value) >= 0);

  /** What is wrong with each tag: `{ field, message }` by its index; empty when all can be used. */
  Iec61850.tagProblems = function (tags) {
    const { t } = Iec61850;
    const problems = new Map();
    const names = new Map();
    tags.forEach((tag, index) => {
      const wrong = (field, message) => problems.has(index) || problems.set(index, { field, message });
      if (!tag.tag) wrong('tag', t('tags.unnamed'));
      else if (names.has(tag.tag)) wrong('tag', t('tags.duplicate', { name: tag.tag }));
      else names.set(tag.tag, index);
      if (!REFERENCE.test(tag.reference || ''))
        wrong('reference', t('tags.badReference', { reference: tag.reference || '' }));
      if (!number(tag.interval) || (tag.interval && Number(tag.interval) < 10))
        wrong('interval', t('tags.badInterval'));
      if (!number(tag.deadband)) wrong('deadband', t('tags.badDeadband'));
    });
    return problems;
  };

  /** For `validate` of a node's `tags`: true, or the first thing that is wrong. */
  Iec61850.validateTags = function (tags) {
    const problems = Iec61850.tagProblems(Array.isArray(tags) ? tags : []);
    return problems.size === 0 || problems.values().next().value.message;
  };

  Iec61850.tagTable = function ({ container, tags = [], timing = false, sources, fileName }) {
    const { el, t, button } = Iec61850;
    const root = typeof container === 'string' ? document.querySelector(container) : container;
    let all = tags.map((tag) => ({ ...tag }));
    let shown = all;
    let problems = new Map();

    const count = el('span', { className: 'iec61850-muted iec61850-grow', 'aria-live': 'polite' });
    const filter = el('input', {
      type: 'search',
      className: 'iec61850-tags-filter',
      placeholder: t('tags.filter'),
      'aria-label': t('tags.filter'),
    });
    const notice = el('div', { role: 'status' });
    const empty = el('div', { className: 'iec61850-empty', text: t('tags.empty') });
    const columns = ['tag', 'reference', 'fc', 'type', ...(timing ? ['interval', 'deadband'] : [])];
    const list = Iec61850.virtualList({ label: t('tags.label'), role: 'list', rowHeight: 28, render });
    list.element.append(empty);
    root.classList.add('iec61850-tags');
    root.classList.toggle('iec61850-short-tags', !timing);
    root.replaceChildren(
      el(
        'div',
        { className: 'iec61850-tags-bar' },
        button({ icon: 'search', text: t('tags.browse'), className: 'iec61850-browse', onClick: browse }),
        button({ icon: 'plus', text: t('tags.add'), onClick: add }),
        count,
        filter,
        button({
          icon: 'upload',
          label: t('tags.import'),
          onClick: () => Iec61850.chooseFile('.csv,text/csv', importCsv),
        }),
        button({ icon: 'download', label: t('tags.export'), onClick: exportCsv }),
        button({ icon: 'trash-o', label: t('tags.removeAll'), onClick: removeAll }),
      ),
      notice,
      el(
        'div',
        { className: 'iec61850-list-head iec61850-tag', 'aria-hidden': 'true' },
        ...columns.map((name) => el('span', { text: t(`tags.${name}`) })),
      ),
      list.element,
    );
    filter.addEventListener('input', Iec61850.debounce(update, 120));

    function update() {
      problems = Iec61850.tagProblems(all);
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = ({ tag, reference, fc, description }) => {
        const text = `${tag} ${reference}[${fc}] ${description || ''}`.toLowerCase();
        return words.every((word) => text.includes(word));
      };
      shown = words.length === 0 ? all : all.filter(fits);
      empty.hidden = all.length > 0;
      const wrong = problems.size > 0 ? ` · ${t('tags.wrong', { count: problems.size })}` : '';
      count.textContent = all.length > 0 ? t('tags.count', { count: all.length }) + wrong : '';
      list.setCount(shown.length);
    }

    function replace(next) {
      all = next;
      notice.replaceChildren();
      update();
    }

    function removeAll() {
      const before = all;
      replace([]);
      if (before.length > 0) notice.append(Iec61850.removedNotice(before.length, () => replace([...before, ...all])));
    }

    function add() {
      filter.value = '';
      all.push({ tag: '', reference: '', fc: 'ST' });
      update();
      list.reveal(all.length - 1);
      list
        .row(all.length - 1)
        ?.querySelector('input')
        ?.focus();
    }

    function render(index) {
      const tag = shown[index];
      const problem = problems.get(all.indexOf(tag));
      const fields = columns.map((name) => field(tag, name, problem?.field === name ? problem.message : undefined));
      const remove = button({
        icon: 'times',
        label: t('picker.remove', { name: tag.tag }),
        className: 'iec61850-plain',
        onClick: () => replace(all.filter((other) => other !== tag)),
      });
      return el('div', { className: 'iec61850-tag', role: 'listitem' }, ...fields, remove);
    }

    function field(tag, name, problem) {
      if (name === 'type')
        return el('span', {
          className: 'iec61850-muted',
          text: [tag.type, tag.unit].filter(Boolean).join(' '),
          title: tag.description || tag.type || '',
        });
      if (name === 'fc') {
        const options = CONSTRAINTS.includes(tag.fc) ? CONSTRAINTS : [tag.fc, ...CONSTRAINTS];
        return el(
          'select',
          {
            'aria-label': t('tags.fc'),
            on: { change: (event) => set(tag, { fc: event.target.value, type: undefined }) },
          },
          ...options.map((fc) => el('option', { value: fc, text: fc, selected: fc === tag.fc })),
        );
      }
      return el('input', {
        type: 'text',
        value: tag[name] ?? '',
        'aria-label': t(`tags.${name}`),
        'aria-invalid': String(problem !== undefined),
        className: `${problem ? 'input-error' : ''} ${name === 'reference' ? 'iec61850-mono' : ''}`,
        title: problem || (name === 'tag' ? tag.description : undefined) || String(tag[name] ?? ''),
        spellcheck: false,
        on: { change: (event) => change(tag, name, event.target.value.trim()) },
      });
    }

    function change(tag, name, text) {
      if (name === 'interval' || name === 'deadband') {
        set(tag, { [name]: text === '' ? undefined : Number.isFinite(Number(text)) ? Number(text) : text });
      } else if (name === 'reference') {
        // People paste `LD/LN.DO[ST]`.
        const [, reference, fc] = /^(.*?)(?:\[([A-Za-z]{2})\])?$/.exec(text);
        const named = tag.tag || reference.slice(reference.indexOf('/') + 1);
        set(tag, { reference, tag: named, type: undefined, ...(fc && { fc: fc.toUpperCase() }) });
      } else set(tag, { [name]: text });
    }

    function set(tag, values) {
      Object.assign(tag, values);
      for (const [name, value] of Object.entries(values)) if (value === undefined) delete tag[name];
      // After the event, so that Tab has moved the focus first.
      setTimeout(update, 0);
    }

    function browse() {
      Iec61850.pickPoints({
        sources: sources(),
        chosen: all,
        // The picker's tags carry interval and deadband of those that were there.
        onDone: replace,
      });
    }

    async function importCsv(file) {
      try {
        const { tags: imported } = await Iec61850.api('POST', 'tags/parse', { csv: await file.text() });
        replace(imported);
      } catch (error) {
        notice.replaceChildren(Iec61850.errorBox(error));
      }
    }

    async function exportCsv() {
      try {
        const { csv } = await Iec61850.api('POST', 'tags/csv', { tags: all });
        Iec61850.saveFile(`${fileName?.() || 'tags'}.csv`, csv);
      } catch (error) {
        notice.replaceChildren(Iec61850.errorBox(error));
      }
    }

    update();
    return {
      value: () => all.filter((tag) => tag.tag || tag.reference),
      replace,
      /** Gives the list what is left of the form's height; for `oneditresize`. */
      fit() {
        const form = root.closest('.red-ui-tray-body');
        const space = form ? form.getBoundingClientRect().bottom - list.element.getBoundingClientRect().top : 0;
        list.element.style.height = `${Math.max(MIN_HEIGHT, space - BELOW)}px`;
      },
    };
  };
})();
