/**
 * Tags that reach a node, for forms that want to offer them:
 *
 *   const tags = Iec61850.connectedTags(node);   // [{ ied, tag, reference, fc, type, … }]
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const INPUT_PORT = 1;
  const nameOf = ({ ied, tag }) => `${ied}/${tag}`;

  /** Nodes whose tags stand in their form; those of other reports are known only once they run. */
  const hasTags = ({ type, mode }) => type === 'iec61850-read' || (type === 'iec61850-report' && mode === 'tags');

  /** Tags of the read and report nodes whose messages reach a node, over other nodes and link nodes too. */
  Iec61850.connectedTags = function (node) {
    const seen = new Set([node]);
    const queue = [node];
    const tags = new Map();
    while (queue.length > 0) {
      const current = queue.shift();
      if (hasTags(current)) collect(current);
      for (const source of sourcesOf(current)) {
        if (!source || seen.has(source)) continue;
        seen.add(source);
        queue.push(source);
      }
    }
    return [...tags.values()];

    function collect(reader) {
      const config = RED.nodes.node(reader.ied);
      const ied = config?.name || config?.sclIed || config?.host;
      if (!ied || !Array.isArray(reader.tags)) return;
      for (const tag of reader.tags) if (tag.tag) tags.set(nameOf({ ied, tag: tag.tag }), { ...tag, ied });
    }

    function sourcesOf(current) {
      const wired = RED.nodes.getNodeLinks(current, INPUT_PORT).map((link) => link.source);
      if (current.type !== 'link in') return wired;
      const linked = RED.nodes
        .filterNodes({ type: 'link out' })
        .filter((out) => (out.links || []).includes(current.id));
      return [...wired, ...linked];
    }
  };
})();
