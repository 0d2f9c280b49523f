/**
 * The list of report control blocks in a node's form: the chosen ones, and those that the IED or its SCL file has, with
 * data set members, owner, and whether each is free.
 *
 *   const blocks = Iec61850.reportBlocks({ container, blocks: node.blocks, sources: () => [...] });
 *   node.blocks = blocks.value();
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const REFERENCE = /^\w+\/\w+\.\w+\[(RP|BR)\]$|\$\{[^}\s]+\}/;
  const t = (key, values) =>
    RED._(`@substation/node-red-iec61850/iec61850-report:iec61850-report.blocks.${key}`, values);

  /** For `validate` of a node's `blocks`. */
  Iec61850.validateReportBlocks = (blocks) =>
    Array.isArray(blocks) && blocks.length > 0 && blocks.every((one) => REFERENCE.test(one));

  Iec61850.reportBlocks = function ({ container, blocks = [], sources }) {
    const { el, button, api, errorBox } = Iec61850;
    let chosen = [...blocks];
    /** What was listed, by reference; undefined before. */
    let listed;
    let members = new Map();
    let asking;

    const body = el('tbody');
    const messages = el('div', { 'aria-live': 'polite' });
    const typed = el('input', {
      type: 'text',
      className: 'iec61850-report-typed',
      placeholder: 'BAY1CTRL/LLN0.brcbA01[BR]',
      'aria-label': t('reference'),
      on: {
        keydown(event) {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        },
      },
    });
    const heading = (key) => el('th', { text: t(key), scope: 'col' });
    container.append(
      el('div', { className: 'iec61850-report-bar' }, ...buttons()),
      messages,
      el(
        'div',
        { className: 'iec61850-report-scroll' },
        el(
          'table',
          { className: 'iec61850-grid iec61850-report-blocks' },
          el('thead', {}, el('tr', {}, el('th'), heading('reference'), heading('dataSet'), heading('state'))),
          body,
        ),
      ),
      el('div', { className: 'iec61850-report-bar' }, typed, button({ icon: 'plus', text: t('add'), onClick: add })),
    );
    render();

    function buttons() {
      return sources().map((source, index) =>
        button({
          icon: 'list',
          text: t(source.id === 'scl' ? 'listFile' : 'listLive'),
          onClick: () => void ask(sources()[index]),
        }),
      );
    }

    async function ask(source) {
      messages.replaceChildren();
      if (!source || source.problem) {
        messages.append(errorBox({ message: source?.problem ?? t('noSource') }));
        return;
      }
      asking?.abort();
      const mine = (asking = new window.AbortController());
      messages.append(el('span', { className: 'iec61850-muted', text: t('listing') }));
      try {
        const found = await api('POST', 'reports', source.request, { signal: mine.signal });
        listed = new Map(found.controlBlocks.map((one) => [one.reference, one]));
        members = new Map(found.dataSets.map((one) => [one.reference, one.members]));
        messages.replaceChildren();
        if (listed.size === 0) messages.append(errorBox({ message: t('none') }));
        render();
      } catch (error) {
        if (error.code !== 'ABORTED') messages.replaceChildren(errorBox(error));
      }
    }

    function add() {
      const reference = typed.value.trim();
      if (!REFERENCE.test(reference)) {
        messages.replaceChildren(errorBox({ message: t('wrong', { reference }) }));
        return;
      }
      messages.replaceChildren();
      if (!chosen.includes(reference)) chosen.push(reference);
      typed.value = '';
      render();
    }

    function toggle(reference, on) {
      chosen = chosen.filter((one) => one !== reference);
      if (on) chosen.push(reference);
      if (!listed) render();
    }

    function render() {
      const known = listed ? [...listed.keys()] : [];
      const rows = [...chosen.filter((one) => !listed?.has(one)), ...known];
      body.replaceChildren(...rows.map(row));
    }

    function row(reference) {
      const block = listed?.get(reference);
      const box = el('input', {
        type: 'checkbox',
        checked: chosen.includes(reference),
        'aria-label': reference,
        on: { change: (event) => toggle(reference, event.target.checked) },
      });
      return el(
        'tr',
        {},
        el('td', {}, box),
        el('td', { text: reference }),
        el('td', {}, block ? dataSet(block) : null),
        el('td', { text: stateOf(block) }),
      );
    }

    function dataSet(block) {
      const list = members.get(block.dataSet);
      if (!list) return el('span', { text: block.dataSet || t('noDataSet') });
      return el(
        'details',
        {},
        el('summary', { text: t('members', { name: block.dataSet, count: list.length }) }),
        el('ul', {}, ...list.map((member) => el('li', { text: member }))),
      );
    }

    function stateOf(block) {
      if (!listed) return '';
      if (!block) return t('unknown');
      if (block.inUse === undefined) return '';
      if (!block.inUse) return t('free');
      return block.owner ? t('owner', { owner: block.owner }) : t('inUse');
    }

    return {
      value: () => [...chosen],
      close: () => asking?.abort(),
    };
  };
})();
