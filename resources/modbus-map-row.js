/**
 * One row of the Modbus map as fields: what a row of its type can have, and what goes when its type changes. The table
 * itself is in modbus-map.js, which gives its rows' problems and notations and takes what a person changed.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});

  const AREAS = ['coil', 'discrete', 'input', 'holding'];
  const REGISTER_TYPES = ['Bit', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'Float32', 'Float64', 'BCD', 'Text'];
  const ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'];
  const POLICIES = ['hold', 'nan', 'exception'];
  const COLUMNS = [
    ...['ied', 'tag', 'unit', 'area', 'notation', 'address', 'type', 'part', 'order'],
    ...['scale', 'offset', 'policy', 'sentinel', 'latch', 'meta'],
  ];
  /** The field that an issue is about, by its code. */
  const ISSUE_FIELDS = {
    ...{ NAME: 'tag', UNIT: 'unit', AREA: 'area', ADDRESS: 'address', TYPE: 'type', LENGTH: 'part', BIT: 'part' },
    ...{ ORDER: 'order', SCALE: 'scale', POLICY: 'policy', SENTINEL: 'sentinel', LATCH: 'latch' },
    ...{ OVERLAP: 'address', META_OVERLAP: 'meta', BLOCK: 'address', FOREIGN_BLOCK: 'address' },
  };
  const isBitArea = (area) => area === 'coil' || area === 'discrete';
  const isOneBit = (type) => type === 'Bool' || type === 'Bit';
  const nameOf = ({ ied, tag }) => `${ied}/${tag}`;

  Iec61850.modbusMapRow = function (map) {
    return new RowEditor(map);
  };

  class RowEditor {
    constructor(map) {
      this.map = map;
      this.columns = COLUMNS;
    }

    /** One line of the table. */
    render(row) {
      const { el, button } = Iec61850;
      const issue = this.map.problemOf(row);
      const wrong = issue && ISSUE_FIELDS[issue.code];
      const cells = COLUMNS.map((name) => {
        const cell = this.cell(row, name);
        if (wrong !== name && !(wrong === 'address' && name === 'notation')) return cell;
        cell.classList.add(issue.severity === 'error' ? 'input-error' : 'iec61850-modbus-warning');
        cell.title = issue.message;
        cell.setAttribute('aria-invalid', 'true');
        return cell;
      });
      const remove = button({
        icon: 'times',
        label: this.map.t('remove', { name: nameOf(row) }),
        className: 'iec61850-plain',
        onClick: () => this.map.remove(row),
      });
      return el(
        'div',
        {
          className: 'iec61850-modbus-row',
          role: 'listitem',
          title: row.description || row.reference || '',
          on: this.dropEvents(row),
        },
        this.handle(row),
        ...cells,
        remove,
      );
    }

    /** What a row is moved by: dragged, or with the arrow keys. */
    handle(row) {
      const { el, icon } = Iec61850;
      const { map } = this;
      return el(
        'span',
        {
          className: 'iec61850-modbus-handle',
          draggable: true,
          tabIndex: 0,
          role: 'button',
          title: map.t('hint.move'),
          'aria-label': map.t('move', { name: nameOf(row) }),
          on: {
            dragstart: (event) => {
              this.dragged = row;
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', nameOf(row));
            },
            dragend: () => (this.dragged = undefined),
            keydown: (event) => {
              const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
              if (!step) return;
              event.preventDefault();
              map.moveBy(row, step);
            },
          },
        },
        icon('bars'),
      );
    }

    /** The lower half of a row means behind it. */
    dropEvents(row) {
      const mark = (element, where) => {
        element.classList.toggle('iec61850-drop-before', where === 'before');
        element.classList.toggle('iec61850-drop-after', where === 'after');
      };
      const isAfter = ({ currentTarget, clientY }) => {
        const { top, height } = currentTarget.getBoundingClientRect();
        return clientY > top + height / 2;
      };
      return {
        dragover: (event) => {
          if (!this.dragged || this.dragged === row) return;
          event.preventDefault();
          mark(event.currentTarget, isAfter(event) ? 'after' : 'before');
        },
        dragleave: (event) => mark(event.currentTarget),
        drop: (event) => {
          const { dragged } = this;
          mark(event.currentTarget);
          if (!dragged || dragged === row) return;
          event.preventDefault();
          this.dragged = undefined;
          this.map.move(dragged, row, isAfter(event));
        },
      };
    }

    cell(row, name) {
      switch (name) {
        case 'area':
          return this.choice(
            row,
            name,
            AREAS,
            row.area,
            (area) => this.setArea(row, area),
            (area) => this.map.t(`area.${area}`),
          );
        case 'type': {
          const types = isBitArea(row.area) ? ['Bool'] : REGISTER_TYPES;
          return this.choice(row, name, types, row.type, (type) => this.setType(row, type));
        }
        case 'order':
          if (isOneBit(row.type)) return this.blank();
          return this.choice(row, name, ORDERS, row.order ?? 'ABCD', (order) =>
            this.set(row, { order: order === 'ABCD' ? undefined : order }),
          );
        case 'policy':
          return this.choice(
            row,
            name,
            POLICIES,
            this.policyOf(row),
            (policy) => this.set(row, { policy }),
            (policy) => this.map.t(`policy.${policy}`),
          );
        case 'part':
          if (row.type === 'Bit') return this.number(row, name, row.bit, (bit) => ({ bit }));
          if (row.type === 'BCD' || row.type === 'Text')
            return this.number(row, name, row.length, (length) => ({ length }));
          return this.blank();
        case 'scale':
        case 'offset':
          if (isOneBit(row.type) || row.type === 'Text') return this.blank();
          return this.number(row, name, row[name] ?? (name === 'scale' ? 1 : 0), (value) => ({ [name]: value }));
        case 'sentinel':
          return this.policyOf(row) === 'nan' && row.type !== 'Text'
            ? this.number(row, name, row.sentinel, (sentinel) => ({ sentinel }))
            : this.blank();
        case 'latch':
          return isOneBit(row.type) ? this.number(row, name, row.latch, (latch) => ({ latch })) : this.blank();
        case 'unit':
        case 'address':
          return this.number(row, name, row[name], (value) => ({ [name]: value }));
        case 'meta':
          return this.metaCell(row);
        case 'notation':
          return this.text(row, name, this.map.notation(row).address, (text) => this.setNotation(row, text));
        default:
          return this.text(row, name, row[name], (text) => this.set(row, { [name]: text }));
      }
    }

    metaCell(row) {
      const address = this.map.notation(row).meta;
      const cell = this.number(row, 'meta', row.meta, (meta) => ({ meta }));
      if (address) cell.title = `${address} · ${this.map.t('hint.meta')}`;
      return cell;
    }

    policyOf(row) {
      return row.policy ?? (row.type === 'Float32' || row.type === 'Float64' ? 'nan' : 'hold');
    }

    blank() {
      return Iec61850.el('span', { 'aria-hidden': 'true' });
    }

    text(row, name, value, onChange) {
      return Iec61850.el('input', {
        type: 'text',
        value: value ?? '',
        'aria-label': `${this.map.t(`column.${name}`)} ${nameOf(row)}`,
        spellcheck: false,
        on: { change: (event) => onChange(event.target.value.trim()) },
      });
    }

    number(row, name, value, toFields) {
      const shown = value === null || Number.isNaN(value) ? '' : value;
      const cell = this.text(row, name, shown, (text) => {
        const number = Number(text.replace(',', '.'));
        // What is no number stays a text, so that the check names it and a person sees what was typed.
        this.set(row, toFields(text === '' ? undefined : Number.isFinite(number) ? number : text));
      });
      cell.inputMode = 'decimal';
      return cell;
    }

    choice(row, name, values, value, onChange, textOf = (option) => option) {
      const { el } = Iec61850;
      const options = values.includes(value) ? values : [value ?? '', ...values];
      return el(
        'select',
        {
          'aria-label': `${this.map.t(`column.${name}`)} ${nameOf(row)}`,
          on: { change: (event) => onChange(event.target.value) },
        },
        ...options.map((option) => el('option', { value: option, text: textOf(option), selected: option === value })),
      );
    }

    set(row, values) {
      Object.assign(row, values);
      for (const [name, value] of Object.entries(values)) if (value === undefined) delete row[name];
      this.map.changed(row);
    }

    setArea(row, area) {
      const was = isBitArea(row.area);
      const type = was === isBitArea(area) ? row.type : isBitArea(area) ? 'Bool' : 'UInt16';
      this.set(row, { area });
      if (type !== row.type) this.setType(row, type);
    }

    /** Fields that the new type does not have go with the old one. */
    setType(row, type) {
      const gone = { policy: undefined, sentinel: undefined };
      if (type !== 'Bit') gone.bit = undefined;
      if (type !== 'BCD' && type !== 'Text') gone.length = undefined;
      if (!isOneBit(type)) gone.latch = undefined;
      if (isOneBit(type) || type === 'Text') Object.assign(gone, { scale: undefined, offset: undefined });
      if (isOneBit(type)) gone.order = undefined;
      this.set(row, { ...gone, type, ...(type === 'Bit' && { bit: row.bit ?? 0 }) });
    }

    async setNotation(row, text) {
      try {
        const { area, address } = await Iec61850.api('POST', 'modbus-map/address', { text });
        this.setArea(row, area);
        this.set(row, { address });
      } catch (error) {
        this.map.tell(Iec61850.errorBox(error));
        this.map.changed(row);
      }
    }
  }
})();
