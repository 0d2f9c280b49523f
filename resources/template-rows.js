/**
 * Rows that the forms of several nodes have in common. A template marks their place with
 * `<div class="iec61850-rows" data-rows="service" data-field="log"></div>`, and its page pushes the node's type to
 * `Iec61850.rowForms`; whoever has rows pushes their name and what makes their HTML, from the node's type and the other
 * `data-` attributes of the mark, to `Iec61850.rowMakers`. Scripts arrive in any order: both are plain arrays until this one is
 * there. Node-RED sees the rows as if they stood in the page, so that it fills, checks and saves them.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  const { rowForms = [], rowMakers = [] } = Iec61850;
  if (!Array.isArray(rowForms)) return;
  const MARK = /<div class="iec61850-rows"((?: data-[a-z]+="[\w-]*")+)><\/div>/g;
  const ATTRIBUTE = /data-([a-z]+)="([\w-]*)"/g;
  const types = new Set(rowForms);
  const makers = new Map(rowMakers);

  function fill(type) {
    const template = document.querySelector(`script[data-template-name="${type}"]`);
    if (!template) return;
    template.textContent = template.textContent.replace(MARK, (mark, attributes) => {
      const { rows, ...data } = Object.fromEntries(
        [...attributes.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value]),
      );
      return makers.get(rows)?.(type, data) ?? mark;
    });
  }

  Iec61850.rowForms = {
    push(type) {
      types.add(type);
      fill(type);
    },
  };
  Iec61850.rowMakers = {
    push([name, make]) {
      makers.set(name, make);
      types.forEach(fill);
    },
  };
  types.forEach(fill);
})();
