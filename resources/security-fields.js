/**
 * The fields about TLS (IEC 62351-3) and certificates in ACSE (IEC 62351-4) that client and server forms share. What needs
 * Node-RED's own handling, the choice of a `tls-config` node and the passphrase, stands in the form itself.
 *
 *   Iec61850.securityFields({ node, container, role: 'client', section });
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});

  /** @param section the `details` around them, which is open where something is set */
  Iec61850.securityFields = function ({ node, container, role, section }) {
    const { el, t, icon } = Iec61850;
    const id = (name) => `node-config-input-${name}`;

    function check(name) {
      const box = el('input', { type: 'checkbox', id: id(name), checked: node[name] === true });
      const label = el('label', { className: 'iec61850-check' }, box, el('span', { text: t(`security.${name}`) }));
      return el('div', { className: 'form-row' }, label);
    }
    function line(name, image) {
      const input = el('input', {
        type: 'text',
        id: id(name),
        placeholder: t(`security.placeholder.${name}`),
        spellcheck: false,
      });
      input.value = node[name] ?? '';
      return el(
        'div',
        { className: 'form-row' },
        el('label', { htmlFor: id(name) }, icon(image), ' ', t(`security.${name}`)),
        ' ',
        input,
      );
    }

    container.replaceChildren(
      line('tlsCert', 'certificate'),
      line('tlsKey', 'key'),
      line('tlsCa', 'university'),
      line('tlsCrl', 'ban'),
      line('tlsKnownPeers', 'users'),
      ...(role === 'client' ? [line('tlsServerName', 'globe')] : []),
      check('mace'),
      check('tlsShortKeys'),
    );
    section.querySelector('summary').after(check('secure'));
    section.open = node.secure === true || node.mace === true;
    // The usual port goes with the choice; one that a person wrote stays.
    document.getElementById(id('secure')).addEventListener('change', ({ target }) => {
      for (const name of ['port', 'port2']) {
        const port = document.getElementById(id(name));
        if (port && port.value === (target.checked ? '102' : '3782'))
          $(port)
            .val(target.checked ? '3782' : '102')
            .trigger('change');
      }
    });
  };
})();
