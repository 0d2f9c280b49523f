/**
 * What an SCL file says against what its device has, as a list: for the form of an IED and for the sidebar.
 *
 *   const view = Iec61850.sclCheckView({
 *     live: () => request,       // of the live IED, as Iec61850.iedRequest gives it
 *     scl: () => ({ sclFile, ied, accessPoint }),
 *   });
 *   place.append(view.element); view.run(); view.close();
 *
 *   Iec61850.showSclCheck({ live, scl });   // the same in a tray of its own
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const SEVERITIES = ['error', 'warning', 'info'];
  const ICONS = { error: 'times-circle', warning: 'exclamation-triangle', info: 'info-circle' };
  const TONES = { error: 'iec61850-bad', warning: 'iec61850-doubtful', info: 'iec61850-muted' };

  Iec61850.sclCheckView = function ({ live, scl }) {
    const { el, t, button } = Iec61850;
    let closing;
    let answer;
    let shown = [];
    let severity;

    const runButton = button({ icon: 'balance-scale', text: t('sclCheck.run'), onClick: run });
    const copyButton = button({ icon: 'clipboard', label: t('sclCheck.copy'), onClick: copy });
    const saveButton = button({ icon: 'download', label: t('sclCheck.save'), onClick: save });
    const filter = el('input', {
      type: 'search',
      className: 'iec61850-grow',
      placeholder: t('sclCheck.filter'),
      'aria-label': t('sclCheck.filter'),
      spellcheck: false,
      on: { input: Iec61850.debounce(() => show(), 120) },
    });
    const counts = el('div', { className: 'iec61850-filters', role: 'group', 'aria-label': t('sclCheck.severities') });
    const state = el('div', { className: 'iec61850-check-state', role: 'status' });
    const list = Iec61850.virtualList({ label: t('sclCheck.title'), role: 'list', rowHeight: 42, render });
    const tools = el('div', { className: 'iec61850-picker-bar' }, filter, copyButton, saveButton);
    const element = el(
      'div',
      { className: 'iec61850-scl-check' },
      el('div', { className: 'iec61850-picker-bar' }, runButton, state),
      tools,
      counts,
      list.element,
    );
    showAnswer();

    async function run() {
      closing?.abort();
      const mine = (closing = new window.AbortController());
      const { problem, ...request } = live();
      answer = undefined;
      showAnswer();
      if (problem) {
        state.replaceChildren(Iec61850.errorBox({ message: problem, hint: '' }));
        return;
      }
      runButton.disabled = true;
      state.replaceChildren(
        el('i', { className: 'fa fa-spinner fa-spin', 'aria-hidden': 'true' }),
        el('span', { className: 'iec61850-muted', text: ` ${t('sclCheck.running')} ` }),
        button({ text: RED._('common.label.cancel'), className: 'red-ui-button-small', onClick: cancel }),
      );
      try {
        answer = await Iec61850.api('POST', 'scl-check', { ...request, scl: scl() }, { signal: mine.signal });
        state.replaceChildren(el('span', { className: 'iec61850-muted', text: summary(answer) }));
      } catch (error) {
        if (error.code !== 'ABORTED') state.replaceChildren(Iec61850.errorBox(error));
      }
      if (mine !== closing) return;
      runButton.disabled = false;
      showAnswer();
    }

    function cancel() {
      closing?.abort();
      state.replaceChildren();
    }

    function summary({ compared, findings }) {
      const { logicalDevices: ld, logicalNodes: ln, dataObjects, dataSets, controlBlocks } = compared;
      const about = t('sclCheck.compared', { ld, ln, objects: dataObjects, sets: dataSets, blocks: controlBlocks });
      return findings.length === 0 ? `${t('sclCheck.same')} ${about}` : about;
    }

    function showAnswer() {
      tools.hidden = counts.hidden = list.element.hidden = !answer || answer.findings.length === 0;
      severity = undefined;
      show();
    }

    function show() {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (finding) => {
        const text =
          `${finding.reference} ${whatOf(finding)} ${finding.file ?? ''} ${finding.device ?? ''}`.toLowerCase();
        return (severity === undefined || finding.severity === severity) && words.every((word) => text.includes(word));
      };
      shown = (answer?.findings ?? []).filter(fits);
      list.setCount(shown.length);
      showCounts();
    }

    function showCounts() {
      const choice = (value, text) =>
        el('button', {
          type: 'button',
          text,
          'aria-pressed': String(severity === value),
          on: {
            click() {
              severity = value;
              show();
            },
          },
        });
      const { counts: found = {}, more = 0, findings = [] } = answer ?? {};
      counts.replaceChildren(
        choice(undefined, t('sclCheck.all', { count: findings.length + more })),
        ...SEVERITIES.filter((one) => found[one] > 0).map((one) =>
          choice(one, t(`sclCheck.severity.${one}`, { count: found[one] })),
        ),
        ...(more > 0 ? [el('span', { className: 'iec61850-muted', text: t('sclCheck.more', { count: more }) })] : []),
      );
    }

    function render(index) {
      const finding = shown[index];
      const { reference, attribute, file, device, severity: level } = finding;
      const sides = [
        file === undefined ? '' : t('sclCheck.file', { text: file }),
        device === undefined ? '' : t('sclCheck.device', { text: device }),
      ].filter(Boolean);
      return el(
        'div',
        { className: 'iec61850-finding', role: 'listitem', title: [reference, whatOf(finding), ...sides].join('\n') },
        el('i', { className: `fa fa-${ICONS[level]} ${TONES[level]}`, 'aria-label': t(`sclCheck.level.${level}`) }),
        el(
          'span',
          { className: 'iec61850-two-lines' },
          el('span', { className: 'iec61850-mono', text: attribute ? `${reference} · ${attribute}` : reference }),
          el(
            'span',
            {},
            el('strong', { text: whatOf(finding) }),
            el('span', { className: 'iec61850-muted', text: sides.length > 0 ? ` · ${sides.join(' · ')}` : '' }),
          ),
        ),
      );
    }

    async function csv() {
      const { csv: text } = await Iec61850.api('POST', 'scl-check/csv', { findings: answer.findings });
      return text;
    }

    async function copy() {
      try {
        RED.clipboard.copyText(await csv(), $(copyButton), 'top');
      } catch (error) {
        state.replaceChildren(Iec61850.errorBox(error));
      }
    }

    async function save() {
      try {
        Iec61850.saveFile(`${answer.ied}-scl-check-${answer.checked.slice(0, 10)}.csv`, await csv());
      } catch (error) {
        state.replaceChildren(Iec61850.errorBox(error));
      }
    }

    return {
      element,
      run,
      close: () => closing?.abort(),
      /** Takes the result away: it belongs to what was chosen before. */
      clear() {
        closing?.abort();
        answer = undefined;
        runButton.disabled = false;
        state.replaceChildren();
        showAnswer();
      },
    };
  };

  /** `missing logical node`, in the editor's language. */
  function whatOf({ kind, part }) {
    const { t } = Iec61850;
    return t(`sclCheck.kind.${kind}`, { part: t(`sclCheck.part.${part}`) });
  }

  /** The check across the editor, run at once. */
  Iec61850.showSclCheck = function (options) {
    const view = Iec61850.sclCheckView(options);
    RED.tray.show({
      title: Iec61850.t('sclCheck.title'),
      width: 760,
      buttons: [
        {
          id: 'iec61850-scl-check-done',
          text: RED._('common.label.done'),
          class: 'primary',
          click: () => RED.tray.close(),
        },
      ],
      open(tray) {
        const body = tray.find('.red-ui-tray-body')[0];
        body.replaceChildren(view.element);
        view.run();
      },
      close: () => view.close(),
    });
  };
})();
