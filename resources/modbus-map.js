/**
 * The Modbus map in the form of a `modbus-map-out` node: a table of any length with inline editing, automatic addresses,
 * CSV and a printable list. All rules stand in the runtime (`src/gateway/modbus`) and are asked through the admin route
 * `modbus-map`; this file only shows and collects.
 *
 *   const map = Iec61850.modbusMap({
 *     container, rows, blocks,
 *     t: (key, values) => text,              // texts of the node's own catalogue, below `map.`
 *     layout: () => ({ mode, unit, … }),     // how new tags get addresses, as the form says now
 *     connected: () => [{ ied, tag, … }],    // tags of the read nodes that are wired to this node
 *     seen: async () => ({ tags, map }),     // of the running node: unknown tags, and addresses that it gave itself
 *     title: () => 'HMI',                    // for files
 *   });
 *   const { rows, blocks, errors } = map.value();
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
  const MAX_SHOWN_ISSUES = 50;
  const isBitArea = (area) => area === 'coil' || area === 'discrete';
  const isOneBit = (type) => type === 'Bool' || type === 'Bit';
  const nameOf = ({ ied, tag }) => `${ied}/${tag}`;

  Iec61850.modbusMap = function (options) {
    return new ModbusMap(options);
  };

  /** Tags of the iec61850-read nodes whose messages reach a node, over other nodes and link nodes too. */
  Iec61850.connectedTags = function (node) {
    const INPUT_PORT = 1;
    const seen = new Set([node]);
    const queue = [node];
    const tags = new Map();
    while (queue.length > 0) {
      const current = queue.shift();
      if (current.type === 'iec61850-read') collect(current);
      for (const source of sourcesOf(current)) {
        if (!source || seen.has(source)) continue;
        seen.add(source);
        queue.push(source);
      }
    }
    return [...tags.values()];

    function collect(reader) {
      const config = RED.nodes.node(reader.ied);
      const ied = config?.name || config?.sclIed || config?.host;
      if (!ied || !Array.isArray(reader.tags)) return;
      for (const tag of reader.tags) if (tag.tag) tags.set(nameOf({ ied, tag: tag.tag }), { ...tag, ied });
    }

    function sourcesOf(current) {
      const wired = RED.nodes.getNodeLinks(current, INPUT_PORT).map((link) => link.source);
      if (current.type !== 'link in') return wired;
      const linked = RED.nodes.filterNodes({ type: 'link out' }).filter((out) => (out.links || []).includes(current.id));
      return [...wired, ...linked];
    }
  };

  class ModbusMap {
    constructor({ container, rows, blocks, t, layout, connected, seen, title }) {
      Object.assign(this, { container, t, layout, connected, seen, title });
      this.rows = (Array.isArray(rows) ? rows : []).map((row) => ({ ...row }));
      this.blocks = Array.isArray(blocks) ? blocks : [];
      this.shown = this.rows;
      this.issues = [];
      this.more = 0;
      this.round = 0;
      /** Tags that have no form of their own, which a person has been told. */
      this.formless = new Set();
      this.build();
      this.check = Iec61850.debounce(() => this.ask('check', {}), 250);
      this.update();
      this.ask('check', {});
    }

    /** What the flow saves, and how many errors the last check found. */
    value() {
      return { rows: this.rows, blocks: this.blocks, errors: this.errorCount() };
    }

    errorCount() {
      return this.issues.filter((issue) => issue.severity === 'error').length;
    }

    build() {
      const { el, button } = Iec61850;
      const { t } = this;
      const bar = (...children) => el('div', { className: 'iec61850-tags-bar' }, ...children);
      this.count = el('span', { className: 'iec61850-muted iec61850-grow', 'aria-live': 'polite' });
      this.filter = el('input', {
        type: 'search',
        className: 'iec61850-tags-filter',
        placeholder: t('filter'),
        'aria-label': t('filter'),
        on: { input: Iec61850.debounce(() => this.update(), 120) },
      });
      this.takeButton = button({ icon: 'plus-square-o', text: t('take'), onClick: () => this.take(this.connected()) });
      this.notice = el('div', { role: 'status' });
      this.list = Iec61850.virtualList({
        label: t('label'),
        role: 'list',
        rowHeight: 28,
        className: 'iec61850-modbus-list',
        render: (index) => this.renderRow(index),
      });
      this.empty = el('div', { className: 'iec61850-empty', text: t('empty') });
      const head = el(
        'div',
        { className: 'iec61850-list-head iec61850-modbus-row' },
        ...COLUMNS.map((name) => el('span', { text: t(`column.${name}`), title: t(`hint.${name}`) })),
      );
      // The head moves sideways with the rows.
      const headFrame = el('div', { className: 'iec61850-modbus-head' }, head);
      this.list.element.addEventListener('scroll', () => (headFrame.scrollLeft = this.list.element.scrollLeft));
      this.list.element.append(this.empty);
      this.issueBox = el('details', { className: 'iec61850-diagnostics', open: true });
      this.blockBox = el('details', { className: 'iec61850-diagnostics' });
      this.expandButton = button({ icon: 'expand', label: t('expand'), onClick: () => this.expand() });
      this.root = el(
        'div',
        { className: 'iec61850-tags iec61850-modbus' },
        bar(
          this.takeButton,
          button({ icon: 'eye', text: t('seen'), onClick: () => this.takeSeen() }),
          button({ icon: 'magic', text: t('place'), label: t('hint.place'), onClick: () => this.placeWrong() }),
          button({ icon: 'plus', label: t('add'), onClick: () => this.add() }),
          this.count,
          this.filter,
          button({ icon: 'upload', label: t('import'), onClick: () => Iec61850.chooseFile('.csv,text/csv', (file) => this.importCsv(file)) }),
          button({ icon: 'download', label: t('export'), onClick: () => this.save('to-csv', 'csv', 'text/csv') }),
          button({ icon: 'print', label: t('markdown'), onClick: () => this.save('to-markdown', 'md', 'text/markdown') }),
          button({ icon: 'trash-o', label: t('removeAll'), onClick: () => this.clear() }),
          this.expandButton,
        ),
        this.notice,
        headFrame,
        this.list.element,
        this.issueBox,
        this.blockBox,
      );
      this.container.replaceChildren(this.root);
    }

    /** Shows the table across the editor; closing brings it back to its form. */
    expand() {
      RED.tray.show({
        title: this.t('label'),
        width: 1500,
        buttons: [{ id: 'iec61850-modbus-done', text: RED._('common.label.done'), class: 'primary', click: () => RED.tray.close() }],
        open: (tray) => {
          this.expandButton.hidden = true;
          this.root.classList.add('iec61850-modbus-expanded');
          tray.find('.red-ui-tray-body')[0].append(this.root);
          this.list.refresh();
        },
        close: () => {
          this.expandButton.hidden = false;
          this.root.classList.remove('iec61850-modbus-expanded');
          this.container.append(this.root);
          this.list.refresh();
        },
      });
    }

    /** Asks the runtime about the map as it stands; an answer that a later question has overtaken is dropped. */
    async ask(action, body) {
      const round = ++this.round;
      try {
        const answer = await Iec61850.api('POST', `modbus-map/${action}`, {
          rows: this.rows,
          blocks: this.blocks,
          layout: this.layout(),
          ...body,
        });
        if (round === this.round) this.accept(answer, action !== 'check');
        return round === this.round ? answer : undefined;
      } catch (error) {
        if (round === this.round) this.tell(Iec61850.errorBox(error));
        return undefined;
      }
    }

    accept({ rows, blocks, issues, more, notations }, replace) {
      if (replace) {
        this.rows = rows;
        this.blocks = blocks;
      }
      this.issues = issues;
      this.more = more;
      this.notations = new Map(this.rows.map((row, index) => [row, notations[index]]));
      this.update();
    }

    update() {
      const { t } = this;
      const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const textOf = (row) => `${row.ied} ${row.tag} ${row.area} ${this.notation(row).address} ${row.description || ''}`.toLowerCase();
      this.shown = words.length === 0 ? this.rows : this.rows.filter((row) => words.every((word) => textOf(row).includes(word)));
      this.problems = new Map();
      for (const issue of this.issues) {
        for (const index of [issue.row, issue.other]) {
          const row = this.rows[index];
          if (row && issue.severity !== 'info' && !this.problems.has(row)) this.problems.set(row, issue);
        }
      }
      this.empty.hidden = this.rows.length > 0;
      this.count.textContent = this.rows.length > 0 ? t('count', { count: this.rows.length }) : '';
      this.list.setCount(this.shown.length);
      this.showConnected();
      this.showIssues();
      this.showBlocks();
    }

    notation(row) {
      return this.notations?.get(row) ?? { address: '', meta: '' };
    }

    /** How many tags the wired read nodes have that the map has not. */
    showConnected() {
      const known = new Set(this.rows.map(nameOf));
      const missing = this.connected().filter((tag) => !known.has(nameOf(tag)) && !this.formless.has(nameOf(tag))).length;
      this.takeButton.classList.toggle('primary', missing > 0);
      this.takeButton.title = this.t('missing', { count: missing });
    }

    showIssues() {
      const { el } = Iec61850;
      const { t } = this;
      const order = { error: 0, warning: 1, info: 2 };
      const sorted = [...this.issues].sort((a, b) => order[a.severity] - order[b.severity]);
      const by = (severity) => this.issues.filter((issue) => issue.severity === severity).length;
      const lines = sorted.slice(0, MAX_SHOWN_ISSUES).map((issue) =>
        el(
          'li',
          { className: `iec61850-diagnostic iec61850-${issue.severity}` },
          el('a', { href: '#', text: issue.message, on: { click: (event) => this.goTo(event, issue) } }),
        ),
      );
      const left = this.issues.length + this.more - lines.length;
      if (left > 0) lines.push(el('li', { className: 'iec61850-muted', text: t('moreIssues', { count: left }) }));
      const summary = t('issues', { errors: by('error'), warnings: by('warning'), infos: by('info') });
      this.issueBox.hidden = this.issues.length === 0;
      this.issueBox.replaceChildren(
        el('summary', { text: summary, className: by('error') > 0 ? 'iec61850-bad' : '' }),
        el('ul', {}, ...lines),
      );
      this.issueBox.open = by('error') + by('warning') > 0;
    }

    goTo(event, issue) {
      event.preventDefault();
      const row = this.rows[issue.row];
      if (!row) return;
      if (!this.shown.includes(row)) {
        this.filter.value = '';
        this.update();
      }
      const index = this.shown.indexOf(row);
      this.list.activate(index);
      this.list.row(index)?.querySelector('.input-error, input')?.focus();
    }

    showBlocks() {
      const { el, button } = Iec61850;
      const { t } = this;
      const used = new Set(this.rows.map((row) => row.ied));
      this.blockBox.hidden = this.blocks.length === 0;
      this.blockBox.replaceChildren(
        el('summary', { text: t('blocks', { count: this.blocks.length }) }),
        el(
          'ul',
          {},
          ...this.blocks.map((block) =>
            el(
              'li',
              { className: 'iec61850-diagnostic' },
              el('span', { text: t('block', { ied: block.ied, unit: block.unit, start: block.start, end: block.start + block.size - 1 }) }),
              used.has(block.ied)
                ? null
                : button({ icon: 'times', label: t('removeBlock', { ied: block.ied }), className: 'iec61850-plain', onClick: () => this.removeBlock(block) }),
            ),
          ),
        ),
      );
    }

    /** A block of an IED that is gone keeps its addresses until a person gives them back. */
    removeBlock(block) {
      this.blocks = this.blocks.filter((other) => other !== block);
      this.ask('check', {});
    }

    renderRow(index) {
      const { el, button } = Iec61850;
      const row = this.shown[index];
      const issue = this.problems.get(row);
      const wrong = issue && ISSUE_FIELDS[issue.code];
      const cells = COLUMNS.map((name) => {
        const cell = this.renderCell(row, name);
        if (wrong !== name && !(wrong === 'address' && name === 'notation')) return cell;
        cell.classList.add(issue.severity === 'error' ? 'input-error' : 'iec61850-modbus-warning');
        cell.title = issue.message;
        cell.setAttribute('aria-invalid', 'true');
        return cell;
      });
      const remove = button({
        icon: 'times',
        label: this.t('remove', { name: nameOf(row) }),
        className: 'iec61850-plain',
        onClick: () => this.remove(row),
      });
      return el('div', { className: 'iec61850-modbus-row', role: 'listitem', title: row.description || row.reference || '' }, ...cells, remove);
    }

    renderCell(row, name) {
      switch (name) {
        case 'area':
          return this.choice(row, name, AREAS, row.area, (area) => this.setArea(row, area), (area) => this.t(`area.${area}`));
        case 'type': {
          const types = isBitArea(row.area) ? ['Bool'] : REGISTER_TYPES;
          return this.choice(row, name, types, row.type, (type) => this.setType(row, type));
        }
        case 'order':
          if (isOneBit(row.type)) return this.blank();
          return this.choice(row, name, ORDERS, row.order ?? 'ABCD', (order) => this.set(row, { order: order === 'ABCD' ? undefined : order }));
        case 'policy':
          return this.choice(row, name, POLICIES, this.policyOf(row), (policy) => this.set(row, { policy }), (policy) => this.t(`policy.${policy}`));
        case 'part':
          if (row.type === 'Bit') return this.number(row, name, row.bit, (bit) => ({ bit }));
          if (row.type === 'BCD' || row.type === 'Text') return this.number(row, name, row.length, (length) => ({ length }));
          return this.blank();
        case 'scale':
        case 'offset':
          if (isOneBit(row.type) || row.type === 'Text') return this.blank();
          return this.number(row, name, row[name] ?? (name === 'scale' ? 1 : 0), (value) => ({ [name]: value }));
        case 'sentinel':
          return this.policyOf(row) === 'nan' && row.type !== 'Text' ? this.number(row, name, row.sentinel, (sentinel) => ({ sentinel })) : this.blank();
        case 'latch':
          return isOneBit(row.type) ? this.number(row, name, row.latch, (latch) => ({ latch })) : this.blank();
        case 'unit':
        case 'address':
          return this.number(row, name, row[name], (value) => ({ [name]: value }));
        case 'meta':
          return this.metaCell(row);
        case 'notation':
          return this.text(row, name, this.notation(row).address, (text) => this.setNotation(row, text));
        default:
          return this.text(row, name, row[name], (text) => this.set(row, { [name]: text }));
      }
    }

    metaCell(row) {
      const { address } = { address: this.notation(row).meta };
      const cell = this.number(row, 'meta', row.meta, (meta) => ({ meta }));
      if (address) cell.title = `${address} · ${this.t('hint.meta')}`;
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
        'aria-label': `${this.t(`column.${name}`)} ${nameOf(row)}`,
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
        { 'aria-label': `${this.t(`column.${name}`)} ${nameOf(row)}`, on: { change: (event) => onChange(event.target.value) } },
        ...options.map((option) => el('option', { value: option, text: textOf(option), selected: option === value })),
      );
    }

    set(row, values) {
      Object.assign(row, values);
      for (const [name, value] of Object.entries(values)) if (value === undefined) delete row[name];
      // After the event, so that Tab has moved the focus first.
      setTimeout(() => this.list.refresh(this.shown.indexOf(row)), 0);
      this.check();
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
        this.tell(Iec61850.errorBox(error));
        this.list.refresh(this.shown.indexOf(row));
      }
    }

    tell(...elements) {
      this.notice.replaceChildren(...elements);
    }

    /** @param assigned rows to which the running node has given addresses, which they keep */
    async take(tags, assigned) {
      const answer = await this.ask('assign', { tags, assigned });
      if (!answer) return;
      const { el } = Iec61850;
      const lines = [el('div', { className: 'iec61850-muted', text: this.t('taken', { count: answer.added }) })];
      for (const reason of ['type', 'full']) {
        const names = answer.skipped.filter((tag) => tag.reason === reason).map(nameOf);
        if (names.length === 0) continue;
        if (reason === 'type') for (const name of names) this.formless.add(name);
        const listed = names.slice(0, 5).join(', ') + (names.length > 5 ? ' …' : '');
        lines.push(el('div', { className: 'iec61850-doubtful', text: this.t(`skipped.${reason}`, { count: names.length, names: listed }) }));
      }
      this.tell(...lines);
      this.showConnected();
    }

    async takeSeen() {
      try {
        const { tags, map } = await this.seen();
        await this.take(tags, map);
      } catch (error) {
        this.tell(Iec61850.errorBox(error));
      }
    }

    /** New addresses for the rows that overlap others or have none, and only for those. */
    placeWrong() {
      const wrong = this.issues.filter(({ severity, code }) => severity === 'error' && ['OVERLAP', 'META_OVERLAP', 'ADDRESS'].includes(code));
      const indices = [...new Set(wrong.map((issue) => issue.row))];
      if (indices.length === 0) this.tell(Iec61850.el('div', { className: 'iec61850-muted', text: this.t('nothingToPlace') }));
      else this.ask('place', { indices });
    }

    add() {
      this.filter.value = '';
      const { unit } = this.layout();
      this.rows.push({ ied: this.rows.at(-1)?.ied ?? '', tag: '', unit: Number(unit) || 1, area: 'holding', address: null, type: 'Float32' });
      this.update();
      const index = this.rows.length - 1;
      this.list.reveal(index);
      this.list.row(index)?.querySelectorAll('input')[1]?.focus();
      this.check();
    }

    remove(row) {
      this.rows = this.rows.filter((other) => other !== row);
      this.issues = [];
      this.update();
      this.check();
    }

    clear() {
      this.rows = [];
      this.issues = [];
      this.update();
      this.ask('check', {});
    }

    async importCsv(file) {
      const answer = await this.ask('from-csv', { text: await file.text() });
      if (!answer) return;
      const { el } = Iec61850;
      const { problems, moreProblems } = answer;
      const lines = problems
        .slice(0, MAX_SHOWN_ISSUES)
        .map(({ line, column, message }) => el('li', { text: this.t('csvLine', { line, column: column ? ` (${column})` : '', message }) }));
      const left = problems.length + moreProblems - lines.length;
      if (left > 0) lines.push(el('li', { className: 'iec61850-muted', text: this.t('moreIssues', { count: left }) }));
      this.tell(
        el('div', { className: 'iec61850-muted', text: this.t('imported', { count: this.rows.length }) }),
        lines.length > 0 ? el('ul', { className: 'iec61850-bad', role: 'alert' }, ...lines) : '',
      );
    }

    async save(action, extension, type) {
      try {
        const { text } = await Iec61850.api('POST', `modbus-map/${action}`, { rows: this.rows, title: this.title() });
        Iec61850.saveFile(`${this.title()}.${extension}`, text, type);
      } catch (error) {
        this.tell(Iec61850.errorBox(error));
      }
    }
  }
})();
