/**
 * A GOOSE publisher that no SCL file describes, in a node's form: address, names, times, and the members of its data set.
 *
 *   const publisher = Iec61850.goosePublisher({ container, value: node.publisher });
 *   node.publisher = publisher.value();                    // in oneditsave
 *   Iec61850.goosePublisherFault(node.publisher, needsAddress);   // what is wrong with it; undefined when nothing is
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const t = (key, values) => Iec61850.t(`goosePublisher.${key}`, values);

  const variable = (text) => /\$\{[^}\s]+\}/.test(text);
  const whole = (from, to) => (text) => /^\d{1,10}$/.test(text) && Number(text) >= from && Number(text) <= to;
  /** Fields in their order: what an empty one means, and what it takes. */
  const FIELDS = [
    {
      ...{ name: 'gocbRef', columns: 6, example: 'BAY1CTRL/LLN0$GO$gcb1', needed: true },
      fits: (text) => /^[^/$\s]+\/\w+\$GO\$\w+$/.test(text),
    },
    { name: 'datSet', columns: 6, example: 'BAY1CTRL/LLN0$gcb1', fits: () => true },
    { name: 'goId', columns: 6, example: 'BAY1CTRL/LLN0$GO$gcb1', fits: () => true },
    {
      ...{ name: 'address', columns: 6, example: '01-0C-CD-01-00-01' },
      fits: (text) => /^([0-9a-f]{2}[-:]?){5}[0-9a-f]{2}$/i.test(text),
    },
    {
      ...{ name: 'appId', columns: 3, example: '3001', needed: true },
      fits: (text) => /^(0x)?[0-9a-f]{1,4}$/i.test(text),
    },
    { name: 'vlanId', columns: 3, example: '–', fits: whole(0, 4095) },
    { name: 'vlanPriority', columns: 3, example: '–', fits: whole(0, 7) },
    { name: 'confRev', columns: 3, example: '1', fits: whole(0, 0xffffffff) },
    { name: 'minTime', columns: 4, example: '4', fits: whole(1, 300000) },
    { name: 'maxTime', columns: 4, example: '1000', fits: whole(1, 300000) },
    { name: 'timeAllowedToLive', columns: 4, example: '2000', fits: whole(1, 600000) },
  ];
  const TYPES = [
    ...['BOOLEAN', 'Dbpos', 'Enum', 'INT8', 'INT16', 'INT32', 'INT64', 'INT8U', 'INT16U', 'INT32U'],
    ...['FLOAT32', 'FLOAT64', 'Quality', 'Timestamp', 'VisString64', 'VisString255', 'Octet64'],
  ];
  const textOf = (value) => String(value ?? '').trim();
  const good = ({ needed, fits }, text) => (text === '' ? !needed : variable(text) || fits(text));

  Iec61850.goosePublisherFault = function (value, needsAddress) {
    const missing = (field) => needsAddress && field.name === 'address' && textOf(value?.address) === '';
    const wrong = FIELDS.find((field) => missing(field) || !good(field, textOf(value?.[field.name])));
    if (wrong) return t('wrong', { field: t(wrong.name) });
    const names = (value?.members ?? []).map(({ name }) => textOf(name));
    if (names.length === 0) return t('noMembers');
    if (names.includes('')) return t('noName');
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    return twice === undefined ? undefined : t('twice', { name: twice });
  };

  Iec61850.goosePublisher = function ({ container, value }) {
    const { el } = Iec61850;
    const inputs = {};
    const given = value && typeof value === 'object' ? value : {};

    function fieldBox(field) {
      const id = `iec61850-publisher-${field.name}`;
      const input = (inputs[field.name] = el('input', {
        type: 'text',
        id,
        value: textOf(given[field.name]),
        placeholder: field.example,
        spellcheck: false,
      }));
      const look = () => {
        const fine = good(field, input.value.trim());
        input.classList.toggle('input-error', !fine);
        input.setAttribute('aria-invalid', String(!fine));
      };
      input.addEventListener('input', look);
      // What was saved is judged now; what is still to be filled in is not.
      if (input.value !== '') look();
      const box = el('div', {}, el('label', { for: id, text: t(field.name) }), input);
      box.style.gridColumn = `span ${field.columns}`;
      return box;
    }

    const fixedLength = el('input', { type: 'checkbox', checked: given.fixedLength === true });
    const list = el('ol');
    container.replaceChildren(
      el('div', { className: 'iec61850-publisher-fields' }, ...FIELDS.map(fieldBox)),
      el('label', { className: 'iec61850-check' }, fixedLength, el('span', { text: ` ${t('fixedLength')}` })),
      el('div', { className: 'iec61850-publisher-heading', text: t('members') }),
      list,
      el('div', { className: 'iec61850-muted iec61850-publisher-hint', text: t('hint') }),
    );

    $(list).editableList({
      height: 'auto',
      minHeight: 60,
      removable: true,
      sortable: true,
      addButton: t('add'),
      addItem(row, _index, member) {
        const field = (name, placeholder) =>
          el('input', {
            type: 'text',
            value: textOf(member[name]),
            placeholder,
            'aria-label': t(`member.${name}`),
            'data-field': name,
            spellcheck: false,
          });
        const options = TYPES.map((type) => el('option', { value: type, text: type, selected: type === member.type }));
        row[0].append(
          el(
            'div',
            { className: 'iec61850-publisher-member' },
            field('name', 'Pos'),
            el('select', { 'aria-label': t('member.type'), 'data-field': 'type' }, ...options),
            field('initial', t('member.none')),
          ),
        );
      },
    });
    for (const member of Array.isArray(given.members) ? given.members : [])
      $(list).editableList('addItem', { ...member });

    return {
      value() {
        const saved = Object.fromEntries(FIELDS.map(({ name }) => [name, inputs[name].value.trim()]));
        const members = $(list)
          .editableList('items')
          .toArray()
          .map((row) =>
            Object.fromEntries(
              [...row[0].querySelectorAll('[data-field]')].map((field) => [field.dataset.field, field.value.trim()]),
            ),
          );
        return { ...saved, fixedLength: fixedLength.checked, members };
      },
    };
  };
})();
