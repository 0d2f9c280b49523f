/**
 * The dialog to choose points, for any node that takes tags: from the live IED or from an SCL file, recommended points
 * first, with search, a tree, names by a template and a probe.
 *
 *   Iec61850.pickPoints({
 *     sources: [Iec61850.liveSource(configNode), Iec61850.sclSource({ sclFile, ied, accessPoint })],
 *     chosen: node.tags,          // tags that are there already
 *     onDone(tags) {},            // all that are chosen when a person presses Done
 *   });
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const CATEGORIES = ['position', 'protection', 'measurement', 'energy', 'alarm', 'status', 'control', 'setting', 'health'];
  const DEFAULT_TEMPLATE = '{ld}.{ln}.{do}';
  const TEMPLATES = [DEFAULT_TEMPLATE, '{ied}.{ld}.{ln}.{do}', '{ld}/{ln}.{do}', '{ln}.{do}', '{ldInst}.{ln}.{do}.{fc}', '{desc}'];
  const MAX_PROBE = 500;
  const POLL_MS = 250;
  const NARROW = 760;

  const keyOf = (tag) => `${tag.reference}[${tag.fc}]`;
  /** Tags as the routes take them: under their references, since two names may be equal while a person edits them. */
  const byReference = (entries) => entries.map(({ tag }) => ({ ...tag, tag: keyOf(tag) }));
  /** The last result, so that opening the dialog again does not browse again. */
  let kept;

  /** A live IED by its config node as it stands in the editor, deployed or not. */
  Iec61850.liveSource = function (config) {
    const { t } = Iec61850;
    if (!config) return { id: 'live', label: t('picker.live'), problem: t('picker.noIed') };
    if (!config.host) return { id: 'live', label: t('picker.live'), problem: t('picker.noAddress') };
    return { id: 'live', label: t('picker.live'), request: Iec61850.iedRequest(config) };
  };

  /** An SCL file, and which of its IEDs. */
  Iec61850.sclSource = function ({ sclFile, ied, accessPoint }) {
    const { t } = Iec61850;
    if (!sclFile || !ied) return { id: 'scl', label: t('picker.scl'), problem: t('picker.noFile') };
    return { id: 'scl', label: t('picker.scl'), request: { source: 'scl', sclFile, ied, accessPoint } };
  };

  /** What the browse route takes for an `iec61850-ied` node: its fields as they stand, and where its password is. */
  Iec61850.iedRequest = function (config) {
    const form = {};
    for (const name of Object.keys(config._def.defaults)) if (name !== 'version') form[name] = config[name];
    const { password, has_password: stored } = config.credentials || {};
    const typed = password && password !== '__PWRD__';
    return {
      source: 'live',
      node: config.id,
      z: config.z,
      form,
      password: typed ? { state: 'typed', value: password } : { state: stored ? 'stored' : 'none' },
    };
  };

  Iec61850.pickPoints = function ({ sources, chosen = [], onDone }) {
    const picker = new Picker(sources, chosen);
    RED.tray.show({
      title: Iec61850.t('picker.title'),
      width: 1180,
      buttons: [
        { id: 'iec61850-picker-cancel', text: RED._('common.label.cancel'), click: () => RED.tray.close() },
        { id: 'iec61850-picker-done', text: RED._('common.label.done'), class: 'primary', click: () => done() },
      ],
      open: (tray) => picker.build(tray.find('.red-ui-tray-body')[0]),
      resize: ({ width }) => picker.root.classList.toggle('iec61850-narrow', width < NARROW),
      close: () => picker.close(),
      focusElement: picker.search,
    });
    let finishing = false;
    async function done() {
      if (finishing || picker.refuseDuplicates()) return;
      finishing = true;
      const tags = await picker.finish();
      RED.tray.close(() => onDone(tags));
    }
    return picker;
  };

  class Picker {
    constructor(sources, chosen) {
      const { el, t } = Iec61850;
      this.sources = sources;
      // By reference and functional constraint, in the order of choosing. `named`: the name was not made by the template.
      this.chosen = new Map(chosen.map((tag) => [keyOf(tag), { tag: { ...tag }, named: true }]));
      this.source = sources.find((source) => source.request) || sources[0];
      this.view = 'recommended';
      this.category = undefined;
      this.search = el('input', {
        type: 'search',
        className: 'iec61850-grow',
        placeholder: t('picker.search'),
        'aria-label': t('picker.search'),
        spellcheck: false,
      });
      this.template = el('input', {
        type: 'text',
        className: 'iec61850-grow iec61850-mono',
        value: DEFAULT_TEMPLATE,
        'aria-label': t('picker.template'),
        title: t('picker.templateHelp'),
        list: 'iec61850-templates',
        spellcheck: false,
      });
      this.closing = new AbortController();
    }

    build(body) {
      const { el, t } = Iec61850;
      body.style.padding = '0';
      this.sourceBar = el('div', { className: 'iec61850-picker-bar', role: 'group', 'aria-label': t('picker.source') });
      this.sourceNotice = el('div', { role: 'status' });
      this.filters = el('div', { className: 'iec61850-filters', role: 'group', 'aria-label': t('picker.filters') });
      this.tree = Iec61850.pointTree({
        fetchRows: async (path) => (await this.get('rows', { path })).rows,
        fetchPoints: (query) =>
          this.get('points', {
            ...query,
            recommended: query.recommended ? '1' : undefined,
            hidden: query.hidden ? '1' : undefined,
          }),
        isChosen: (tag) => this.chosen.has(keyOf(tag)),
        onToggle: (tags, on) => this.toggle(tags, on),
        onError: (error) => this.fail(error),
      });
      this.root = el(
        'div',
        { className: 'iec61850-picker' },
        this.sourceBar,
        this.sourceNotice,
        el(
          'div',
          { className: 'iec61850-picker-panes' },
          this.leftPane(),
          this.rightPane(),
        ),
      );
      body.replaceChildren(this.root);
      this.search.addEventListener('input', Iec61850.debounce(() => this.showPoints(), 150));
      this.template.addEventListener('input', Iec61850.debounce(() => this.rename(), 300));
      this.showChosen();
      this.browse(false);
    }

    leftPane() {
      const { el, t } = Iec61850;
      this.tickShown = Iec61850.button({
        icon: 'check-square-o',
        text: t('picker.tickShown'),
        onClick: () => this.chooseShown(),
      });
      return el(
        'section',
        { className: 'iec61850-picker-pane', 'aria-label': t('picker.points') },
        el('div', { className: 'iec61850-picker-bar' }, this.search, this.tickShown),
        this.filters,
        this.tree.head,
        this.tree.element,
      );
    }

    rightPane() {
      const { el, t } = Iec61850;
      this.count = el('h4', { 'aria-live': 'polite' });
      this.probeButton = Iec61850.button({ icon: 'stethoscope', text: t('picker.probe'), onClick: () => this.probe() });
      this.notice = el('div', { role: 'status' });
      this.list = Iec61850.virtualList({
        label: t('picker.chosen'),
        role: 'list',
        rowHeight: 44,
        render: (index) => this.chosenRow(index),
      });
      this.noneChosen = el('div', { className: 'iec61850-empty', text: t('picker.tickHint') });
      this.list.element.append(this.noneChosen);
      const head = el(
        'div',
        { className: 'iec61850-list-head iec61850-chosen', 'aria-hidden': 'true' },
        el('span', { text: t('picker.tagAndReference') }),
        el('span', { text: t('picker.value') }),
      );
      return el(
        'section',
        { className: 'iec61850-picker-pane', 'aria-label': t('picker.chosen') },
        el(
          'div',
          { className: 'iec61850-picker-bar' },
          this.count,
          el('span', { className: 'iec61850-grow' }),
          this.probeButton,
          Iec61850.button({ icon: 'trash-o', label: t('picker.removeAll'), onClick: () => this.removeAll() }),
        ),
        el(
          'div',
          { className: 'iec61850-picker-bar' },
          el('span', { className: 'iec61850-muted', text: t('picker.template') }),
          this.template,
          el('datalist', { id: 'iec61850-templates' }, ...TEMPLATES.map((value) => el('option', { value }))),
        ),
        this.notice,
        head,
        this.list.element,
      );
    }

    // ---- browse ----------------------------------------------------------------------------------------------------

    /** @param again Also when the last result is still there. */
    async browse(again) {
      const { t } = Iec61850;
      this.round = (this.round || 0) + 1;
      const mine = this.round;
      this.id = undefined;
      this.summary = undefined;
      this.tree.clear('');
      this.sourceNotice.replaceChildren();
      this.filters.replaceChildren();
      this.showSource();
      if (!this.source.request) {
        this.tree.clear(this.source.problem);
        return;
      }
      const key = JSON.stringify(this.source.request);
      try {
        let progress = again || kept?.key !== key ? undefined : await this.keptResult();
        progress ??= await Iec61850.api('POST', 'browse', this.source.request);
        this.id = progress.id;
        while (mine === this.round && progress.state === 'running') {
          this.showSource(progress);
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
          if (mine === this.round) progress = await Iec61850.api('GET', `browse/${progress.id}`);
        }
        if (mine !== this.round) return;
        if (progress.state === 'failed') throw progress.error;
        kept = { key, id: progress.id };
        this.summary = progress.summary;
        this.showSource(progress);
        this.showFilters();
        this.showPoints();
      } catch (error) {
        if (mine !== this.round) return;
        this.id = undefined;
        this.showSource();
        this.tree.clear(t('picker.failed'));
        this.fail(error, this.sourceNotice);
      }
    }

    keptResult() {
      return Iec61850.api('GET', `browse/${kept.id}`).then(
        (progress) => (progress.state === 'done' ? progress : undefined),
        () => undefined,
      );
    }

    cancelBrowse() {
      this.round++;
      if (this.id) Iec61850.api('DELETE', `browse/${this.id}`).catch(() => undefined);
      this.id = undefined;
      this.showSource();
      this.tree.clear(Iec61850.t('picker.cancelled'));
    }

    get(path, query) {
      const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
      return Iec61850.api('GET', `browse/${this.id}/${path}?${new URLSearchParams(known)}`, undefined, {
        signal: this.closing.signal,
      });
    }

    showSource(progress) {
      const { el, t } = Iec61850;
      const choices = this.sources.map((source) =>
        el(
          'label',
          { className: 'iec61850-check', title: source.problem },
          el('input', {
            type: 'radio',
            name: 'iec61850-source',
            checked: source === this.source,
            disabled: !source.request,
            on: {
              change: () => {
                this.source = source;
                this.browse(false);
              },
            },
          }),
          el('span', { text: source.label }),
        ),
      );
      const running = progress?.state === 'running';
      const state = running
        ? [
            el('progress', progress.total > 0 ? { max: progress.total, value: progress.done } : {}),
            el('span', { className: 'iec61850-muted', text: t('picker.browsing', { done: progress.done, total: progress.total || '?' }) }),
            Iec61850.button({ text: RED._('common.label.cancel'), onClick: () => this.cancelBrowse() }),
          ]
        : [
            progress?.summary ? el('span', { className: 'iec61850-muted', text: this.about(progress.summary) }) : null,
            el('span', { className: 'iec61850-grow' }),
            this.source.request
              ? Iec61850.button({ icon: 'refresh', text: t('picker.browseAgain'), onClick: () => this.browse(true) })
              : null,
          ];
      this.sourceBar.replaceChildren(...(this.sources.length > 1 ? choices : []), ...state.filter(Boolean));
    }

    about({ ied, logicalDevices, points, via }) {
      const { t } = Iec61850;
      return [ied, t('picker.devices', { count: logicalDevices }), t('picker.pointCount', { count: points }), t(`picker.via.${via}`)]
        .filter(Boolean)
        .join(' · ');
    }

    // ---- what is shown on the left ---------------------------------------------------------------------------------

    showFilters() {
      const { el, t } = Iec61850;
      const { categories, recommended, points } = this.summary;
      const filter = (view, category, text) =>
        el('button', {
          type: 'button',
          text,
          'aria-pressed': String(this.view === view && this.category === category),
          on: {
            click: () => {
              Object.assign(this, { view, category });
              this.showFilters();
              this.showPoints();
            },
          },
        });
      this.filters.replaceChildren(
        filter('recommended', undefined, `${t('picker.recommended')} ${recommended}`),
        ...CATEGORIES.filter((category) => categories[category] > 0).map((category) =>
          filter('category', category, `${t(`category.${category}`)} ${categories[category]}`),
        ),
        filter('all', undefined, `${t('picker.all')} ${points}`),
        filter('tree', undefined, t('picker.tree')),
      );
    }

    showPoints() {
      if (!this.id || !this.summary) return;
      const text = this.search.value.trim();
      const tree = this.view === 'tree' && text === '';
      this.tickShown.hidden = tree;
      if (tree) this.tree.showTree();
      else this.tree.showList(this.query(text));
    }

    /** A search in the tree looks at everything, single attributes included. */
    query(text) {
      return {
        text,
        category: this.category,
        recommended: this.view === 'recommended' && text === '',
        hidden: this.view === 'tree',
      };
    }

    async chooseShown() {
      const query = this.query(this.search.value.trim());
      try {
        for (let offset = 0, total = 1; offset < total; ) {
          const page = await this.get('points', {
            ...query,
            recommended: query.recommended ? '1' : undefined,
            hidden: query.hidden ? '1' : undefined,
            offset,
          });
          this.toggle(page.rows.map(({ tag }) => tag), true);
          total = page.total;
          offset += Math.max(1, page.rows.length);
        }
      } catch (error) {
        this.fail(error);
      }
    }

    // ---- what was chosen -------------------------------------------------------------------------------------------

    toggle(tags, on) {
      const names = new Set([...this.chosen.values()].map(({ tag }) => tag.tag));
      const added = [];
      for (const tag of tags) {
        const key = keyOf(tag);
        if (!on) this.chosen.delete(key);
        else if (!this.chosen.has(key)) {
          let name = tag.tag;
          for (let n = 2; names.has(name); n++) name = `${tag.tag}_${n}`;
          names.add(name);
          this.chosen.set(key, { tag: { ...tag, tag: name }, named: false });
          added.push(key);
        }
      }
      if (added.length > 0 && this.template.value.trim() !== DEFAULT_TEMPLATE) this.rename();
      this.showChosen();
      this.tree.refresh();
    }

    removeAll() {
      this.chosen.clear();
      this.showChosen();
      this.tree.refresh();
    }

    showChosen() {
      const { t } = Iec61850;
      this.entries = [...this.chosen.values()];
      this.names = new Map();
      for (const { tag } of this.entries) this.names.set(tag.tag, (this.names.get(tag.tag) || 0) + 1);
      this.count.textContent = t('picker.chosenCount', { count: this.entries.length });
      this.probeButton.disabled = this.entries.length === 0;
      this.noneChosen.hidden = this.entries.length > 0;
      this.list.setCount(this.entries.length);
    }

    chosenRow(index) {
      const { el, t } = Iec61850;
      const entry = this.entries[index];
      const { tag } = entry;
      const duplicate = this.names.get(tag.tag) > 1;
      const name = el('input', {
        type: 'text',
        value: tag.tag,
        'aria-label': t('picker.tag'),
        'aria-invalid': String(duplicate || tag.tag === ''),
        title: duplicate ? t('tags.duplicate', { name: tag.tag }) : tag.tag,
        className: duplicate || tag.tag === '' ? 'input-error' : '',
        spellcheck: false,
        on: {
          change: () => {
            entry.tag.tag = name.value.trim();
            entry.named = true;
            this.showChosen();
          },
        },
      });
      return el(
        'div',
        { className: 'iec61850-chosen', role: 'listitem' },
        el(
          'span',
          { className: 'iec61850-two-lines' },
          name,
          el('span', { className: 'iec61850-mono iec61850-muted', text: keyOf(tag), title: keyOf(tag) }),
        ),
        probeCell(entry.probe),
        Iec61850.button({
          icon: 'times',
          label: t('picker.remove', { name: tag.tag }),
          className: 'iec61850-plain',
          onClick: () => this.toggle([tag], false),
        }),
      );
    }

    /** Names of this dialog's own points by the template; those that were there before, or written by hand, stay. */
    async rename() {
      const entries = [...this.chosen.values()].filter((entry) => !entry.named);
      if (entries.length === 0 || !this.id) return;
      const taken = [...this.chosen.values()].filter((entry) => entry.named).map(({ tag }) => tag.tag);
      const template = this.template.value.trim() || DEFAULT_TEMPLATE;
      try {
        const { tags } = await Iec61850.api('POST', `browse/${this.id}/names`, {
          template,
          taken,
          tags: byReference(entries),
        });
        tags.forEach((tag, i) => (entries[i].tag.tag = tag.tag));
        this.template.classList.remove('input-error');
        this.notice.replaceChildren();
        this.showChosen();
      } catch (error) {
        this.template.classList.add('input-error');
        this.fail(error);
      }
    }

    /** Reads what is chosen once, and shows value, quality and time, or the reason why there is none. */
    async probe() {
      const { t } = Iec61850;
      if (!this.id || !this.summary) return;
      if (!this.summary.canProbe) {
        this.fail({ message: t('picker.probeNeedsIed'), hint: '' });
        return;
      }
      const entries = this.entries.slice(0, MAX_PROBE);
      this.notice.replaceChildren(
        ...(this.entries.length > MAX_PROBE ? [Iec61850.el('span', { className: 'iec61850-muted', text: t('picker.probeFirst', { count: MAX_PROBE }) })] : []),
      );
      this.probeButton.disabled = true;
      for (const entry of entries) entry.probe = { busy: true };
      this.list.refresh();
      try {
        const { results } = await Iec61850.api('POST', `browse/${this.id}/probe`, { tags: byReference(entries) });
        const found = new Map(results.map((result) => [keyOf(result), result]));
        for (const entry of entries) entry.probe = found.get(keyOf(entry.tag));
      } catch (error) {
        for (const entry of entries) entry.probe = undefined;
        this.fail(error);
      }
      this.probeButton.disabled = false;
      this.list.refresh();
    }

    fail(error, place = this.notice) {
      if (error.code === 'ABORTED') return;
      place.replaceChildren(Iec61850.errorBox(error));
    }

    /** Shows the first tag whose name stands twice or is empty; whether there is one. */
    refuseDuplicates() {
      const { t } = Iec61850;
      const index = this.entries.findIndex(({ tag }) => tag.tag === '' || this.names.get(tag.tag) > 1);
      if (index < 0) return false;
      const { tag } = this.entries[index].tag;
      this.fail({ message: tag === '' ? t('tags.unnamed') : t('tags.duplicate', { name: tag }), hint: t('tags.rename') });
      this.list.reveal(index);
      this.list.row(index)?.querySelector('input')?.focus();
      return true;
    }

    /** The chosen tags, with units that only the live IED knows. */
    async finish() {
      const tags = this.entries.map(({ tag }) => tag);
      const fresh = this.entries.filter(({ tag }) => !tag.unit);
      if (!this.id || !this.summary || fresh.length === 0) return tags;
      const answer = await Iec61850.api('POST', `browse/${this.id}/complete`, { tags: byReference(fresh) }).catch(() => ({ tags: [] }));
      const units = new Map(answer.tags.map((tag) => [keyOf(tag), tag.unit]));
      return tags.map((tag) => (tag.unit || !units.get(keyOf(tag)) ? tag : { ...tag, unit: units.get(keyOf(tag)) }));
    }

    close() {
      if (this.id && !this.summary) this.cancelBrowse();
      this.round++;
      this.closing.abort();
    }
  }

  function probeCell(probe) {
    const { el, t } = Iec61850;
    if (!probe) return el('span');
    if (probe.busy) return el('span', {}, el('i', { className: 'fa fa-spinner fa-spin', 'aria-label': t('picker.probing') }));
    const { value, error } = probe;
    const failure = error || value?.error;
    if (failure || !value) {
      const text = failure ? failure.message : t('picker.noAnswer');
      return el('span', { className: 'iec61850-bad iec61850-wrap', text, title: [text, failure?.hint].filter(Boolean).join('. ') });
    }
    const validity = value.quality?.validity;
    const tone = validity === 'good' ? 'iec61850-good' : validity ? 'iec61850-doubtful' : 'iec61850-muted';
    const shown = value.text || (value.value === null ? t('picker.noValue') : String(value.value));
    const time = value.timestamp ? value.timestamp.replace('T', ' ').replace('Z', ' UTC') : t('picker.noTime');
    const clock = value.timestamp ? value.timestamp.slice(11, 23) : time;
    const quality = value.quality?.text ?? t('picker.noQuality');
    return el(
      'span',
      { className: 'iec61850-two-lines', title: `${shown}\n${quality}\n${time}\n${value.type}` },
      el('span', {}, el('strong', { text: shown }), el('span', { className: 'iec61850-muted', text: ` ${value.type}` })),
      el('span', {}, el('span', { className: tone, text: quality }), el('span', { className: 'iec61850-muted', text: ` ${clock}` })),
    );
  }
})();
