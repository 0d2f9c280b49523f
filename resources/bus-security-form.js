/**
 * What the forms of the process-bus nodes share of R-GOOSE, R-SV and keys: the UDP address (`udp`), what a publisher over UDP
 * has besides (`udp-publisher`), and keys (`bus-security`); see template-rows.js.
 *
 *   Iec61850.busSecurityForm(node);                              // in oneditprepare, after the fields have their values
 *   Iec61850.checkBusField(node, 'udpAddress', value)            // in a validator: true, or what is wrong
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const TEXTS = '@substation/node-red-iec61850/iec61850-ied:shared.busSecurity.';
  const form = (name) => document.getElementById(`node-input-${name}`);

  const label = (name, icon) =>
    `<label for="node-input-${name}"><i class="fa fa-${icon}"></i> <span data-i18n="${TEXTS}${name}"></span></label>`;
  const line = (name, icon, attributes = '', unit = '') => `
      ${label(name, icon)}
      <input type="text" id="node-input-${name}" spellcheck="false" ${attributes} />${unit}`;
  const hint = (name) =>
    `<div class="iec61850-muted" data-i18n="${TEXTS}${name}" style="margin: 2px 0 0 125px; max-width: 340px; font-size: 12px"></div>`;
  const secret = (name, icon) => `
      ${label(name, icon)}
      <input type="password" id="node-input-${name}" autocomplete="new-password" data-i18n="[placeholder]${TEXTS}keyExample" />`;
  const option = (value) => `<option value="${value}">${value}</option>`;

  const udpRows = (_type, { field = 'udpAddressHint' }) => `
    <div class="form-row iec61850-from-udp">${line('udpAddress', 'bullseye', 'placeholder="239.192.0.1"')}${hint(field)}</div>
    <div class="form-row iec61850-from-udp">${line('udpPort', 'random', 'class="iec61850-short" inputmode="numeric" placeholder="102"')}</div>
    <div class="form-row iec61850-from-udp">${line('udpInterface', 'sitemap', `list="node-input-interfaces" data-i18n="[placeholder]${TEXTS}anyInterface"`)}</div>`;

  const udpPublisherRows = () => `
    <div class="form-row iec61850-from-udp">${line('udpTtl', 'share-alt', 'class="iec61850-short" inputmode="numeric" placeholder="32"')}</div>
    <div class="form-row iec61850-from-udp">
      ${label('udpVersion', 'code-fork')}
      <select id="node-input-udpVersion">
        <option value="2" data-i18n="${TEXTS}version2"></option>
        <option value="1" data-i18n="${TEXTS}version1"></option>
      </select>
    </div>
    <div class="form-row iec61850-from-udp iec61850-with-key">
      ${label('udpCoverage', 'arrows-h')}
      <select id="node-input-udpCoverage">
        <option value="session" data-i18n="${TEXTS}coverSession"></option>
        <option value="transport" data-i18n="${TEXTS}coverTransport"></option>
      </select>
    </div>`;

  const securityRows = (_type, { field = '' }) => `
    <div class="form-row">
      ${label('securityAlgorithm', 'shield')}
      <select id="node-input-securityAlgorithm">
        <option value="" data-i18n="${TEXTS}none"></option>
        <optgroup data-i18n="[label]${TEXTS}signed">${SIGNING.map(option).join('')}</optgroup>
        <optgroup data-i18n="[label]${TEXTS}encrypted">${ENCRYPTING.map(option).join('')}</optgroup>
      </select>
    </div>
    <div class="form-row iec61850-with-key">${line('keyId', 'hashtag', 'class="iec61850-short" inputmode="numeric" placeholder="1"')}</div>
    <div class="form-row iec61850-with-key">${secret('busKey', 'key')}</div>
    <div class="form-row iec61850-with-key">${line('keyUntil', 'calendar-times-o', 'placeholder="2027-01-31T12:00:00Z"')}</div>
    <div class="form-row iec61850-with-key">${line('nextKeyId', 'hashtag', `class="iec61850-short" inputmode="numeric" data-i18n="[placeholder]${TEXTS}noNextKey"`)}</div>
    <div class="form-row iec61850-with-key">${secret('nextBusKey', 'key')}</div>
    ${field === 'publisher' ? '' : `<div class="form-row iec61850-with-key"><label class="iec61850-check"><input type="checkbox" id="node-input-securityRequired" /> <span data-i18n="${TEXTS}securityRequired"></span></label></div>`}`;

  const SIGNING = ['HMAC-SHA256-80', 'HMAC-SHA256-128', 'HMAC-SHA256-256', 'AES-GMAC-64', 'AES-GMAC-128'];
  const ENCRYPTING = ['AES-128-GCM', 'AES-256-GCM'];

  (Iec61850.rowMakers = Iec61850.rowMakers || []).push(['udp', udpRows]);
  Iec61850.rowMakers.push(['udp-publisher', udpPublisherRows]);
  Iec61850.rowMakers.push(['bus-security', securityRows]);

  /** Shows the fields that the choices of the form have a use for. */
  Iec61850.busSecurityForm = function (node) {
    // Nodes of an earlier version have none of these.
    for (const name of ['over', 'udpVersion', 'udpCoverage']) {
      if (form(name)?.value === '') form(name).selectedIndex = 0;
    }
    if (node.securityRequired === undefined) $('#node-input-securityRequired').prop('checked', true);
    const algorithm = form('securityAlgorithm');
    const carrier = form('over') ?? form('source');
    const show = () => {
      const udp = carrier.value === 'udp';
      $('#dialog-form .iec61850-from-udp').toggle(udp);
      $('#dialog-form .iec61850-from-ethernet').toggle(!udp);
      $('#dialog-form .iec61850-with-key').toggle(algorithm.value !== '');
      if (algorithm.value === '' || !udp) $('#node-input-udpCoverage').closest('.form-row').hide();
    };
    algorithm.addEventListener('change', show);
    carrier.addEventListener('change', show);
    show();
  };

  const variable = (text) => /\$\{[^}\s]+\}/.test(text);
  const wrong = (name) => RED._(`${TEXTS}error.${name}`);
  const isUdp = (node) => node.source === 'udp' || node.over === 'udp';
  const CHECKS = {
    udpAddress(node, text) {
      if (!isUdp(node)) return true;
      // A publisher may take the address of its file.
      if (text === '') return node.over === 'udp' || wrong('udpAddress');
      return /^(\d{1,3}\.){3}\d{1,3}$/.test(text) || /^[\da-f:]*:[\da-f:.]*(%\w+)?$/i.test(text) || wrong('udpAddress');
    },
    udpPort: (node, text) =>
      !isUdp(node) || text === '' || (/^\d+$/.test(text) && Number(text) <= 65535) || wrong('udpPort'),
    udpTtl: (node, text) =>
      !isUdp(node) ||
      text === '' ||
      (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 255) ||
      wrong('udpTtl'),
    securityAlgorithm: (node, text) => !ENCRYPTING.includes(text) || isUdp(node) || wrong('encryption'),
    keyId: (node, text) => !node.securityAlgorithm || isKeyId(text) || wrong('keyId'),
    nextKeyId: (node, text) =>
      !node.securityAlgorithm || text === '' || (isKeyId(text) && text !== String(node.keyId)) || wrong('nextKeyId'),
    keyUntil: (node, text) =>
      !node.securityAlgorithm || text === '' || Number.isFinite(Date.parse(text)) || wrong('keyUntil'),
  };
  const isKeyId = (text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 4294967295;

  /** Whether a field of these rows is right: true, or what is wrong with it. */
  Iec61850.checkBusField = function (node, name, value) {
    const text = String(value ?? '').trim();
    return variable(text) || CHECKS[name](node, text);
  };
})();
