/**
 * The field for an SCL file that every form of ours uses: upload one, take an earlier upload, or write a path.
 *
 *   const field = Iec61850.sclField({
 *     container: '#node-input-scl-field',     // an empty element
 *     value: node.sclFile,                    // '' | path | { name, hash }
 *     onLoaded(summary) {},                   // each time a file was read; undefined when none is chosen
 *   });
 *   node.sclFile = field.value();             // in oneditsave
 *   field.summary();                          // the last summary: { ieds: [{ name, accessPoints: [...] }], diagnostics }
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const ACCEPT = '.icd,.cid,.scd,.iid,.ssd,.sed,.xml,.scl';

  Iec61850.sclField = function ({ container, value, onLoaded }) {
    const { el, t, button } = Iec61850;
    const root = typeof container === 'string' ? document.querySelector(container) : container;
    let source = value || '';
    let summary;
    let round = 0;

    const path = el('input', {
      type: 'text',
      className: 'iec61850-scl-path',
      placeholder: t('scl.placeholder'),
      'aria-label': t('scl.label'),
      spellcheck: false,
    });
    const chip = el('span', { className: 'iec61850-chip' });
    const earlier = el('select', { className: 'iec61850-scl-earlier', 'aria-label': t('scl.earlier'), hidden: true });
    const state = el('div', { className: 'iec61850-scl-state', 'aria-live': 'polite' });
    const upload = button({
      icon: 'upload',
      text: t('scl.upload'),
      onClick: () => Iec61850.chooseFile(ACCEPT, send),
    });
    root.classList.add('iec61850-scl-field');
    root.replaceChildren(el('div', { className: 'iec61850-scl-row' }, path, chip, upload), earlier, state);

    path.addEventListener('change', () => choose(path.value.trim()));
    earlier.addEventListener('change', () => {
      const file = earlier.selectedOptions[0]?.iec61850File;
      if (file) choose({ name: file.name, hash: file.hash });
    });
    root.addEventListener('dragover', (event) => event.preventDefault());
    root.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) send(event.dataTransfer.files[0]);
    });

    function showSource() {
      const stored = typeof source === 'object';
      path.hidden = stored;
      chip.hidden = !stored;
      if (stored) {
        chip.replaceChildren(
          Iec61850.icon('file-code-o'),
          el('span', { text: source.name, title: source.hash }),
          button({ icon: 'times', label: t('scl.remove'), className: 'iec61850-plain', onClick: () => choose('') }),
        );
      } else path.value = source;
    }

    function choose(next) {
      source = next;
      showSource();
      load();
    }

    async function load() {
      const mine = ++round;
      summary = undefined;
      if (!source) {
        state.replaceChildren();
        onLoaded?.(undefined);
        return;
      }
      state.replaceChildren(busy(t('scl.reading')));
      try {
        const answer = await Iec61850.api('POST', 'scl/summary', { source });
        if (mine === round) show(answer);
      } catch (error) {
        if (mine === round) fail(error);
      }
    }

    async function send(file) {
      const mine = ++round;
      const progress = el('span', { text: t('scl.uploading', { name: file.name, percent: 0 }) });
      state.replaceChildren(progress);
      try {
        const answer = await Iec61850.upload(`scl?name=${encodeURIComponent(file.name)}`, file, (part) => {
          if (part < 1) progress.textContent = t('scl.uploading', { name: file.name, percent: Math.round(part * 100) });
          else if (mine === round) state.replaceChildren(busy(t('scl.reading')));
        });
        if (mine !== round) return;
        source = answer.source;
        showSource();
        show(answer);
        listEarlier();
      } catch (error) {
        if (mine === round) fail(error);
      }
    }

    function show(answer) {
      summary = answer;
      state.replaceChildren(...sclStateLines(answer));
      onLoaded?.(answer);
    }

    function fail(error) {
      state.replaceChildren(Iec61850.errorBox(error));
      onLoaded?.(undefined);
    }

    async function listEarlier() {
      const { files } = await Iec61850.api('GET', 'scl').catch(() => ({ files: [] }));
      earlier.hidden = files.length === 0;
      earlier.replaceChildren(
        el('option', { text: t('scl.earlier'), value: '' }),
        ...files.map((file) => {
          const option = el('option', { text: `${file.name} · ${file.uploaded.slice(0, 10)}`, value: file.hash });
          option.iec61850File = file;
          return option;
        }),
      );
    }

    showSource();
    load();
    listEarlier();
    return {
      value: () => (path.hidden ? source : path.value.trim()),
      summary: () => summary,
      choose,
    };
  };

  function busy(text) {
    return Iec61850.el(
      'span',
      {},
      Iec61850.el('i', { className: 'fa fa-spinner fa-spin', 'aria-hidden': 'true' }),
      ` ${text}`,
    );
  }

  /** What a person needs to know about a file that was read: how many IEDs, and what is wrong with it. */
  function sclStateLines({ ieds, diagnostics }) {
    const { el, t } = Iec61850;
    const counts = [t('scl.ieds', { count: ieds.length })];
    if (diagnostics.errors > 0) counts.push(t('scl.errors', { count: diagnostics.errors }));
    if (diagnostics.warnings > 0) counts.push(t('scl.warnings', { count: diagnostics.warnings }));
    if (diagnostics.items.length === 0) return [el('span', { text: counts.join(' · ') })];
    const rows = diagnostics.items.map((item) =>
      el(
        'li',
        { className: `iec61850-diagnostic iec61850-${item.severity}` },
        el('span', {
          className: 'iec61850-diagnostic-line',
          text: item.line ? t('scl.line', { line: item.line }) : '',
        }),
        el('span', { text: item.message, title: `${item.code} ${item.path || ''}` }),
      ),
    );
    return [
      el(
        'details',
        { className: 'iec61850-diagnostics' },
        el('summary', { text: counts.join(' · ') }),
        el('ul', {}, ...rows),
      ),
    ];
  }
})();
