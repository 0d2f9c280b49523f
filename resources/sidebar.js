/**
 * The sidebar "IEC 61850": a tab of the editor with one panel at a time. A panel is anything that stands in
 *
 *   (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
 *     id: 'trace', icon: 'list-alt', order: 50,           // an icon of Font Awesome 4, and its place among the others
 *     title: () => 'MMS trace',
 *     open(element, context) { …; return function close() {} },
 *   });
 *
 * before or after this script. `open` is called each time the panel comes into view, with an empty element that has the
 * height of the sidebar, and what it returned when the panel goes out of view: another panel or tab was chosen, the
 * sidebar was closed, or the browser's tab went to the background. Whatever a panel keeps in between it keeps itself.
 *
 *   context.every(ms, action)   calls `action` now and again `ms` after it has finished, while the panel is open; what it
 *                               throws is shown above the panel until a call succeeds. Gives a function that calls now.
 *   context.signal              an AbortSignal of the panel's end, for Iec61850.api
 *   context.showError(error)    shows an error as Iec61850.api gives it above the panel; without one, takes it away
 *   context.reveal(id)          shows a node on the canvas, or a configuration node in its form
 *   context.argument            what `Iec61850.showSidebar(panelId, argument)` was called with, once
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const TAB = 'iec61850';
  const LAST_PANEL = 'iec61850-sidebar-panel';
  const CATALOG = '@substation/node-red-iec61850/iec61850-sidebar:';
  const KEYS = 'ctrl-g s';
  const panels = (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []);

  /** A text of the sidebar's own catalogue. */
  Iec61850.sidebarText = (key, values) => RED._(CATALOG + key, values);

  let sidebar;

  /** Adds the tab to the editor; for the plugin, once all of its scripts are there. */
  Iec61850.startSidebar = function () {
    if (sidebar) return;
    sidebar = createSidebar();
    panels.push = function (...added) {
      const length = Array.prototype.push.apply(panels, added);
      sidebar.panelsChanged();
      return length;
    };
    RED.actions.add('iec61850:show-sidebar', () => Iec61850.showSidebar(), { label: `${CATALOG}action` });
    RED.keyboard.add('*', KEYS, 'iec61850:show-sidebar');
    RED.sidebar.addTab({
      id: TAB,
      label: 'IEC 61850',
      name: 'IEC 61850',
      iconClass: 'fa fa-sitemap',
      content: sidebar.element,
      enableOnEdit: true,
      action: 'iec61850:show-sidebar',
    });
  };

  /** Shows the sidebar, and one of its panels. @param argument for the panel's `context.argument` */
  Iec61850.showSidebar = function (panelId, argument) {
    RED.sidebar.show(TAB);
    if (panelId) sidebar.choose(panelId, argument);
    sidebar.focus();
  };

  function reveal(id) {
    const node = RED.nodes.node(id);
    if (!node) return;
    if (node._def?.category === 'config') RED.editor.editConfig('', node.type, id);
    else RED.view.reveal(id);
  }

  function createSidebar() {
    const { el, icon } = Iec61850;
    const nav = el('div', { className: 'iec61850-sb-nav', role: 'tablist' });
    const problem = el('div', { className: 'iec61850-sb-problem' });
    const body = el('div', { className: 'iec61850-sb-body', role: 'tabpanel', tabIndex: -1 });
    const element = el('div', { className: 'iec61850-sb' }, nav, problem, body);
    let chosen = RED.settings.getLocal(LAST_PANEL);
    let argument;
    let visible = false;
    let opened;

    nav.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const buttons = [...nav.children];
      const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
      choose(next.dataset.panel);
      nav.querySelector('[aria-selected="true"]')?.focus();
      event.preventDefault();
    });
    const watch = () => setVisible(element.offsetParent !== null && !document.hidden);
    // Node-RED tells a tab when it comes, and not when it goes.
    new window.IntersectionObserver(watch).observe(element);
    document.addEventListener('visibilitychange', watch);

    function current() {
      return panels.find(({ id }) => id === chosen) ?? sorted()[0];
    }

    function sorted() {
      return [...panels].sort((a, b) => (a.order ?? 100) - (b.order ?? 100));
    }

    function setVisible(now) {
      if (now === visible) return;
      visible = now;
      if (visible) whenTextsAreThere(show);
      else close();
    }

    // Plugins are loaded before the nodes, whose catalogue has the texts that all of our editor parts share.
    function whenTextsAreThere(action) {
      if (RED.nodes.getType('iec61850-ied')) action();
      else
        RED.events.on(
          'registry:node-type-added',
          () => visible && !opened && RED.nodes.getType('iec61850-ied') && action(),
        );
    }

    function show() {
      drawNav();
      const panel = current();
      if (!visible || !panel || opened?.panel === panel) return;
      close();
      opened = openPanel(panel);
    }

    function openPanel(panel) {
      const abort = new window.AbortController();
      const stops = [];
      const context = {
        signal: abort.signal,
        argument,
        reveal,
        showError(error) {
          if (error?.code === 'ABORTED') return;
          problem.replaceChildren(...(error ? [Iec61850.errorBox(error)] : []));
        },
        every(ms, action) {
          const loop = repeat(ms, action, context.showError);
          stops.push(loop.stop);
          return loop.now;
        },
      };
      argument = undefined;
      const content = el('div', { className: 'iec61850-sb-panel' });
      body.replaceChildren(content);
      body.setAttribute('aria-label', panel.title());
      const opening = { panel, close() {} };
      try {
        const end = panel.open(content, context);
        opening.close = () => {
          abort.abort();
          for (const stop of stops) stop();
          if (typeof end === 'function') end();
        };
      } catch (error) {
        context.showError({ message: String(error), hint: '' });
      }
      return opening;
    }

    function close() {
      const closing = opened;
      opened = undefined;
      problem.replaceChildren();
      closing?.close();
      body.replaceChildren();
    }

    function choose(id, given) {
      argument = given;
      if (given !== undefined && opened?.panel.id === id) close();
      chosen = id;
      RED.settings.setLocal(LAST_PANEL, id);
      if (visible) show();
    }

    function drawNav() {
      const active = current();
      nav.setAttribute('aria-label', Iec61850.sidebarText('panels'));
      nav.replaceChildren(
        ...sorted().map((panel) => {
          const title = panel.title();
          const button = el('button', {
            type: 'button',
            role: 'tab',
            title,
            'aria-label': title,
            'aria-selected': String(panel === active),
            'data-panel': panel.id,
            tabIndex: panel === active ? 0 : -1,
            on: { click: () => choose(panel.id) },
          });
          button.append(icon(panel.icon), el('span', { text: title }));
          return button;
        }),
      );
    }

    return {
      element,
      choose,
      focus: () => nav.querySelector('[aria-selected="true"]')?.focus(),
      panelsChanged: () => visible && show(),
    };
  }

  /** Calls again and again until it is stopped; one call at a time. */
  function repeat(ms, action, showError) {
    let timer;
    let running = false;
    let stopped = false;
    let again = false;
    async function run() {
      clearTimeout(timer);
      if (running) {
        again = true;
        return;
      }
      running = true;
      try {
        await action();
        if (!stopped) showError();
      } catch (error) {
        if (!stopped) showError(error.message === undefined ? { message: String(error) } : error);
      }
      running = false;
      if (stopped) return;
      timer = setTimeout(run, again ? 0 : ms);
      again = false;
    }
    void run();
    return {
      now: () => void run(),
      stop() {
        stopped = true;
        clearTimeout(timer);
      },
    };
  }
})();
