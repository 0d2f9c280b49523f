/** What the panels of the sidebar are made of: lists that keep their elements, facts, states, times and numbers. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const SVG = 'http://www.w3.org/2000/svg';
  const SPARK_POINTS = 60;
  const parts = (Iec61850.sidebarParts = {});

  /** `update(items)` makes, keeps and removes one element each; `create(item)` gives `{ element, update(item) }`. */
  parts.keyedList = function (container, keyOf, create) {
    const rows = new Map();
    return {
      update(items) {
        const wanted = new Set(items.map(keyOf));
        for (const [key, { element }] of rows) {
          if (wanted.has(key)) continue;
          element.remove();
          rows.delete(key);
        }
        let before = container.firstElementChild;
        for (const item of items) {
          const key = keyOf(item);
          let row = rows.get(key);
          if (!row) rows.set(key, (row = create(item)));
          if (row.element === before) before = before.nextElementSibling;
          else container.insertBefore(row.element, before);
          row.update(item);
        }
        container.hidden = items.length === 0;
      },
    };
  };

  /** Sets a text only when it is another one, so that a selection in it stays. */
  parts.setText = function (element, text) {
    if (element.textContent !== text) element.textContent = text;
    return element;
  };

  /** A coloured dot; `kind` is good, doubtful, bad or idle. Its meaning stands beside it as text, or in `label`. */
  parts.dot = function (kind, label) {
    const dot = Iec61850.el('span', { className: 'iec61850-sb-dot', role: label ? 'img' : undefined });
    parts.setDot(dot, kind, label);
    return dot;
  };

  parts.setDot = function (dot, kind, label) {
    dot.dataset.kind = kind;
    if (!label) return;
    dot.setAttribute('aria-label', label);
    dot.title = label;
  };

  /** Two columns of names and values; `set(key, text)` shows a line, or hides it when there is no text. */
  parts.facts = function (names) {
    const { el } = Iec61850;
    const element = el('dl', { className: 'iec61850-sb-facts' });
    const lines = new Map();
    for (const [key, name] of Object.entries(names)) {
      const term = el('dt', { text: name });
      const value = el('dd');
      lines.set(key, { term, value });
      element.append(term, value);
    }
    return {
      element,
      set(key, text, title) {
        const { term, value } = lines.get(key);
        term.hidden = value.hidden = text === undefined || text === '';
        parts.setText(value, text ?? '');
        value.title = title ?? '';
      },
    };
  };

  /** A section that folds; `summary` are elements of its head. */
  parts.card = function ({ open = true, summary, body, className = '' }) {
    const { el } = Iec61850;
    const details = el('details', { className: `iec61850-sb-card ${className}`, open }, el('summary', {}, ...summary));
    details.append(...body);
    return details;
  };

  /** A button that shows a node on the canvas. */
  parts.nodeLink = function ({ id, name, type, place = id }, reveal) {
    const title = Iec61850.sidebarText('reveal', { name, type });
    return Iec61850.el('button', {
      type: 'button',
      className: 'iec61850-sb-link',
      text: name,
      title,
      'aria-label': title,
      on: {
        click(event) {
          event.preventDefault();
          reveal(place);
        },
      },
    });
  };

  /** A field to search by words; `onChange` comes shortly after the last key. */
  parts.searchField = function (label, value, onChange) {
    const input = Iec61850.el('input', {
      type: 'search',
      className: 'iec61850-sb-search',
      placeholder: label,
      'aria-label': label,
      value,
      spellcheck: false,
    });
    input.addEventListener(
      'input',
      Iec61850.debounce(() => onChange(input.value), 120),
    );
    return input;
  };

  /** A choice; `fill(options)` replaces its options `{ value, text }` and keeps what is chosen. */
  parts.choice = function (label, value, onChange) {
    const { el } = Iec61850;
    const element = el('select', { className: 'iec61850-sb-choice', 'aria-label': label, title: label });
    let shown = '';
    element.addEventListener('change', () => onChange(element.value));
    return {
      element,
      fill(options) {
        const key = JSON.stringify(options);
        if (key === shown) return;
        const chosen = shown === '' ? value : element.value;
        shown = key;
        element.replaceChildren(
          ...options.map((option) => el('option', { ...option, selected: option.value === chosen })),
        );
      },
    };
  };

  /** A button that stays pressed. */
  parts.toggle = function ({ icon, label, pressed, onChange }) {
    const button = Iec61850.button({
      icon,
      label,
      className: 'iec61850-sb-toggle',
      onClick() {
        const now = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(now));
        onChange(now);
      },
    });
    button.setAttribute('aria-pressed', String(pressed));
    return button;
  };

  const language = () => RED.i18n.lang?.() ?? navigator.language;
  const formats = new Map();
  function numberFormat(digits) {
    if (!formats.has(digits)) {
      formats.set(digits, new Intl.NumberFormat(language(), { maximumFractionDigits: digits }));
    }
    return formats.get(digits);
  }

  parts.number = (value, digits = 0) => numberFormat(digits).format(value);

  /** Milliseconds as people read them: `0.4 ms`, `12 ms`, `3.2 s`. */
  parts.milliseconds = function (ms) {
    if (ms >= 1000) return `${parts.number(ms / 1000, 1)} s`;
    return `${parts.number(ms, ms < 10 ? 1 : 0)} ms`;
  };

  /** How long something has lasted: `12 s`, `4 min`, `3 h 12 min`, `2 d 4 h`. */
  parts.duration = function (ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };

  const two = (number) => String(number).padStart(2, '0');

  /** Local time of day with milliseconds. @param time ISO text or ms */
  parts.timeOfDay = function (time, milliseconds = true) {
    const date = new Date(time);
    const day = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    return milliseconds ? `${day}.${String(date.getMilliseconds()).padStart(3, '0')}` : day;
  };

  parts.localDate = function (time) {
    const date = new Date(time);
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  };

  /** Local date and time; the date is left out when it is today's. */
  parts.moment = function (time, milliseconds) {
    const date = parts.localDate(time);
    const clock = parts.timeOfDay(time, milliseconds);
    return date === parts.localDate(Date.now()) ? clock : `${date} ${clock}`;
  };

  /** A small line of the last values; `push(value)` adds one. */
  parts.sparkline = function (label) {
    const svg = document.createElementNS(SVG, 'svg');
    const line = document.createElementNS(SVG, 'polyline');
    svg.setAttribute('class', 'iec61850-sb-spark');
    svg.setAttribute('viewBox', `0 0 ${SPARK_POINTS - 1} 20`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    svg.append(line);
    const values = [];
    return {
      element: svg,
      push(value) {
        values.push(value);
        if (values.length > SPARK_POINTS) values.shift();
        const top = Math.max(1e-9, ...values);
        const left = SPARK_POINTS - values.length;
        line.setAttribute('points', values.map((one, i) => `${left + i},${19 - (one / top) * 17}`).join(' '));
      },
    };
  };

  /** Counts that only grow, as a rate a second; undefined for the first one and after a restart. */
  parts.rate = function () {
    let last;
    return (count, now) => {
      const before = last;
      last = { count, now };
      if (!before || count < before.count || now <= before.now) return undefined;
      return ((count - before.count) * 1000) / (now - before.now);
    };
  };
})();
