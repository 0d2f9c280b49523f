/**
 * The right half of the dialog to choose points: what was ticked, under which names, and what a probe of it says.
 *
 *   const chosen = Iec61850.chosenPoints({
 *     chosen: tags,               // those that are there already
 *     ask(path, body) {},         // a POST about the browse result; resolves with undefined while there is none
 *     canProbe() {},              // whether the source has values
 *     onChange() {},              // something was ticked or removed
 *   });
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const DEFAULT_TEMPLATE = '{ld}.{ln}.{do}';
  const TEMPLATES = [
    DEFAULT_TEMPLATE,
    '{ied}.{ld}.{ln}.{do}',
    '{ld}/{ln}.{do}',
    '{ln}.{do}',
    '{ln}_{do}',
    '{ldInst}.{ln}.{do}.{fc}',
    '{desc}',
  ];
  const MAX_PROBE = 500;
  const keyOf = (tag) => `${tag.reference}[${tag.fc}]`;
  /** Tags as the routes take them: under their references, since two names may be equal while a person edits them. */
  const byReference = (entries) => entries.map(({ tag }) => ({ ...tag, tag: keyOf(tag) }));

  Iec61850.chosenPoints = function ({ chosen, ask, canProbe, onChange }) {
    const { el, t, button } = Iec61850;
    // By reference and functional constraint, in the order of choosing. `named`: the name was not made by the template.
    const points = new Map(chosen.map((tag) => [keyOf(tag), { tag: { ...tag }, named: true }]));
    let entries = [];
    let uses = new Map();

    const count = el('h4', { 'aria-live': 'polite' });
    const notice = el('div', { role: 'status' });
    const probeButton = button({ icon: 'stethoscope', text: t('picker.probe'), onClick: probe });
    const template = el('input', {
      type: 'text',
      className: 'iec61850-grow iec61850-mono',
      value: DEFAULT_TEMPLATE,
      'aria-label': t('picker.template'),
      title: t('picker.templateHelp'),
      list: 'iec61850-templates',
      spellcheck: false,
    });
    const none = el('div', { className: 'iec61850-empty', text: t('picker.tickHint') });
    const list = Iec61850.virtualList({ label: t('picker.chosen'), role: 'list', rowHeight: 44, render });
    list.element.append(none);
    template.addEventListener('input', Iec61850.debounce(rename, 300));

    const element = el(
      'section',
      { className: 'iec61850-picker-pane', 'aria-label': t('picker.chosen') },
      el(
        'div',
        { className: 'iec61850-picker-bar' },
        count,
        el('span', { className: 'iec61850-grow' }),
        probeButton,
        button({ icon: 'trash-o', label: t('picker.removeAll'), onClick: removeAll }),
      ),
      el(
        'div',
        { className: 'iec61850-picker-bar' },
        el('span', { className: 'iec61850-muted', text: t('picker.template') }),
        template,
        el('datalist', { id: 'iec61850-templates' }, ...TEMPLATES.map((value) => el('option', { value }))),
      ),
      notice,
      el(
        'div',
        { className: 'iec61850-list-head iec61850-chosen', 'aria-hidden': 'true' },
        el('span', { text: t('picker.tagAndReference') }),
        el('span', { text: t('picker.value') }),
      ),
      list.element,
    );

    function toggle(tags, on) {
      const names = new Set([...points.values()].map(({ tag }) => tag.tag));
      let added = false;
      for (const tag of tags) {
        const key = keyOf(tag);
        if (!on) points.delete(key);
        else if (!points.has(key)) {
          let name = tag.tag;
          for (let n = 2; names.has(name); n++) name = `${tag.tag}_${n}`;
          names.add(name);
          points.set(key, { tag: { ...tag, tag: name }, named: false });
          added = true;
        }
      }
      show();
      onChange();
      if (added && template.value.trim() !== DEFAULT_TEMPLATE) rename();
    }

    function removeAll() {
      points.clear();
      show();
      onChange();
    }

    function show() {
      entries = [...points.values()];
      uses = new Map();
      for (const { tag } of entries) uses.set(tag.tag, (uses.get(tag.tag) || 0) + 1);
      count.textContent = t('picker.chosenCount', { count: entries.length });
      probeButton.disabled = entries.length === 0;
      none.hidden = entries.length > 0;
      list.setCount(entries.length);
    }

    const wrongName = (tag) => tag.tag === '' || uses.get(tag.tag) > 1;

    function render(index) {
      const entry = entries[index];
      const { tag } = entry;
      const wrong = wrongName(tag);
      const name = el('input', {
        type: 'text',
        value: tag.tag,
        'aria-label': t('picker.tag'),
        'aria-invalid': String(wrong),
        title: wrong ? t('tags.duplicate', { name: tag.tag }) : tag.tag,
        className: wrong ? 'input-error' : '',
        spellcheck: false,
        on: {
          change() {
            entry.tag.tag = name.value.trim();
            entry.named = true;
            // After the event, so that Tab has moved the focus first.
            setTimeout(show, 0);
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
        button({
          icon: 'times',
          label: t('picker.remove', { name: tag.tag }),
          className: 'iec61850-plain',
          onClick: () => toggle([tag], false),
        }),
      );
    }

    /** Names of this dialog's own points by the template; those that were there before, or written by hand, stay. */
    async function rename() {
      const own = [...points.values()].filter((entry) => !entry.named);
      if (own.length === 0) return;
      const taken = [...points.values()].filter((entry) => entry.named).map(({ tag }) => tag.tag);
      try {
        const answer = await ask('names', {
          template: template.value.trim() || DEFAULT_TEMPLATE,
          taken,
          tags: byReference(own),
        });
        answer?.tags.forEach((tag, i) => (own[i].tag.tag = tag.tag));
        template.classList.remove('input-error');
        notice.replaceChildren();
        show();
      } catch (error) {
        template.classList.add('input-error');
        fail(error);
      }
    }

    /** Reads what is chosen once, and shows value, quality and time, or the reason why there is none. */
    async function probe() {
      notice.replaceChildren();
      if (!canProbe()) {
        fail({ message: t('picker.probeNeedsIed'), hint: '' });
        return;
      }
      const probed = entries.slice(0, MAX_PROBE);
      if (entries.length > MAX_PROBE) {
        notice.append(el('span', { className: 'iec61850-muted', text: t('picker.probeFirst', { count: MAX_PROBE }) }));
      }
      probeButton.disabled = true;
      for (const entry of probed) entry.probe = { busy: true };
      list.refresh();
      try {
        const { results } = await ask('probe', { tags: byReference(probed) });
        const found = new Map(results.map((result) => [keyOf(result), result]));
        for (const entry of probed) entry.probe = found.get(keyOf(entry.tag));
      } catch (error) {
        for (const entry of probed) entry.probe = undefined;
        fail(error);
      }
      probeButton.disabled = entries.length === 0;
      list.refresh();
    }

    function fail(error) {
      notice.replaceChildren(Iec61850.errorBox(error));
    }

    show();
    return {
      element,
      has: (tag) => points.has(keyOf(tag)),
      toggle,
      /** Shows the first tag whose name stands twice or is empty; whether there is one. */
      refuse() {
        const index = entries.findIndex(({ tag }) => wrongName(tag));
        if (index < 0) return false;
        const { tag } = entries[index].tag;
        fail({
          message: tag === '' ? t('tags.unnamed') : t('tags.duplicate', { name: tag }),
          hint: t('tags.rename'),
        });
        list.reveal(index);
        list.row(index)?.querySelector('input')?.focus();
        return true;
      },
      /** The chosen tags, with units that only the live IED knows. */
      async finish() {
        const tags = entries.map(({ tag }) => tag);
        const without = entries.filter(({ tag }) => !tag.unit);
        if (without.length === 0) return tags;
        const answer = await ask('complete', { tags: byReference(without) }).catch(() => undefined);
        const units = new Map(answer?.tags.map((tag) => [keyOf(tag), tag.unit]));
        return tags.map((tag) => {
          const unit = tag.unit || units.get(keyOf(tag));
          return unit ? { ...tag, unit } : tag;
        });
      },
    };
  };

  function probeCell(probe) {
    const { el, t } = Iec61850;
    if (!probe) return el('span');
    if (probe.busy) {
      return el('span', {}, el('i', { className: 'fa fa-spinner fa-spin', 'aria-label': t('picker.probing') }));
    }
    const { value, error } = probe;
    const failure = error || value?.error;
    if (failure || !value) {
      const text = failure ? failure.message : t('picker.noAnswer');
      const title = [text, failure?.hint].filter(Boolean).join('. ');
      return el('span', { className: 'iec61850-bad iec61850-wrap', text, title });
    }
    const validity = value.quality?.validity;
    const tone = validity === 'good' ? 'iec61850-good' : validity ? 'iec61850-doubtful' : 'iec61850-muted';
    const shown = value.text || (value.value === null ? t('picker.noValue') : String(value.value));
    const quality = value.quality?.text ?? t('picker.noQuality');
    const time = value.timestamp ? value.timestamp.replace('T', ' ').replace('Z', ' UTC') : t('picker.noTime');
    // The date matters only when it is not today's.
    const today = new Date().toISOString().slice(0, 10);
    const clock = value.timestamp?.startsWith(today) ? value.timestamp.slice(11, 23) : time;
    return el(
      'span',
      { className: 'iec61850-two-lines', title: `${shown}\n${quality}\n${time}\n${value.type}` },
      el(
        'span',
        {},
        el('strong', { text: shown }),
        el('span', { className: 'iec61850-muted', text: ` ${value.type}` }),
      ),
      el(
        'span',
        {},
        el('span', { className: tone, text: quality }),
        el('span', { className: 'iec61850-muted', text: ` ${clock}` }),
      ),
    );
  }
})();
