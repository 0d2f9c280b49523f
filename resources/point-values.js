/**
 * Live values beside the points that are in view in the dialog to choose points. Only what a person sees is read, one
 * request at a time: again and again over the association that runs anyway, and once for each view over one of its own.
 *
 *   const values = Iec61850.pointValues({
 *     inView: () => tags,           // what is seen now
 *     read(tags) {},                // promise of the results of a probe
 *     repeats: () => true,          // whether to read again by itself
 *     onRead() {},                  // something new is to be shown
 *   });
 *   values.turn(true); values.viewChanged(); values.cell(tag); values.turn(false);
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const EVERY_MS = 3000;
  /** A person who scrolls on has not looked yet. */
  const SETTLE_MS = 300;
  /** Rows of a large screen. */
  const MAX_READ = 80;
  const keyOf = (tag) => `${tag.reference}[${tag.fc}]`;

  Iec61850.pointValues = function ({ inView, read, repeats, onRead }) {
    let on = false;
    let reading = false;
    let timer;
    let round = 0;
    let known = new Map();

    async function readNow() {
      clearTimeout(timer);
      if (!on || reading) return;
      const mine = round;
      const tags = inView().slice(0, MAX_READ);
      const repeated = repeats();
      const wanted = repeated ? tags : tags.filter((tag) => !known.has(keyOf(tag)));
      if (wanted.length > 0) {
        reading = true;
        const results = await read(wanted).catch((error) =>
          wanted.map(({ reference, fc }) => ({ reference, fc, error })),
        );
        reading = false;
        if (!on || mine !== round) {
          if (on) later(0);
          return;
        }
        for (const result of results) known.set(keyOf(result), result);
        onRead();
      }
      if (repeated) later(EVERY_MS);
    }

    function later(ms) {
      clearTimeout(timer);
      timer = setTimeout(() => void readNow(), ms);
    }

    return {
      turn(state) {
        on = state;
        round++;
        known = new Map();
        clearTimeout(timer);
        if (on) void readNow();
      },
      isOn: () => on,
      viewChanged() {
        if (on) later(SETTLE_MS);
      },
      cell: (tag) => (tag ? cellOf(known.get(keyOf(tag))) : Iec61850.el('span', { className: 'iec61850-live' })),
    };
  };

  function cellOf(result) {
    const { el, t } = Iec61850;
    const value = result?.value;
    const failure = result?.error || value?.error;
    if (failure) {
      const title = [failure.message, failure.hint].filter(Boolean).join('. ');
      return el('span', { className: 'iec61850-live iec61850-bad', text: failure.message, title });
    }
    if (!value)
      return el('span', { className: 'iec61850-live iec61850-muted', text: result ? t('picker.noAnswer') : '' });
    const validity = value.quality?.validity;
    const text = value.text || (value.value === null ? t('picker.noValue') : String(value.value));
    const title = [text, value.quality?.text ?? t('picker.noQuality'), value.timestamp ?? t('picker.noTime')].join(
      '\n',
    );
    const doubtful = validity && validity !== 'good' ? ' iec61850-doubtful' : '';
    return el('span', { className: `iec61850-live${doubtful}`, text, title });
  }
})();
