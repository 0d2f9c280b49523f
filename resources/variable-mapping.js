/**
 * The mapping file in the form of a server node: paste or upload it, hold it against the model of the server, and get a
 * template of that.
 *
 *   const mapping = Iec61850.variableMapping({
 *     container, value: node.mapping,
 *     server: () => ({ sclFile, … }),     // what the form says
 *     served: () => source,               // the same for the dialog to choose points
 *   });
 *   node.mapping = mapping.value();
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const HEADER = 'variable,reference[FC],type,scale,offset,deadband,description';
  /** Problems that are shown; the rest is counted. */
  const SHOWN = 200;
  /** After the last key, in ms. */
  const TYPING_MS = 800;
  const t = (key, values) =>
    RED._(`@substation/node-red-iec61850/iec61850-server-out:iec61850-server-out.mapping.${key}`, {
      interpolation: { escapeValue: false },
      ...values,
    });

  const cell = (value = '') => (/[",;\n\r]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);

  /** @param server gives what the form of the chosen server holds, or undefined without one */
  Iec61850.variableMapping = function ({ container, value = '', server, served, name = () => 'mapping' }) {
    const { el, button, api, errorBox, chooseFile, saveFile } = Iec61850;
    let round = 0;
    let timer;

    const text = el('textarea', {
      className: 'iec61850-mono iec61850-mapping-text',
      rows: 9,
      spellcheck: false,
      wrap: 'off',
      placeholder: `${HEADER}\nplc.power,BAY1MEAS/MMXU1.TotW[MX],Float32,0.001,0,0.1,${t('example')}`,
      'aria-label': t('label'),
      'aria-describedby': 'iec61850-mapping-state',
      value,
      on: {
        input() {
          clearTimeout(timer);
          timer = setTimeout(check, TYPING_MS);
        },
      },
    });
    const state = el('div', {
      id: 'iec61850-mapping-state',
      className: 'iec61850-mapping-state',
      'aria-live': 'polite',
    });
    container.replaceChildren(
      el(
        'div',
        { className: 'iec61850-mapping-bar' },
        button({ icon: 'upload', text: t('import'), onClick: () => chooseFile('.csv,.txt,text/csv', read) }),
        button({ icon: 'download', text: t('export'), onClick: () => saveFile(`${name()}.csv`, text.value) }),
        button({ icon: 'magic', text: t('template'), onClick: template }),
        button({ icon: 'search', text: t('choose'), onClick: choosePoints }),
        button({ icon: 'check', text: t('check'), onClick: check }),
      ),
      text,
      state,
    );
    container.addEventListener('dragover', (event) => event.preventDefault());
    container.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) read(event.dataTransfer.files[0]);
    });
    if (text.value.trim() !== '') check();

    async function read(file) {
      try {
        text.value = await file.text();
        await check();
      } catch (error) {
        state.replaceChildren(errorBox({ message: error.message, hint: '' }));
      }
    }

    /** Asks the runtime; an answer that was overtaken by a later question is dropped. */
    async function ask(path, body, show) {
      clearTimeout(timer);
      const mine = ++round;
      const about = server();
      if (!about) {
        state.replaceChildren(errorBox({ message: t('noServer'), hint: '' }));
        return;
      }
      try {
        const answer = await api('POST', path, { ...about, ...body });
        if (mine === round) show(answer);
      } catch (error) {
        if (mine === round) state.replaceChildren(errorBox(error));
      }
    }

    async function check() {
      if (text.value.trim() === '') {
        state.replaceChildren();
        return;
      }
      await ask('variables/check', { csv: text.value }, showCheck);
    }

    function showCheck({ count, problems, more }) {
      const total = problems.length + more;
      const summary = t(total > 0 ? 'someWrong' : 'allRight', { rows: count, problems: total });
      state.replaceChildren(
        el('div', { className: total > 0 ? 'iec61850-mapping-wrong' : 'iec61850-mapping-right', text: summary }),
        ...(total > 0 ? [problemList(problems, total)] : []),
      );
    }

    function problemList(problems, total) {
      const shown = problems.slice(0, SHOWN);
      return el(
        'ul',
        { className: 'iec61850-mapping-problems' },
        ...shown.map(({ line, column, message }) =>
          el(
            'li',
            {},
            el('button', {
              type: 'button',
              className: 'iec61850-plain',
              text: t('line', { line }),
              on: { click: () => goTo(line) },
            }),
            el('span', { text: ` ${column ? `${column}: ` : ''}${message}` }),
          ),
        ),
        ...(total > shown.length ? [el('li', { text: t('more', { rest: total - shown.length }) })] : []),
      );
    }

    function goTo(line) {
      const lines = text.value.split('\n');
      const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      text.focus();
      text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
      text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, line - 3);
    }

    /** Into the empty field, or beside a mapping that is there, as a file. */
    async function template() {
      await ask('variables/template', {}, ({ csv }) => {
        if (text.value.trim() !== '') {
          saveFile(`${name()}-template.csv`, csv);
          return;
        }
        text.value = csv;
        void check();
      });
    }

    /** A line for each point that a person picks, under its tag's name, behind those that are there. */
    function choosePoints() {
      Iec61850.pickPoints({
        sources: [served()],
        onDone(tags) {
          if (tags.length === 0) return;
          const separator = text.value.includes(';') && !text.value.includes(',') ? ';' : ',';
          const lines = tags.map(({ tag, reference, fc, type, description }) =>
            [tag, `${reference}[${fc}]`, type, '', '', '', description].map(cell).join(separator),
          );
          const before = text.value.trim() === '' ? HEADER : text.value.replace(/\s+$/, '');
          text.value = `${before}\n${lines.join('\n')}\n`;
          void check();
        },
      });
    }

    return {
      value: () => text.value,
      check,
      close: () => clearTimeout(timer),
    };
  };
})();
