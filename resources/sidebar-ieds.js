/** Panel of the sidebar: every IED and every server with its state, association, times, tags, reports and last error. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INTERVAL_MS = 1000;
  /** With more IEDs than this, those that are well are folded at first. */
  const MANY = 4;
  const STATES = { online: 'good', connecting: 'doubtful', offline: 'bad', idle: 'idle' };
  const SERVER_STATES = { listening: 'good', opening: 'doubtful', retrying: 'bad', failed: 'bad', closed: 'idle' };
  const PHASES = {
    armed: 'good',
    arming: 'doubtful',
    waiting: 'doubtful',
    reserved: 'bad',
    failed: 'bad',
    closed: 'idle',
  };
  const COUNTS = ['live', 'bad', 'stale', 'disconnected', 'error', 'waiting'];

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'ieds',
    icon: 'microchip',
    order: 10,
    title: () => Iec61850.sidebarText('ieds.title'),
    open(element, context) {
      const { el, sidebarText: s } = Iec61850;
      const { keyedList } = Iec61850.sidebarParts;
      const ieds = el('div', { role: 'list' });
      const servers = el('div', { role: 'list' });
      const serverHead = el('h4', { className: 'iec61850-sb-head', text: s('ieds.servers') });
      const empty = el('div', { className: 'iec61850-empty', text: s('ieds.empty'), hidden: true });
      element.append(
        el(
          'div',
          { className: 'iec61850-sb-scroll', tabIndex: 0, 'aria-label': s('ieds.title') },
          empty,
          ieds,
          serverHead,
          servers,
        ),
      );
      let many = false;
      const iedList = keyedList(
        ieds,
        ({ id }) => id,
        (ied) => iedCard(ied, many && ied.state === 'online', context),
      );
      const serverList = keyedList(
        servers,
        ({ id }) => id,
        (server) => serverCard(server, context),
      );
      context.every(INTERVAL_MS, async () => {
        const overview = await Iec61850.api('GET', 'monitor/overview', undefined, { signal: context.signal });
        many = overview.ieds.length > MANY;
        empty.hidden = overview.ieds.length + overview.servers.length > 0;
        iedList.update(overview.ieds.map((ied) => ({ ...ied, now: overview.now })));
        serverHead.hidden = overview.servers.length === 0;
        serverList.update(overview.servers.map((server) => ({ ...server, now: overview.now })));
      });
    },
  });

  function head(node, context) {
    const { el } = Iec61850;
    const { dot, nodeLink } = Iec61850.sidebarParts;
    const mark = dot('idle');
    const address = el('span', { className: 'iec61850-sb-address iec61850-mono' });
    const state = el('span', { className: 'iec61850-sb-state' });
    return { mark, address, state, elements: [mark, nodeLink(node, context.reveal), address, state] };
  }

  function iedCard(first, folded, context) {
    const { el, sidebarText: s } = Iec61850;
    const { card, facts, keyedList, setDot, setText } = Iec61850.sidebarParts;
    const top = head({ ...first, name: first.ied }, context);
    const table = facts({
      association: s('ieds.association'),
      security: s('ieds.security'),
      roundTrip: s('ieds.roundTrip'),
    });
    const bar = tagBar();
    const users = el('div', { className: 'iec61850-sb-users' });
    const userList = keyedList(
      users,
      ({ id }) => id,
      (user) => userRow(user, context),
    );
    const problem = errorPart();
    const element = card({
      open: !folded,
      summary: top.elements,
      body: [table.element, bar.element, users, problem.element, traceLink(first.id)],
    });
    element.setAttribute('role', 'listitem');

    function update(ied) {
      const { state, association, roundTrip, address } = ied;
      setDot(top.mark, STATES[state], s(`ieds.state.${state}`));
      setText(top.address, address ? `${address.host}:${address.port ?? 102}` : '');
      setText(top.state, stateText(ied));
      top.state.dataset.kind = STATES[state];
      table.set('association', association && associationText(association), association && selectorText(association));
      table.set('security', association && securityText(association), association?.tls?.cipher);
      table.set('roundTrip', roundTrip && roundTripText(roundTrip));
      bar.update(ied.users);
      userList.update(ied.users);
      problem.update(ied.lastError, ied.now, state === 'online');
    }
    return { element, update };
  }

  /** What goes over the association is a panel of its own. */
  function traceLink(id) {
    const { el, icon, t } = Iec61850;
    const link = el('button', {
      type: 'button',
      className: 'iec61850-sb-link iec61850-sb-to-trace iec61850-muted',
      on: { click: () => Iec61850.showSidebar('trace', id) },
    });
    link.append(icon('stethoscope'), ` ${t('trace.title')}`);
    return link;
  }

  function stateText({ state, since, retryAt, now }) {
    const { duration } = Iec61850.sidebarParts;
    const s = Iec61850.sidebarText;
    const text = `${s(`ieds.state.${state}`)} ${duration(now - since)}`;
    return retryAt > now ? `${text} · ${s('ieds.retry', { time: duration(retryAt - now) })}` : text;
  }

  function associationText({ maxPduSize, maxOutstanding, edition, profile }) {
    const s = Iec61850.sidebarText;
    const { number } = Iec61850.sidebarParts;
    const parts = [s('ieds.pdu', { size: number(maxPduSize) }), s('ieds.outstanding', { count: maxOutstanding })];
    if (edition) parts.push(s('ieds.edition', { edition }));
    if (profile === 'unnamed') parts.push(s('ieds.unnamed'));
    return parts.join(' · ');
  }

  function selectorText({ selectors }) {
    const write = ({ tSelector = '–', sSelector = '–', pSelector = '–' }) =>
      `T ${tSelector} S ${sSelector} P ${pSelector}`;
    return `${write(selectors.local)} → ${write(selectors.remote)}`;
  }

  function securityText({ tls, authentication }) {
    const s = Iec61850.sidebarText;
    return `${tls ? tls.version : s('ieds.noTls')} · ${s(`ieds.authentication.${authentication}`)}`;
  }

  function roundTripText({ mean, max, requests, errors }) {
    const { milliseconds, number } = Iec61850.sidebarParts;
    const text = Iec61850.sidebarText('ieds.times', {
      mean: milliseconds(mean),
      max: milliseconds(max),
      requests: number(requests),
    });
    return errors > 0 ? `${text} · ${Iec61850.sidebarText('ieds.failed', { count: number(errors) })}` : text;
  }

  /** A bar of the tags by their states, and the counts as text. */
  function tagBar() {
    const { el, sidebarText: s } = Iec61850;
    const { number, setText } = Iec61850.sidebarParts;
    const bar = el('div', { className: 'iec61850-sb-bar', 'aria-hidden': 'true' });
    const legend = el('div', { className: 'iec61850-sb-legend' });
    const shares = COUNTS.map((name) => {
      const share = el('span', { 'data-kind': name });
      const entry = el('span', { 'data-kind': name });
      bar.append(share);
      legend.append(entry);
      return { name, share, entry };
    });
    const element = el('div', { className: 'iec61850-sb-tags' }, bar, legend);
    function update(users) {
      const sum = (name) => users.reduce((total, { tags }) => total + tags[name], 0);
      const counts = Object.fromEntries(COUNTS.map((name) => [name, sum(name)]));
      counts.live -= counts.bad;
      const all = COUNTS.reduce((total, name) => total + counts[name], 0);
      element.hidden = all === 0;
      for (const { name, share, entry } of shares) {
        share.style.flexGrow = String(counts[name]);
        entry.hidden = counts[name] === 0;
        setText(entry, s(`tags.${name}`, { count: number(counts[name]) }));
      }
    }
    return { element, update };
  }

  /** A node that uses the IED: how its polls go, and its report control blocks. */
  function userRow(first, context) {
    const { el, sidebarText: s } = Iec61850;
    const { keyedList, milliseconds, nodeLink, number, setText } = Iec61850.sidebarParts;
    const polls = el('span', { className: 'iec61850-muted' });
    const blocks = el('div');
    const blockList = keyedList(blocks, ({ controlBlock }) => controlBlock, blockRow);
    const line = el('div', { className: 'iec61850-sb-user' }, nodeLink(first, context.reveal), polls);
    function update(user) {
      const text = user.polls.map(({ interval, tags, ms, late }) => {
        const poll = s('ieds.poll', { count: number(tags), interval: milliseconds(interval), ms: milliseconds(ms) });
        return late > 0 ? `${poll} · ${s('ieds.late', { count: number(late) })}` : poll;
      });
      const count = user.tags.live + user.tags.stale + user.tags.disconnected + user.tags.error + user.tags.waiting;
      if (text.length === 0) text.push(s('ieds.tagCount', { count: number(count) }));
      setText(polls, text.join(' · '));
      blockList.update(user.blocks);
    }
    return { element: el('div', {}, line, blocks), update };
  }

  function blockRow() {
    const { el, sidebarText: s } = Iec61850;
    const { dot, number, setDot, setText } = Iec61850.sidebarParts;
    const mark = dot('idle');
    const name = el('span', { className: 'iec61850-mono iec61850-sb-clip' });
    const text = el('span', { className: 'iec61850-muted' });
    function update(block) {
      const { phase, controlBlock, reports, missed, dropped, overflows, members, error } = block;
      setDot(mark, PHASES[phase], s(`ieds.phase.${phase}`));
      setText(name, controlBlock);
      const parts = [s('ieds.reports', { count: number(reports) })];
      if (phase !== 'armed') parts.unshift(s(`ieds.phase.${phase}`));
      if (missed + dropped > 0) parts.push(s('ieds.missed', { count: number(missed + dropped) }));
      if (overflows > 0) parts.push(s('ieds.overflows', { count: number(overflows) }));
      setText(text, parts.join(' · '));
      element.title = `${controlBlock}\n${s(`ieds.phase.${phase}`)} · ${s('ieds.members', { count: members })}${error ? `\n${error.message} ${error.hint}` : ''}`;
    }
    const element = el('div', { className: 'iec61850-sb-block' }, mark, name, text);
    return { element, update };
  }

  function errorPart() {
    const { el, sidebarText: s } = Iec61850;
    const { moment, duration, setText } = Iec61850.sidebarParts;
    const message = el('span');
    const hint = el('span', { className: 'iec61850-sb-hint' });
    const when = el('span', { className: 'iec61850-muted' });
    const element = el('div', { className: 'iec61850-sb-error' }, el('div', {}, message, ' ', hint), when);
    function update(error, now, isOver) {
      element.hidden = !error;
      if (!error) return;
      element.classList.toggle('iec61850-sb-past', isOver);
      setText(message, error.message);
      setText(hint, error.hint);
      when.hidden = error.time === undefined;
      if (error.time === undefined) return;
      setText(when, s('ieds.errorAt', { time: moment(error.time, false), ago: duration(now - error.time) }));
    }
    return { element, update };
  }

  function serverCard(first, context) {
    const { el, sidebarText: s } = Iec61850;
    const { card, keyedList, setDot, setText } = Iec61850.sidebarParts;
    const top = head(first, context);
    const clients = el('div', { className: 'iec61850-sb-users' });
    const none = el('div', { className: 'iec61850-sb-none iec61850-muted', text: s('ieds.noClient') });
    const clientList = keyedList(clients, ({ address, port }) => `${address}:${port}`, clientRow);
    const problem = errorPart();
    const element = card({ summary: top.elements, body: [none, clients, problem.element] });
    element.setAttribute('role', 'listitem');
    function update(server) {
      const { state, address, error, now } = server;
      setDot(top.mark, SERVER_STATES[state], s(`ieds.server.${state}`));
      setText(top.address, address ? `${address.host}:${address.port}` : '');
      setText(
        top.state,
        server.clients.length > 0 ? s('ieds.clients', { count: server.clients.length }) : s(`ieds.server.${state}`),
      );
      top.state.dataset.kind = SERVER_STATES[state];
      none.hidden = server.clients.length > 0;
      clientList.update(server.clients.map((client) => ({ ...client, now })));
      problem.update(error, now, false);
    }
    return { element, update };
  }

  function clientRow() {
    const { el, sidebarText: s } = Iec61850;
    const { dot, duration, setText } = Iec61850.sidebarParts;
    const name = el('span', { className: 'iec61850-mono iec61850-sb-clip' });
    const text = el('span', { className: 'iec61850-muted' });
    const element = el('div', { className: 'iec61850-sb-block' }, dot('good'), name, text);
    function update(client) {
      const { address, port, since, reports, role, identifiedBy, apTitle, now } = client;
      setText(name, client.name ? `${client.name} ${address}:${port}` : `${address}:${port}`);
      const parts = [duration(now - since)];
      if (role) parts.push(role);
      if (identifiedBy && identifiedBy !== 'address') parts.push(s(`ieds.identified.${identifiedBy}`));
      if (reports.length > 0) parts.push(s('ieds.takes', { count: reports.length }));
      setText(text, parts.join(' · '));
      element.title = [apTitle && `AP-title ${apTitle}`, ...reports].filter(Boolean).join('\n');
    }
    return { element, update };
  }
})();
