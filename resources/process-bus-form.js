/**
 * What the forms of the process-bus nodes share: where frames come from (`frame-source`), the network interface
 * (`interface`), and the control blocks of an SCL file (`scl-blocks`); see template-rows.js.
 *
 *   Iec61850.processBusForm(node, { kind: 'goose', one: false });   // in oneditprepare
 *   Object.assign(node, Iec61850.processBusValues(node));           // in oneditsave: sclFile and blocks
 *   Iec61850.closeProcessBusForm(node);                             // at the end of the form, saved or not
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const TEXTS = '@substation/node-red-iec61850/iec61850-ied:shared.processBus.';
  const open = new WeakMap();
  const form = (name) => document.getElementById(`node-input-${name}`);

  const label = (name, icon) =>
    `<label for="node-input-${name}"><i class="fa fa-${icon}"></i> <span data-i18n="${TEXTS}${name}"></span></label>`;
  const interfaceRow = (className = '') => `
    <div class="form-row ${className}">
      ${label('interface', 'sitemap')}
      <input type="text" id="node-input-interface" list="node-input-interfaces" placeholder="eth0" spellcheck="false" />
      <datalist id="node-input-interfaces"></datalist>
    </div>`;
  const frameSourceRows = () => `
    <div class="form-row">
      ${label('source', 'plug')}
      <select id="node-input-source">
        <option value="interface" data-i18n="${TEXTS}fromInterface"></option>
        <option value="udp" data-i18n="${TEXTS}fromUdp"></option>
        <option value="capture" data-i18n="${TEXTS}fromCapture"></option>
      </select>
    </div>
    ${interfaceRow('iec61850-from-interface')}
    <div class="form-row iec61850-from-capture">
      ${label('capture', 'file-o')}
      <input type="text" id="node-input-capture" data-i18n="[placeholder]${TEXTS}captureExample" spellcheck="false" />
    </div>
    <div class="form-row iec61850-from-capture">
      ${label('speed', 'fast-forward')}
      <input type="text" id="node-input-speed" class="iec61850-short" placeholder="1" />
      <label class="iec61850-check" style="display: inline-block; margin-left: 12px; width: auto"><input type="checkbox" id="node-input-repeat" /> <span data-i18n="${TEXTS}repeat"></span></label>
    </div>`;
  const sclBlockRows = (type) => `
    <div class="form-row iec61850-scl-blocks">
      <label><i class="fa fa-file-code-o"></i> <span data-i18n="${TEXTS}sclFile"></span></label>
      <div id="node-input-scl-field" class="iec61850-field"></div>
    </div>
    <div class="form-row iec61850-scl-blocks">
      <label for="node-input-sclIed"><i class="fa fa-microchip"></i> <span data-i18n="${type}.label.sclIed"></span></label>
      <input type="text" id="node-input-sclIed" list="node-input-ieds" data-i18n="[placeholder]${TEXTS}firstIed" spellcheck="false" />
      <datalist id="node-input-ieds"></datalist>
    </div>
    <div class="form-row iec61850-scl-blocks" id="node-input-control-blocks"></div>`;
  (Iec61850.rowMakers = Iec61850.rowMakers || []).push(['interface', () => interfaceRow()]);
  Iec61850.rowMakers.push(['frame-source', frameSourceRows]);
  Iec61850.rowMakers.push(['scl-blocks', sclBlockRows]);

  /** Fields that a flow of an earlier version, or one written by hand, does not have are as in a new node. */
  function fillSelects({ _def: { defaults } }) {
    for (const select of document.querySelectorAll('#dialog-form select')) {
      const usual = defaults[select.id.replace('node-input-', '')]?.value;
      if (select.selectedIndex < 0 && usual !== undefined) select.value = usual;
    }
  }

  /**
   * Makes the rows of an open form ready.
   * @param kind `goose` or `sv`; `one` lets one control block alone be chosen
   */
  Iec61850.processBusForm = function (node, { kind, one = false }) {
    fillSelects(node);
    void Iec61850.listInterfaces(form('interfaces'));
    const parts = {};
    parts.blocks = Iec61850.controlBlocks({
      container: form('control-blocks'),
      blocks: node.blocks,
      kind,
      one,
      request: () => ({ sclFile: parts.field?.value(), ied: form('sclIed').value.trim() }),
    });
    parts.field = Iec61850.sclField({
      container: form('scl-field'),
      value: node.sclFile,
      onLoaded(summary) {
        form('ieds').replaceChildren(...(summary?.ieds ?? []).map((ied) => Iec61850.el('option', { value: ied.name })));
        // The first time the field is not there yet, which names the file.
        if (parts.field) void parts.blocks.list();
      },
    });
    form('sclIed').addEventListener('change', () => void parts.blocks.list());
    open.set(node, parts);
    const source = form('source');
    if (!source) return;
    const showSource = () => {
      $('#dialog-form .iec61850-from-interface').toggle(source.value === 'interface');
      $('#dialog-form .iec61850-from-capture').toggle(source.value === 'capture');
    };
    source.addEventListener('change', showSource);
    showSource();
  };

  Iec61850.processBusValues = function (node) {
    const { field, blocks } = open.get(node);
    return { sclFile: field.value(), blocks: blocks.value() };
  };

  Iec61850.closeProcessBusForm = function (node) {
    open.get(node)?.blocks.close();
    open.delete(node);
  };

  /** Fills a datalist with the network interfaces of the machine that runs Node-RED. */
  Iec61850.listInterfaces = async function (datalist) {
    try {
      const { interfaces } = await Iec61850.api('GET', 'interfaces');
      datalist.replaceChildren(...interfaces.map((name) => Iec61850.el('option', { value: name })));
    } catch {
      // The field takes any name; the list is only a help.
    }
  };
})();
