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

  const MAX_SHOWN_ISSUES = 50;
  const nameOf = ({ ied, tag }) => `${ied}/${tag}`;

  Iec61850.modbusMap = function (options) {
    return new ModbusMap(options);
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
      this.editor = Iec61850.modbusMapRow(this);
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
        render: (index) => this.editor.render(this.shown[index]),
      });
      this.empty = el('div', { className: 'iec61850-empty', text: t('empty') });
      const head = el(
        'div',
        { className: 'iec61850-list-head iec61850-modbus-row' },
        el('span'),
        ...this.editor.columns.map((name) => el('span', { text: t(`column.${name}`), title: t(`hint.${name}`) })),
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
          button({
            icon: 'upload',
            label: t('import'),
            onClick: () => Iec61850.chooseFile('.csv,text/csv', (file) => this.importCsv(file)),
          }),
          button({ icon: 'download', label: t('export'), onClick: () => this.save('to-csv', 'csv', 'text/csv') }),
          button({
            icon: 'print',
            label: t('markdown'),
            onClick: () => this.save('to-markdown', 'md', 'text/markdown'),
          }),
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
        buttons: [
          {
            id: 'iec61850-modbus-done',
            text: RED._('common.label.done'),
            class: 'primary',
            click: () => RED.tray.close(),
          },
        ],
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
      const textOf = (row) =>
        `${row.ied} ${row.tag} ${row.area} ${this.notation(row).address} ${row.description || ''}`.toLowerCase();
      this.shown =
        words.length === 0 ? this.rows : this.rows.filter((row) => words.every((word) => textOf(row).includes(word)));
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

    /** The worst that is known about a row. */
    problemOf(row) {
      return this.problems.get(row);
    }

    /** A row has got another value, or is to be shown as it was. */
    changed(row) {
      // After the event, so that Tab has moved the focus first.
      setTimeout(() => this.list.refresh(this.shown.indexOf(row)), 0);
      this.check();
    }

    /** Both addresses of a row as HMIs show them, as the last check gave them. */
    notation(row) {
      return this.notations?.get(row) ?? { address: '', meta: '' };
    }

    /** How many tags the wired read nodes have that the map has not. */
    showConnected() {
      const known = new Set(this.rows.map(nameOf));
      const missing = this.connected().filter(
        (tag) => !known.has(nameOf(tag)) && !this.formless.has(nameOf(tag)),
      ).length;
      this.takeButton.classList.toggle('primary', missing > 0);
      this.takeButton.title = this.t('missing', { count: missing });
    }

    showIssues() {
      const { el } = Iec61850;
      const { t } = this;
      const order = { error: 0, warning: 1, info: 2 };
      const sorted = [...this.issues].sort((a, b) => order[a.severity] - order[b.severity]);
      const by = (severity) => this.issues.filter((issue) => issue.severity === severity).length;
      const lines = sorted
        .slice(0, MAX_SHOWN_ISSUES)
        .map((issue) =>
          el(
            'li',
            { className: `iec61850-diagnostic iec61850-${issue.severity}` },
            el('a', { href: '#', text: issue.message, on: { click: (event) => this.goTo(event, issue) } }),
          ),
        );
      const left = this.issues.length + this.more - lines.length;
      if (left > 0) lines.push(el('li', { className: 'iec61850-muted', text: t('moreIssues', { count: left }) }));
      const summary = Object.keys(order)
        .filter((severity) => by(severity) > 0)
        .map((severity) => t(`issues.${severity}`, { count: by(severity) }))
        .join(', ');
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
              el('span', {
                text: t('block', {
                  ied: block.ied,
                  unit: block.unit,
                  start: block.start,
                  end: block.start + block.size - 1,
                }),
              }),
              used.has(block.ied)
                ? null
                : button({
                    icon: 'times',
                    label: t('removeBlock', { ied: block.ied }),
                    className: 'iec61850-plain',
                    onClick: () => this.removeBlock(block),
                  }),
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
        lines.push(
          el('div', {
            className: 'iec61850-doubtful',
            text: this.t(`skipped.${reason}`, { count: names.length, names: listed }),
          }),
        );
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
      const wrong = this.issues.filter(
        ({ severity, code }) => severity === 'error' && ['OVERLAP', 'META_OVERLAP', 'ADDRESS'].includes(code),
      );
      const indices = [...new Set(wrong.map((issue) => issue.row))];
      if (indices.length === 0)
        this.tell(Iec61850.el('div', { className: 'iec61850-muted', text: this.t('nothingToPlace') }));
      else this.ask('place', { indices });
    }

    /** Takes a row before or behind another one, with its address when they stand in one area. */
    async move(row, target, after) {
      const before = { rows: this.rows, blocks: this.blocks };
      const [from, to] = [this.rows.indexOf(row), this.rows.indexOf(target)];
      const answer = await this.ask('move', { from, to, after });
      if (!answer) return;
      const now = this.rows.findIndex((one) => nameOf(one) === nameOf(row));
      const addresses = new Map(before.rows.map((one) => [nameOf(one), one.address]));
      const count = this.rows.filter((one) => addresses.get(nameOf(one)) !== one.address).length;
      const { el, button } = Iec61850;
      const undo = () => {
        Object.assign(this, before);
        this.tell();
        this.replace(before.rows);
      };
      this.tell(
        el(
          'div',
          { className: 'iec61850-muted' },
          el('span', { text: `${this.t('moved', { name: nameOf(row), count })} ` }),
          button({ icon: 'undo', text: Iec61850.t('undo'), className: 'red-ui-button-small', onClick: undo }),
        ),
      );
      const index = this.shown.indexOf(this.rows[now]);
      if (index < 0) return;
      this.list.reveal(index);
      this.list.row(index)?.querySelector('.iec61850-modbus-handle')?.focus();
    }

    /** One step up or down among the rows that are shown. */
    moveBy(row, step) {
      const target = this.shown[this.shown.indexOf(row) + step];
      if (target) this.move(row, target, step > 0);
    }

    add() {
      this.filter.value = '';
      const { unit } = this.layout();
      this.rows.push({
        ied: this.rows.at(-1)?.ied ?? '',
        tag: '',
        unit: Number(unit) || 1,
        area: 'holding',
        address: null,
        type: 'Float32',
      });
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
      const removed = this.rows;
      this.replace([]);
      if (removed.length === 0) return;
      this.tell(
        Iec61850.removedNotice(removed.length, () => {
          this.tell();
          this.replace([...removed, ...this.rows]);
        }),
      );
    }

    replace(rows) {
      this.rows = rows;
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
        .map(({ line, column, message }) =>
          el('li', { text: this.t('csvLine', { line, column: column ? ` (${column})` : '', message }) }),
        );
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
