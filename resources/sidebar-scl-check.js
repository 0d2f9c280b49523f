/** Panel of the sidebar: an SCL file, that of the IED's form or any other, against the device. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  /** The IED that was looked at last, and the files that were chosen here and not in a form. */
  let last = '';
  const files = new Map();

  const nameOf = (node) => node.name || node.sclIed || node.host || node.id;

  function listIeds() {
    const ieds = [];
    RED.nodes.eachConfig((node) => {
      if (node.type === 'iec61850-ied') ieds.push(node);
    });
    return ieds.sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  }

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'scl-check',
    icon: 'balance-scale',
    order: 60,
    title: () => Iec61850.t('sclCheck.title'),
    open(element) {
      const { el, t } = Iec61850;
      const ieds = listIeds();
      if (ieds.length === 0) {
        element.append(el('div', { className: 'iec61850-panel-note iec61850-muted', text: t('sclCheck.noIed') }));
        return undefined;
      }
      if (!ieds.some(({ id }) => id === last)) last = (ieds.find(({ sclFile }) => sclFile) ?? ieds[0]).id;
      const config = () => RED.nodes.node(last);
      const view = Iec61850.sclCheckView({
        live: () => {
          const source = Iec61850.liveSource(config());
          return source.request ?? { problem: source.problem };
        },
        scl: () => ({ sclFile: field.value(), ied: iedOfFile.value, accessPoint: accessPointOfFile() }),
      });
      const iedOfFile = el('select', { 'aria-label': t('sclCheck.iedOfFile') });
      iedOfFile.addEventListener('change', () => view.clear());
      const fileRow = el('div', { className: 'iec61850-field' });
      const choice = el(
        'select',
        {
          'aria-label': t('form.ied'),
          on: {
            change() {
              last = choice.value;
              chooseFile();
            },
          },
        },
        ...ieds.map((node) => el('option', { value: node.id, text: nameOf(node), selected: node.id === last })),
      );
      let field;

      function chooseFile() {
        view.clear();
        field = Iec61850.sclField({
          container: fileRow,
          value: files.get(last) ?? config().sclFile,
          onLoaded: (summary) => showFile(summary),
        });
      }

      function showFile(summary) {
        view.clear();
        const found = (summary?.ieds ?? []).filter(({ accessPoints }) => accessPoints.length > 0);
        const { sclIed, name } = config();
        const chosen = [sclIed, name].find((wanted) => found.some((ied) => ied.name === wanted)) ?? found[0]?.name;
        iedOfFile.replaceChildren(
          ...found.map((ied) => el('option', { value: ied.name, text: ied.name, selected: ied.name === chosen })),
        );
        iedOfFile.hidden = found.length < 2;
        view.element.hidden = found.length === 0;
        if (summary && field) files.set(last, field.value());
      }

      /** The access point of the form belongs to the form's own IED; another has the first with a server. */
      function accessPointOfFile() {
        const { sclIed, sclAccessPoint } = config();
        return iedOfFile.value === sclIed ? sclAccessPoint : '';
      }

      element.append(
        el(
          'div',
          { className: 'iec61850-scl-check-choice' },
          el('div', { className: 'iec61850-muted', text: t('sclCheck.about') }),
          choice,
          fileRow,
          iedOfFile,
        ),
        view.element,
      );
      chooseFile();
      return () => view.close();
    },
  });
})();
