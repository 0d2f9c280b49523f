/**
 * The clients that a server expects, as rows: what each is known by, and its role. Passwords are kept with Node-RED's
 * credentials and not in the flow.
 *
 *   const clients = Iec61850.expectedClients({ container, value: node.clients, passwords });
 *   node.clients = clients.value();           // in oneditsave
 *   clients.passwords();                      // { name: password }
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const COLUMNS = ['name', 'role', 'address', 'apTitle', 'aeQualifier', 'certificate', 'password'];
  const ROLES = ['viewer', 'operator', 'engineer'];

  Iec61850.expectedClients = function ({ container, value, passwords = {} }) {
    const { el, t, icon, button } = Iec61850;
    const body = el('tbody');
    const heads = COLUMNS.map((name) => el('th', { scope: 'col', text: t(`clients.${name}`) }));
    const table = el(
      'table',
      { className: 'iec61850-grid iec61850-clients' },
      el('thead', {}, el('tr', {}, ...heads, el('td'))),
      body,
    );

    function cell(row, name, given) {
      const label = `${t(`clients.${name}`)} ${body.children.length + 1}`;
      let input;
      if (name === 'role') {
        const options = ROLES.map((role) =>
          el('option', { value: role, text: t(`clients.${role}`), selected: role === given }),
        );
        input = el('select', { 'aria-label': label }, ...options);
        input.style.width = 'auto';
      } else {
        const type = name === 'password' ? 'password' : 'text';
        input = el('input', { type, 'aria-label': label, spellcheck: false, autocomplete: 'new-password' });
        input.placeholder = name === 'password' ? '' : t(`clients.placeholder.${name}`);
        input.value = given ?? '';
      }
      row.iec61850[name] = input;
      return el('td', {}, input);
    }
    function add(client = { role: 'viewer' }) {
      const row = el('tr');
      row.iec61850 = {};
      const given = { ...client, password: client.name ? passwords[client.name] : '' };
      row.append(...COLUMNS.map((name) => cell(row, name, given[name])));
      const remove = el('button', {
        type: 'button',
        className: 'red-ui-button red-ui-button-small',
        'aria-label': t('clients.remove'),
      });
      remove.append(icon('times'));
      remove.addEventListener('click', () => {
        row.remove();
        table.hidden = body.children.length === 0;
      });
      row.append(el('td', {}, remove));
      body.append(row);
      table.hidden = false;
    }
    table.hidden = true;
    for (const client of Array.isArray(value) ? value : []) add(client);
    container.replaceChildren(table, button({ icon: 'plus', text: t('clients.add'), onClick: () => add() }));

    const rows = () => [...body.children].map((row) => row.iec61850);
    return {
      value: () =>
        rows().map((inputs) => {
          const client = {};
          for (const name of COLUMNS) {
            const text = inputs[name].value.trim();
            if (name !== 'password' && text !== '') client[name] = text;
          }
          return client;
        }),
      passwords: () =>
        Object.fromEntries(
          rows()
            .filter(({ password }) => password.value !== '')
            .map(({ name, password }) => [name.value.trim(), password.value]),
        ),
    };
  };
})();
