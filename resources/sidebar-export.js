/** Panel of the sidebar: everything that it knows as files, for a support case or the record of an acceptance test. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const FORMS = [
    ['json', 'life-ring'],
    ['values', 'table'],
    ['connections', 'microchip'],
    ['activity', 'exchange'],
    ['log', 'list-ul'],
  ];
  const FIELDS = ['project', 'site', 'tester', 'remarks'];
  const KEPT = 'iec61850-validation-';
  const MAX_LENGTH = { remarks: 1000 };
  const DEFAULT_LENGTH = 120;

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'export',
    icon: 'download',
    order: 90,
    title: () => Iec61850.sidebarText('export.title'),
    open(element, context) {
      const { el, button, sidebarText: s } = Iec61850;
      const status = el('div', { className: 'iec61850-muted', role: 'status' });
      const fields = FIELDS.map((name) => field(name));

      async function save(form, values = {}) {
        status.textContent = s('export.working');
        try {
          const file = await Iec61850.api('POST', 'monitor/export', { form, ...values }, { signal: context.signal });
          Iec61850.saveFile(file.name, file.text, file.type);
          status.textContent = s('export.saved', { name: file.name });
          context.showError();
        } catch (error) {
          status.textContent = '';
          context.showError(error);
        }
      }

      function field(name) {
        const long = name === 'remarks';
        const input = el(long ? 'textarea' : 'input', {
          ...(long ? { rows: 3 } : { type: 'text' }),
          id: KEPT + name,
          maxLength: MAX_LENGTH[name] ?? DEFAULT_LENGTH,
          value: RED.settings.getLocal(KEPT + name) ?? '',
          on: { change: () => RED.settings.setLocal(KEPT + name, input.value) },
        });
        return { name, input, line: [el('label', { for: KEPT + name, text: s(`export.${name}`) }), input] };
      }

      element.append(
        el(
          'div',
          { className: 'iec61850-sb-scroll iec61850-sb-export' },
          el('p', { className: 'iec61850-muted', text: s('export.about') }),
          ...FORMS.map(([form, icon]) =>
            el(
              'div',
              { className: 'iec61850-sb-file' },
              button({ icon, text: s(`export.${form}.button`), onClick: () => save(form) }),
              el('span', { className: 'iec61850-muted', text: s(`export.${form}.about`) }),
            ),
          ),
          el('h4', { className: 'iec61850-sb-head', text: s('export.validation') }),
          el('p', { className: 'iec61850-muted', text: s('export.validationAbout') }),
          el('div', { className: 'iec61850-sb-form' }, ...fields.flatMap(({ line }) => line)),
          button({
            icon: 'check-square-o',
            text: s('export.report.button'),
            onClick: () => save('report', Object.fromEntries(fields.map(({ name, input }) => [name, input.value]))),
          }),
          status,
        ),
      );
    },
  });
})();
