/**
 * What the forms of nodes for setting groups and logs share: the rows for name and IED, and a row with a field whose choices
 * the IED or its SCL file lists.
 *
 * A template marks their place with `<div class="iec61850-rows" data-rows="service" data-field="log" data-icon="book"></div>`,
 * see template-rows.js. Label and placeholder of the field are texts of the node's own catalogue.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  if (Iec61850.serviceForm) return;
  const closers = new WeakMap();
  const TEXTS = '@substation/node-red-iec61850/iec61850-ied:shared.form.';
  const rows = (type, { field, icon }) => `
    <div class="form-row">
      <label for="node-input-name"><i class="fa fa-tag"></i> <span data-i18n="${TEXTS}name"></span></label>
      <input type="text" id="node-input-name" data-i18n="[placeholder]${TEXTS}name" />
    </div>
    <div class="form-row">
      <label for="node-input-ied"><i class="fa fa-microchip"></i> <span data-i18n="${TEXTS}ied"></span></label>
      <input type="text" id="node-input-ied" />
    </div>
    <div class="form-row">
      <label for="node-input-${field}"><i class="fa fa-${icon}"></i> <span data-i18n="${type}.label.${field}"></span></label>
      <span class="iec61850-field iec61850-listed-field">
        <input type="text" id="node-input-${field}" class="iec61850-mono" data-i18n="[placeholder]${type}.placeholder.${field}" spellcheck="false" />
        <button type="button" class="red-ui-button iec61850-ask"><i class="fa fa-list" aria-hidden="true"></i> <span data-i18n="${TEXTS}list"></span></button>
      </span>
      <div class="iec61850-listed" aria-live="polite"></div>
    </div>`;

  (Iec61850.rowMakers = Iec61850.rowMakers || []).push(['service', rows]);

  /**
   * Makes the form of a node ready: fills in what a hand-written flow leaves out, lists what the IED has below the listed
   * field, to be taken over with a click, and calls `show` at first and whenever the field that decides what is shown changes.
   * @param {{ kind: 'settings' | 'logs', field: string, decides: string, show: (value: string) => void }} options
   */
  Iec61850.serviceForm = function (node, { kind, field, decides, show }) {
    fillDefaults(node);
    const select = $(`#node-input-${decides}`);
    select.on('change', () => show(select.val()));
    show(select.val());
    closers.set(node, listedField(kind, document.getElementById(`node-input-${field}`)));
  };

  /** For the end of the form: what is still asked for is no longer wanted. */
  Iec61850.closeServiceForm = (node) => closers.get(node)?.();

  /** Shows what a hand-written flow leaves out as it works. */
  Iec61850.fillDefaults = fillDefaults;

  function fillDefaults(node) {
    for (const [name, { value }] of Object.entries(node._def.defaults)) {
      if (node[name] !== undefined || name === 'version' || value === '') continue;
      const input = $(`#node-input-${name}`);
      if (typeof value === 'boolean') input.prop('checked', value);
      else input.val(value);
    }
  }

  function listedField(kind, field) {
    const { el, api, errorBox, button: makeButton, t } = Iec61850;
    const row = field.closest('.form-row');
    const place = row.querySelector('.iec61850-listed');
    const config = () => RED.nodes.node($('#node-input-ied').val());
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

    row.querySelector('.iec61850-ask').addEventListener('click', () => void ask(Iec61850.liveSource(config())));
    return () => asking?.abort();
  }
})();
