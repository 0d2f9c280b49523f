/**
 * What the forms of nodes for setting groups and logs share: the rows for name and IED, and a field whose choices the IED or
 * its SCL file lists.
 *
 * A template marks the place of the rows with `<div class="iec61850-common-rows"></div>`, and its page pushes the node's type
 * to `Iec61850.serviceForms`: templates are there before this script is, or come after it.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  if (Iec61850.listedField) return;
  const TEXTS = '@substation/node-red-iec61850/iec61850-ied:shared.form.';
  const MARK = '<div class="iec61850-common-rows"></div>';
  const ROWS = `
    <div class="form-row">
      <label for="node-input-name"><i class="fa fa-tag"></i> <span data-i18n="${TEXTS}name"></span></label>
      <input type="text" id="node-input-name" data-i18n="[placeholder]${TEXTS}name" />
    </div>
    <div class="form-row">
      <label for="node-input-ied"><i class="fa fa-microchip"></i> <span data-i18n="${TEXTS}ied"></span></label>
      <input type="text" id="node-input-ied" />
    </div>`;

  function fill(type) {
    const template = document.querySelector(`script[data-template-name="${type}"]`);
    if (template) template.textContent = template.textContent.replace(MARK, ROWS);
  }

  for (const type of Iec61850.serviceForms || []) fill(type);
  Iec61850.serviceForms = { push: fill };

  /** A flow that was written by hand leaves out what the palette fills in. */
  Iec61850.fillDefaults = function (node) {
    for (const [name, { value }] of Object.entries(node._def.defaults)) {
      if (node[name] !== undefined || name === 'version' || value === '') continue;
      const field = $(`#node-input-${name}`);
      if (typeof value === 'boolean') field.prop('checked', value);
      else field.val(value);
    }
  };

  /**
   * Lists what the IED has below a field, to be taken over with a click.
   * @param {{ kind: 'settings' | 'logs', field: HTMLInputElement, button: HTMLElement, place: HTMLElement, config: () => object }} options
   *   `place` gets the list, `config` gives the `iec61850-ied` node that is chosen
   */
  Iec61850.listedField = function ({ kind, field, button, place, config }) {
    const { el, api, errorBox, button: makeButton, t } = Iec61850;
    let asking;

    async function ask(source) {
      asking?.abort();
      place.replaceChildren();
      if (source.problem) {
        place.append(errorBox({ message: source.problem }));
        return;
      }
      const mine = (asking = new window.AbortController());
      place.append(el('span', { className: 'iec61850-muted', text: t('form.listing') }));
      try {
        const { names } = await api('POST', 'services', { ...source.request, kind }, { signal: mine.signal });
        place.replaceChildren(...names.map(choice));
        if (names.length === 0) place.append(el('span', { className: 'iec61850-muted', text: t('form.nothing') }));
      } catch (error) {
        if (error.code !== 'ABORTED') place.replaceChildren(errorBox(error), ...fromFile());
      }
    }

    /** An IED that does not answer may have a file that tells. */
    function fromFile() {
      const ied = config();
      if (!ied?.sclFile) return [];
      const scl = Iec61850.sclSource({ sclFile: ied.sclFile, ied: ied.sclIed, accessPoint: ied.sclAccessPoint });
      return [makeButton({ icon: 'file-text-o', text: t('form.listFile'), onClick: () => void ask(scl) })];
    }

    function choice(one) {
      const take = makeButton({
        text: one.name,
        className: 'red-ui-button-small iec61850-mono',
        onClick() {
          $(field).val(one.name).trigger('change');
          place.replaceChildren();
        },
      });
      return el('div', {}, take, el('span', { className: 'iec61850-muted', text: ` ${detail(one)}` }));
    }

    function detail({ groups, active, dataSet }) {
      if (groups === undefined) return dataSet ?? '';
      return active === undefined ? t('form.groupsOnly', { groups }) : t('form.groups', { groups, active });
    }

    $(button).on('click', () => void ask(Iec61850.liveSource(config())));
    return { close: () => asking?.abort() };
  };
})();
