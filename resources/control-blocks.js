/**
 * The list of GOOSE or sampled-value control blocks of an SCL file in a node's form, with address and data set members.
 *
 *   const blocks = Iec61850.controlBlocks({
 *     container,                       // an empty element
 *     blocks: node.blocks,             // references that are chosen, `LD/LN.name`
 *     one: false,                      // whether only one may be chosen
 *     kind: 'goose',                   // or 'sv'
 *     request: () => ({ sclFile, ied }),
 *   });
 *   node.blocks = blocks.value();
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const t = (key, values) => Iec61850.t(`processBus.blocks.${key}`, values);

  Iec61850.controlBlocks = function ({ container, blocks = [], one = false, kind = 'goose', request }) {
    const { el, button, api, errorBox } = Iec61850;
    let chosen = [...blocks];
    /** What the file has, by reference; undefined before it was asked for. */
    let listed;
    let asking;

    const body = el('tbody');
    const messages = el('div', { 'aria-live': 'polite' });
    const heading = (key) => el('th', { text: t(key), scope: 'col' });
    container.replaceChildren(
      el(
        'div',
        { className: 'iec61850-blocks-bar' },
        button({ icon: 'list', text: t('list'), onClick: () => void list() }),
      ),
      messages,
      el(
        'table',
        { className: 'iec61850-grid iec61850-control-blocks' },
        el('thead', {}, el('tr', {}, el('th'), heading('reference'), heading('address'), heading('dataSet'))),
        body,
      ),
    );
    render();

    /** Asks quietly when a form opens, aloud when somebody presses the button. */
    async function list(quiet) {
      const { sclFile, ied } = request();
      if (!sclFile) {
        if (!quiet) messages.replaceChildren(errorBox({ message: t('noFile') }));
        return;
      }
      asking?.abort();
      const mine = (asking = new window.AbortController());
      try {
        const found = await api('POST', kind, { sclFile, ied }, { signal: mine.signal });
        listed = new Map(found.blocks.map((block) => [block.reference, block]));
        messages.replaceChildren();
        if (listed.size === 0)
          messages.append(errorBox({ message: t(kind === 'sv' ? 'noneSv' : 'none', { ied: found.ied }) }));
        render();
      } catch (error) {
        if (error.code !== 'ABORTED') messages.replaceChildren(errorBox(error));
      }
    }

    function toggle(reference, on) {
      chosen = one ? [] : chosen.filter((other) => other !== reference);
      if (on) chosen.push(reference);
      render();
    }

    function render() {
      const known = listed ? [...listed.keys()] : [];
      const gone = chosen.filter((reference) => !listed?.has(reference));
      body.replaceChildren(...[...gone, ...known].map(row));
    }

    function row(reference) {
      const block = listed?.get(reference);
      const box = el('input', {
        type: one ? 'radio' : 'checkbox',
        name: one ? 'iec61850-control-block' : undefined,
        checked: chosen.includes(reference),
        'aria-label': reference,
        on: { change: (event) => toggle(reference, event.target.checked) },
      });
      const title = block?.description ? { title: block.description } : {};
      return el(
        'tr',
        {},
        el('td', {}, box),
        // A long name is cut behind its logical device, and not in the middle of a word.
        el('td', title, ...reference.split(/(?<=\/)/).flatMap((part, i) => (i > 0 ? [el('wbr'), part] : [part]))),
        el('td', { text: block ? [block.mac, block.appId].filter(Boolean).join(' · ') : listed ? t('unknown') : '' }),
        el('td', {}, block ? dataSet(block) : null),
      );
    }

    function dataSet({ dataSet: name, members }) {
      if (members.length === 0) return el('span', { text: name || t('noDataSet') });
      return el(
        'details',
        {},
        el('summary', { text: t('members', { name, count: members.length }) }),
        el('ul', {}, ...members.map((member) => el('li', { text: member }))),
      );
    }

    return {
      list: () => list(true),
      value: () => [...chosen],
      close: () => asking?.abort(),
    };
  };
})();
