/**
 * Panel of the sidebar: a project, which is flows with the SCL files and maps that they work with, out as one file and in
 * again. What is exported is what the editor shows, deployed or not; what comes in goes through Node-RED's own import.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const MODULE = '@substation/node-red-iec61850';
  const PANEL = 'project';
  const EXTENSION = '.iec61850.json';
  /** What Node-RED itself brings without a type of its own. */
  const BUILT_IN = /^(tab|subflow|group|junction|global-config)$|^subflow:/;
  /** As admin routes take it: no web page elsewhere can send it unasked. */
  const octets = (text) => new Blob([text], { type: 'application/octet-stream' });

  const t = (key, values) => Iec61850.t(`project.${key}`, { interpolation: { escapeValue: false }, ...values });
  const isOurs = (node) => RED.nodes.getType(node.type)?.set?.module === MODULE;

  /** The flows of the editor, each with how many of our nodes it has. */
  function tabs() {
    const found = [];
    RED.nodes.eachWorkspace((tab) => {
      found.push({
        id: tab.id,
        label: tab.label || tab.id,
        ours: RED.nodes.filterNodes({ z: tab.id }).filter(isOurs).length,
      });
    });
    return found;
  }

  /** What Node-RED exports of some tabs: their nodes, and the subflows and configuration nodes that these use. */
  function nodesOf(ids) {
    const nodes = ids.flatMap((id) => [
      RED.nodes.workspace(id),
      ...RED.nodes.groups(id),
      ...RED.nodes.junctions(id),
      ...RED.nodes.filterNodes({ z: id }),
    ]);
    RED.nodes.eachConfig((node) => {
      if (ids.includes(node.z)) nodes.push(node);
    });
    return RED.nodes.createExportableNodeSet(nodes);
  }

  const everything = () => RED.nodes.createCompleteNodeSet({ credentials: false });

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: PANEL,
    icon: 'archive',
    order: 70,
    title: () => t('title'),
    open(element, { argument } = {}) {
      const closing = new window.AbortController();
      const importing = importSection(closing.signal);
      element.append(
        Iec61850.el('div', { className: 'iec61850-project' }, exportSection(closing.signal), importing.element),
      );
      if (argument === 'import') importing.focus();
      return () => closing.abort();
    },
  });

  for (const which of ['export', 'import']) {
    RED.actions.add(`iec61850:${which}-project`, () => Iec61850.showSidebar(PANEL, which), {
      label: `@substation/node-red-iec61850/iec61850-ied:shared.project.action.${which}`,
    });
  }

  // ---- out -----------------------------------------------------------------------------------------------------------

  function exportSection(signal) {
    const { el, button } = Iec61850;
    const list = tabs();
    const boxes = list.map((tab) => ({
      tab,
      box: el('input', { type: 'checkbox', checked: tab.ours > 0, on: { change: update } }),
    }));
    const all = el('input', { type: 'checkbox', on: { change: update } });
    const name = el('input', {
      type: 'text',
      maxLength: 100,
      value: list.find(({ ours }) => ours > 0)?.label ?? list[0]?.label ?? 'project',
      'aria-label': t('name'),
    });
    const save = button({ icon: 'download', text: t('export'), onClick: write });
    const state = el('div', { role: 'status' });
    update();

    function chosen() {
      return boxes.filter(({ box }) => box.checked).map(({ tab }) => tab.id);
    }

    function update() {
      for (const { box } of boxes) box.disabled = all.checked;
      save.disabled = !all.checked && chosen().length === 0;
    }

    async function write() {
      const title = name.value.trim() || 'project';
      save.disabled = true;
      state.replaceChildren(el('i', { className: 'fa fa-spinner fa-spin', 'aria-label': t('working') }));
      try {
        const flows = all.checked ? everything() : nodesOf(chosen());
        const way = `project/export?name=${encodeURIComponent(title)}`;
        const answer = await Iec61850.upload(way, octets(JSON.stringify(flows)), undefined, { signal });
        const file = `${title.replace(/[^\p{L}\p{N}._-]+/gu, '_')}${EXTENSION}`;
        Iec61850.saveFile(file, answer.text, 'application/json');
        state.replaceChildren(
          el('div', {
            className: 'iec61850-good',
            text: t('exported', { file, nodes: flows.length, files: answer.files.length }),
          }),
          ...leftOut(answer.leftOut),
        );
      } catch (error) {
        if (error.code !== 'ABORTED') state.replaceChildren(Iec61850.errorBox(error));
      }
      update();
    }

    function leftOut(files) {
      if (files.length === 0) return [];
      return [
        el('div', { className: 'iec61850-doubtful', text: t('leftOut') }),
        el(
          'ul',
          {},
          ...files.map(({ node, file, reason, problem }) =>
            el('li', { text: `${file} (${node}): ${t(`reason.${reason}`)}`, title: problem }),
          ),
        ),
      ];
    }

    return el(
      'section',
      { 'aria-label': t('export') },
      el('h4', { text: t('out') }),
      el('p', { className: 'iec61850-muted', text: t('aboutOut') }),
      el('label', { className: 'iec61850-project-name' }, el('span', { text: t('name') }), name),
      el(
        'div',
        { className: 'iec61850-project-list' },
        ...boxes.map(({ tab, box }) =>
          el(
            'label',
            { className: 'iec61850-check' },
            box,
            el('span', { text: tab.label }),
            el('span', { className: 'iec61850-muted', text: t('ours', { count: tab.ours }) }),
          ),
        ),
        el('label', { className: 'iec61850-check' }, all, el('span', { text: t('everything') })),
      ),
      save,
      state,
    );
  }

  // ---- in ------------------------------------------------------------------------------------------------------------

  function importSection(signal) {
    const { el, button, errorBox } = Iec61850;
    const state = el('div', { role: 'status' });
    const choose = button({
      icon: 'upload',
      text: t('import'),
      onClick: () => Iec61850.chooseFile('.json,application/json', inspect),
    });
    const element = el(
      'section',
      { 'aria-label': t('import') },
      el('h4', { text: t('in') }),
      el('p', { className: 'iec61850-muted', text: t('aboutIn') }),
      choose,
      state,
    );
    element.addEventListener('dragover', (event) => event.preventDefault());
    element.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) void inspect(event.dataTransfer.files[0]);
    });

    async function inspect(file) {
      state.replaceChildren(el('i', { className: 'fa fa-spinner fa-spin', 'aria-label': t('working') }));
      try {
        showPreview(await Iec61850.upload('project/inspect', octets(await file.text()), undefined, { signal }));
      } catch (error) {
        if (error.code !== 'ABORTED') state.replaceChildren(errorBox(error));
      }
    }

    function showPreview({ id, name, created, tabs: labels, types, files }) {
      const count = Object.values(types).reduce((sum, one) => sum + one, 0);
      const unknown = Object.keys(types).filter((type) => !BUILT_IN.test(type) && !RED.nodes.getType(type));
      const overwrite = new Map();
      const go = button({ icon: 'check', text: t('go'), className: 'primary', onClick: () => void apply() });
      const line = (className, text) => el('div', { className, text });
      state.replaceChildren(
        el('h5', { text: name }),
        line('iec61850-muted', t('made', { time: created.slice(0, 16).replace('T', ' ') })),
        line('', t('holds', { nodes: count, files: files.length })),
        ...(labels.length > 0 ? [line('', t('tabs', { names: labels.join(', ') }))] : []),
        ...(unknown.length > 0 ? [line('iec61850-doubtful', t('unknown', { types: unknown.join(', ') }))] : []),
        el('ul', {}, ...files.map((file) => fileLine(file, overwrite))),
        el(
          'div',
          { className: 'iec61850-project-go' },
          go,
          button({
            text: RED._('common.label.cancel'),
            onClick() {
              state.replaceChildren();
              Iec61850.api('DELETE', `project/${id}`).catch(() => undefined);
            },
          }),
        ),
      );

      async function apply() {
        go.disabled = true;
        const paths = [...overwrite].filter(([, box]) => box.checked).map(([path]) => path);
        try {
          const answer = await Iec61850.api('POST', `project/${id}/apply`, { overwrite: paths }, { signal });
          showResult(answer.files);
          offerFlows(answer.flows);
        } catch (error) {
          if (error.code !== 'ABORTED') state.replaceChildren(errorBox(error));
        }
      }
    }

    /** One that stands here already and is another one is overwritten only when a person ticks it. */
    function fileLine({ name, path, state: found, problem }, overwrite) {
      const text = el('span', { text: `${path ?? name}: ${t(`state.${found}`)}`, title: problem });
      if (found === 'refused') {
        return el('li', { className: 'iec61850-bad' }, text, el('span', { text: ` ${problem}` }));
      }
      if (found !== 'different') return el('li', {}, text);
      const box = el('input', { type: 'checkbox' });
      overwrite.set(path, box);
      return el(
        'li',
        { className: 'iec61850-doubtful' },
        text,
        el('label', { className: 'iec61850-check' }, box, el('span', { text: t('overwrite') })),
      );
    }

    function showResult(files) {
      state.replaceChildren(
        el('div', { text: t('filesDone') }),
        el(
          'ul',
          {},
          ...files.map(({ name, path, result, problem }) =>
            el('li', {
              className: result === 'failed' ? 'iec61850-bad' : '',
              text: `${path ?? name}: ${t(`result.${result}`)}${problem ? ` ${problem}` : ''}`,
            }),
          ),
        ),
        el('div', { className: 'iec61850-muted', text: t('then') }),
      );
    }

    return { element, focus: () => choose.focus() };
  }

  /** Node-RED's own dialog: it knows what is there already, and asks about copies. */
  function offerFlows(flows) {
    if (flows.length === 0) return;
    RED.clipboard.import();
    $('#red-ui-clipboard-dialog-import-text')
      .val(JSON.stringify(flows, undefined, 1))
      .trigger('keyup');
  }
})();
