/** Panel of the sidebar: what Modbus servers, MQTT connections and the process bus do. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INTERVAL_MS = 1000;
  const MQTT_STATES = { online: 'good', connecting: 'doubtful', away: 'bad' };

  (Iec61850.sidebarPanels = Iec61850.sidebarPanels || []).push({
    id: 'activity',
    icon: 'exchange',
    order: 30,
    title: () => Iec61850.sidebarText('activity.title'),
    open(element, context) {
      const { el, sidebarText: s } = Iec61850;
      const { keyedList } = Iec61850.sidebarParts;
      const empty = el('div', { className: 'iec61850-empty', text: s('activity.empty'), hidden: true });
      const scroll = el(
        'div',
        { className: 'iec61850-sb-scroll', tabIndex: 0, 'aria-label': s('activity.title') },
        empty,
      );
      element.append(scroll);
      const sections = [
        ['modbus', modbusCard],
        ['mqtt', mqttCard],
        ['bus', busCard],
      ].map(([kind, make]) => {
        const head = el('h4', { className: 'iec61850-sb-head', text: s(`activity.${kind}`) });
        const place = el('div', { role: 'list' });
        scroll.append(head, place);
        return {
          kind,
          head,
          list: keyedList(
            place,
            ({ id }) => id,
            (item) => make(item, context),
          ),
        };
      });
      context.every(INTERVAL_MS, async () => {
        const overview = await Iec61850.api('GET', 'monitor/overview', undefined, { signal: context.signal });
        for (const { kind, head, list } of sections) {
          head.hidden = overview[kind].length === 0;
          list.update(overview[kind].map((item) => ({ ...item, now: overview.now })));
        }
        empty.hidden = sections.some(({ kind }) => overview[kind].length > 0);
      });
    },
  });

  /** Head, facts, a line of the last minute and the error: what Modbus and MQTT have in common. */
  function frame(first, names, rateLabel, context) {
    const { el, sidebarText: s } = Iec61850;
    const { card, dot, facts, nodeLink, setText, sparkline } = Iec61850.sidebarParts;
    const mark = dot('idle');
    const state = el('span', { className: 'iec61850-sb-state' });
    const address = el('span', { className: 'iec61850-sb-address iec61850-mono' });
    const table = facts(names);
    const spark = sparkline(s('activity.lastMinute'));
    const rate = el('span', { className: 'iec61850-sb-rate' });
    const error = el('div', { className: 'iec61850-sb-error', hidden: true });
    const element = card({
      summary: [mark, nodeLink(first, context.reveal), address, state],
      body: [el('div', { className: 'iec61850-sb-sparks' }, rate, spark.element), table.element, error],
    });
    element.setAttribute('role', 'listitem');
    const perSecond = Iec61850.sidebarParts.rate();
    return {
      element,
      mark,
      state,
      address,
      table,
      countTo(count, now) {
        const value = perSecond(count, now);
        if (value === undefined) return;
        spark.push(value);
        setText(rate, s(rateLabel, { rate: Iec61850.sidebarParts.number(value, value < 10 ? 1 : 0) }));
      },
      showError(given) {
        error.hidden = !given;
        setText(error, given ? [given.message, given.hint].filter(Boolean).join(' ') : '');
      },
    };
  }

  function modbusCard(first, context) {
    const s = Iec61850.sidebarText;
    const { moment, number, setDot, setText } = Iec61850.sidebarParts;
    const names = ['masters', 'requests', 'exceptions', 'last', 'unknown', 'badRows'];
    const part = frame(first, labels(names), 'activity.requestRate', context);
    function update(server) {
      const { listening, clients, masters, requests, exceptions, lastRequest, unknown, badRows, now, error } = server;
      const kind = listening ? (clients > 0 ? 'good' : 'idle') : 'bad';
      const word = listening ? s('activity.masterCount', { count: clients }) : s('activity.notListening');
      setDot(part.mark, kind, word);
      setText(part.address, `${server.host}:${server.port}`);
      setText(part.state, word);
      part.state.dataset.kind = kind;
      part.countTo(requests, now);
      part.table.set('masters', masters.join(', '));
      part.table.set('requests', number(requests));
      part.table.set('exceptions', number(exceptions));
      part.table.set('last', lastRequest ? moment(lastRequest, false) : s('activity.never'));
      part.table.set('unknown', unknown > 0 ? number(unknown) : '');
      part.table.set('badRows', badRows > 0 ? number(badRows) : '');
      part.showError(error);
    }
    return { element: part.element, update };
  }

  function mqttCard(first, context) {
    const s = Iec61850.sidebarText;
    const { number, setDot, setText } = Iec61850.sidebarParts;
    const names = ['root', 'published', 'queued', 'dropped', 'refused'];
    const part = frame(first, labels(names), 'activity.messageRate', context);
    function update(link) {
      const { state, broker, root, published, queued, dropped, refused, now, error } = link;
      setDot(part.mark, MQTT_STATES[state], s(`activity.link.${state}`));
      setText(part.address, broker);
      setText(part.state, s(`activity.link.${state}`));
      part.state.dataset.kind = MQTT_STATES[state];
      part.countTo(published, now);
      part.table.set('root', root);
      part.table.set('published', number(published));
      part.table.set('queued', number(queued));
      part.table.set('dropped', number(dropped));
      part.table.set('refused', refused > 0 ? number(refused) : '');
      part.showError(error);
    }
    return { element: part.element, update };
  }

  const labels = (names) => Object.fromEntries(names.map((name) => [name, Iec61850.sidebarText(`activity.${name}`)]));

  /** Streams of a listener to GOOSE or sampled values, with their states. */
  function busCard(first, context) {
    const { el, sidebarText: s } = Iec61850;
    const { card, dot, keyedList, nodeLink, number, setDot, setText } = Iec61850.sidebarParts;
    const mark = dot('idle');
    const address = el('span', { className: 'iec61850-sb-address iec61850-mono' });
    const state = el('span', { className: 'iec61850-sb-state' });
    const rows = el('div', { className: 'iec61850-sb-users' });
    const list = keyedList(
      rows,
      ({ name }) => name,
      () => {
        const rowMark = dot('idle');
        const name = el('span', { className: 'iec61850-mono iec61850-sb-clip' });
        const text = el('span', { className: 'iec61850-muted' });
        return {
          element: el('div', { className: 'iec61850-sb-block' }, rowMark, name, text),
          update(stream) {
            setDot(
              rowMark,
              stream.state === 'live' ? 'good' : stream.state === 'waiting' ? 'idle' : 'bad',
              stream.state,
            );
            setText(name, stream.name);
            setText(text, stream.state);
          },
        };
      },
    );
    const element = card({ summary: [mark, nodeLink(first, context.reveal), address, state], body: [rows] });
    element.setAttribute('role', 'listitem');
    function update({ statistics }) {
      const port = statistics?.interface;
      const streams = [...(statistics?.controlBlocks ?? []), ...(statistics?.streams ?? [])].map((stream) => ({
        name: stream.gocbRef ?? stream.svId ?? '',
        state: String(stream.state ?? ''),
      }));
      const live = streams.filter((stream) => stream.state === 'live').length;
      const kind = !port || port.up === false ? 'bad' : live === streams.length ? 'good' : 'doubtful';
      const word = port
        ? s('activity.liveStreams', { live: number(live), all: number(streams.length) })
        : s('activity.notListening');
      setDot(mark, kind, word);
      setText(address, port?.name ?? '');
      setText(state, word);
      state.dataset.kind = kind;
      list.update(streams);
    }
    return { element, update };
  }
})();
