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
  const CATEGORIES = [
    'position',
    'protection',
    'measurement',
    'energy',
    'alarm',
    'status',
    'control',
    'setting',
    'health',
  ];
  /** Files are read in a blink, IEDs in seconds. */
  const FIRST_POLL_MS = 30;
  const MAX_POLL_MS = 300;
  const NARROW = 760;

  /** The last result, so that opening the dialog again does not browse again. */
  let kept;

  Iec61850.pickPoints = function ({ sources, chosen = [], onDone }) {
    const picker = new Picker(sources, chosen);
    RED.tray.show({
      title: Iec61850.t('picker.title'),
      width: 1180,
      // Over the form: else Node-RED slides that out first, and the dialog would come a quarter of a second later.
      overlay: true,
      buttons: [
        { id: 'iec61850-picker-cancel', text: RED._('common.label.cancel'), click: () => RED.tray.close() },
        { id: 'iec61850-picker-done', text: RED._('common.label.done'), class: 'primary', click: () => done() },
      ],
      open: (tray) => picker.build(tray.find('.red-ui-tray-body')[0]),
      resize: ({ width }) => picker.fit(width),
      close: () => picker.close(),
      focusElement: picker.search,
    });
    let finishing = false;
    async function done() {
      if (finishing) return;
      finishing = true;
      // All that were ticked at once come page by page.
      await picker.ticking;
      finishing = !picker.chosen.refuse();
      if (!finishing) return;
      const tags = await picker.chosen.finish();
      RED.tray.close(() => onDone(tags));
    }
    return picker;
  };

  class Picker {
    constructor(sources, chosen) {
      const { el, t } = Iec61850;
      this.sources = sources;
      this.chosen = Iec61850.chosenPoints({
        chosen,
        ask: (path, body) =>
          this.id && this.summary
            ? Iec61850.api('POST', `browse/${this.id}/${path}`, body)
            : Promise.resolve(undefined),
        canProbe: () => this.summary?.canProbe === true,
        onChange: () => this.tree.refresh(),
      });
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
      this.closing = new window.AbortController();
      // While the dialog still slides in.
      this.begun = this.source.request ? this.begin(false) : undefined;
      this.begun?.catch(() => undefined);
    }

    build(body) {
      const { el, t } = Iec61850;
      body.style.padding = '0';
      this.sourceBar = el('div', { className: 'iec61850-picker-bar', role: 'group', 'aria-label': t('picker.source') });
      this.notice = el('div', { role: 'status' });
      this.filters = el('div', { className: 'iec61850-filters', role: 'group', 'aria-label': t('picker.filters') });
      this.tree = Iec61850.pointTree({
        fetchRows: async (path) => (await this.get('rows', { path })).rows,
        fetchPoints: (query) =>
          this.get('points', {
            ...query,
            recommended: query.recommended ? '1' : undefined,
            hidden: query.hidden ? '1' : undefined,
          }),
        isChosen: (tag) => this.chosen.has(tag),
        onToggle: (tags, on) => this.chosen.toggle(tags, on),
        onError: (error) => this.fail(error),
        readValues: async (tags) => {
          const asked = tags.map((tag) => ({ ...tag, tag: `${tag.reference}[${tag.fc}]` }));
          return (await Iec61850.api('POST', `browse/${this.id}/probe`, { tags: asked })).results;
        },
        // One association for each reading is too much for an IED with five of them.
        repeats: () => this.summary?.via === 'association',
      });
      this.root = el(
        'div',
        { className: 'iec61850-picker' },
        this.sourceBar,
        this.notice,
        el('div', { className: 'iec61850-picker-panes' }, this.leftPane(), this.chosen.element),
      );
      body.replaceChildren(this.root);
      this.search.addEventListener(
        'input',
        Iec61850.debounce(() => {
          // A filter that was pressed meanwhile has shown them: a tree that a person begins to unfold is not built anew.
          if (this.search.value.trim() !== this.shownText) this.showPoints();
        }, 150),
      );
      this.browse(false);
    }

    /** The tray gives its body the width that it would like to have; a small window has less. */
    fit(width) {
      this.root.parentElement.style.minWidth = '0';
      this.root.classList.toggle('iec61850-narrow', width < NARROW);
    }

    leftPane() {
      const { el, t } = Iec61850;
      this.tickShown = Iec61850.button({
        icon: 'check-square-o',
        text: t('picker.tickShown'),
        onClick: () => (this.ticking = this.chooseShown()),
      });
      this.valuesButton = Iec61850.button({
        icon: 'heartbeat',
        text: t('picker.liveValues'),
        label: t('picker.liveValuesHelp'),
        onClick: () => this.showValues(!this.live),
      });
      this.valuesButton.hidden = true;
      return el(
        'section',
        { className: 'iec61850-picker-pane', 'aria-label': t('picker.points') },
        el('div', { className: 'iec61850-picker-bar' }, this.search, this.valuesButton, this.tickShown),
        this.filters,
        this.tree.head,
        this.tree.element,
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
      this.tree.showValues(false);
      this.valuesButton.hidden = true;
      this.notice.replaceChildren();
      this.filters.replaceChildren();
      this.showSource();
      if (!this.source.request) {
        this.tree.clear(this.source.problem);
        return;
      }
      const key = JSON.stringify(this.source.request);
      const begun = again ? undefined : this.begun;
      this.begun = undefined;
      try {
        let progress = await (begun ?? this.begin(again));
        this.id = progress.id;
        let wait = FIRST_POLL_MS;
        while (mine === this.round && progress.state === 'running') {
          this.showSource(progress);
          await pause(wait);
          wait = Math.min(MAX_POLL_MS, wait * 1.5);
          if (mine === this.round) progress = await Iec61850.api('GET', `browse/${progress.id}`);
        }
        if (mine !== this.round) return;
        if (progress.state === 'failed') throw progress.error;
        kept = { key, id: progress.id };
        this.summary = progress.summary;
        this.showSource(progress);
        this.showFilters();
        this.showPoints();
        this.showValues(this.live === true);
      } catch (error) {
        if (mine !== this.round) return;
        this.id = undefined;
        this.showSource();
        const file = this.sources.some((source) => source.id === 'scl' && source !== this.source && source.request);
        this.tree.clear(t(file ? 'picker.failedLive' : 'picker.failed'));
        this.fail(error);
      }
    }

    /** Where the browse of the source stands: one that is kept, or a new one. */
    async begin(again) {
      const { request } = this.source;
      const known = !again && kept?.key === JSON.stringify(request) ? await this.keptResult() : undefined;
      return known ?? Iec61850.api('POST', 'browse', request);
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
      return Iec61850.api('GET', `browse/${this.id}/${path}?${new window.URLSearchParams(known)}`, undefined, {
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
            el('span', {
              className: 'iec61850-muted',
              text: t('picker.browsing', { done: progress.done, total: progress.total || '?' }),
            }),
            Iec61850.button({ text: RED._('common.label.cancel'), onClick: () => this.cancelBrowse() }),
          ]
        : [
            el('span', {
              className: 'iec61850-muted iec61850-about',
              text: progress?.summary ? this.about(progress.summary) : '',
              title: progress?.summary ? this.about(progress.summary) : '',
            }),
            this.source.request
              ? Iec61850.button({ icon: 'refresh', text: t('picker.browseAgain'), onClick: () => this.browse(true) })
              : null,
          ];
      this.sourceBar.replaceChildren(...(this.sources.length > 1 ? choices : []), ...state.filter(Boolean));
    }

    about({ ied, logicalDevices, points, via }) {
      const { t } = Iec61850;
      return [
        ied,
        t('picker.devices', { count: logicalDevices }),
        t('picker.pointCount', { count: points }),
        t(`picker.via.${via}`),
      ]
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
      this.shownText = text;
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
        for (let offset = 0, total = 1; offset < total;) {
          const page = await this.get('points', {
            ...query,
            recommended: query.recommended ? '1' : undefined,
            hidden: query.hidden ? '1' : undefined,
            offset,
          });
          this.chosen.toggle(
            page.rows.map(({ tag }) => tag),
            true,
          );
          total = page.total;
          offset += Math.max(1, page.rows.length);
        }
      } catch (error) {
        this.fail(error);
      }
    }

    /** A file has none. */
    showValues(on) {
      this.live = on;
      this.valuesButton.hidden = this.summary?.canProbe !== true;
      this.valuesButton.setAttribute('aria-pressed', String(on));
      this.valuesButton.classList.toggle('selected', on);
      this.tree.showValues(on && this.summary?.canProbe === true);
    }

    fail(error) {
      if (error.code !== 'ABORTED') this.notice.replaceChildren(Iec61850.errorBox(error));
    }

    close() {
      if (this.id && !this.summary) this.cancelBrowse();
      this.round++;
      this.tree.showValues(false);
      this.closing.abort();
    }
  }

  const pause = (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
})();
