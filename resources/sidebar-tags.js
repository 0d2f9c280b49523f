/**
 * The tags that the sidebar shows, as one table: who they are is fetched once, values only of the rows that are asked for.
 * What is shown is a list of rows, searched, filtered and sorted here.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  /** Rows of a list that lie closer than this are fetched together. */
  const GAP = 8;
  const CELL = { status: 0, text: 1, time: 2, quality: 3, type: 4, value: 5, received: 6, error: 7 };
  const STATUS_ORDER = { error: 0, disconnected: 1, stale: 2, live: 3 };

  Iec61850.sidebarTags = function () {
    let revision;
    let rows = [];
    let ieds = [];
    let cells = [];
    let haystack = [];

    async function load(signal) {
      const answer = await Iec61850.api('GET', 'monitor/tags', undefined, { signal });
      rows = [];
      cells = [];
      haystack = [];
      const names = new Set();
      for (const { rows: tags, ...node } of answer.tables) {
        let ied = '';
        for (const [tag, reference, given] of tags) {
          ied = given ?? ied;
          names.add(ied);
          rows.push({ tag, reference, ied, node });
        }
      }
      ieds = [...names].sort();
      revision = answer.revision;
    }

    /**
     * Fetches values. @param wanted row numbers
     * @returns whether the table is another one now, and what was asked for means other tags
     */
    async function fetch(wanted, signal) {
      if (revision === undefined) {
        await load(signal);
        return true;
      }
      const ranges = rangesOf(wanted);
      const answer = await Iec61850.api('POST', 'monitor/values', { revision, ranges }, { signal });
      if (answer.revision !== revision) {
        await load(signal);
        return true;
      }
      let i = 0;
      for (const [first, end] of ranges) for (let row = first; row < end; row++) cells[row] = answer.values[i++];
      return false;
    }

    const textOf = (row) =>
      (haystack[row] ??= `${rows[row].ied}/${rows[row].tag} ${rows[row].reference}`.toLowerCase());

    /** Rows that fit, in order. Filters by status and orders by value need the values of all rows. */
    function view({ search, ied, status, sort, descending }) {
      const words = search.toLowerCase().split(/\s+/).filter(Boolean);
      const found = [];
      for (let row = 0; row < rows.length; row++) {
        if (ied && rows[row].ied !== ied) continue;
        if (status && !hasStatus(cells[row], status)) continue;
        if (words.length > 0 && !words.every((word) => textOf(row).includes(word))) continue;
        found.push(row);
      }
      const key = sort && KEYS[sort];
      if (!key) return found;
      const sign = descending ? -1 : 1;
      const keys = new Map(found.map((row) => [row, key(rows[row], cells[row])]));
      return found.sort((a, b) => sign * compare(keys.get(a), keys.get(b)) || a - b);
    }

    return {
      load,
      fetch,
      view,
      all: () => rows.keys(),
      row: (index) => rows[index],
      cells: (index) => cells[index],
      get ieds() {
        return ieds;
      },
      get size() {
        return rows.length;
      },
    };
  };

  Iec61850.sidebarTags.CELL = CELL;
  /** Whether a choice of what is shown depends on values, which then are needed of all rows. */
  Iec61850.sidebarTags.needsAll = ({ status, sort }) => status !== '' || (sort !== '' && sort !== 'object');

  const KEYS = {
    object: (row) => `${row.ied}/${row.tag}`,
    value: (_row, cell) => cell?.[CELL.value] ?? null,
    time: (_row, cell) => cell?.[CELL.time] ?? null,
    quality: (_row, cell) => (cell ? `${STATUS_ORDER[cell[CELL.status]]}${cell[CELL.quality] ?? ''}` : null),
    type: (_row, cell) => cell?.[CELL.type] ?? null,
  };

  /** What there is not stands last; numbers stand before texts. */
  function compare(a, b) {
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a < b ? -1 : 1;
  }

  function hasStatus(cell, wanted) {
    if (wanted === 'waiting') return !cell;
    if (!cell) return wanted === 'notLive';
    const isLive = cell[CELL.status] === 'live';
    if (wanted === 'notLive') return !isLive;
    if (wanted === 'notGood') return !isLive || !isGood(cell[CELL.quality]);
    return cell[CELL.status] === wanted;
  }

  const isGood = (quality) => quality === null || quality === 'good';
  Iec61850.sidebarTags.isGood = isGood;

  /** `[first, end]` of row numbers, those that lie close taken together. */
  function rangesOf(wanted) {
    const ranges = [];
    for (const row of [...wanted].sort((a, b) => a - b)) {
      const last = ranges.at(-1);
      if (last && row < last[1] + GAP) last[1] = Math.max(last[1], row + 1);
      else ranges.push([row, row + 1]);
    }
    return ranges;
  }
})();
