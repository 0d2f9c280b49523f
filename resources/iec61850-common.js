/**
 * What the editor parts of our nodes share: texts, elements, and calls of our admin routes. Loaded by a script tag in
 * the html of each node; the order in which the scripts arrive does not matter.
 */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});
  if (Iec61850.api) return;

  const CATALOG = '@substation/node-red-iec61850/iec61850-ied:shared.';

  /** A text of the shared catalogue in the editor's language. */
  Iec61850.t = (key, values) => RED._(CATALOG + key, values);

  /**
   * Makes an element. `text` becomes its textContent, `on` its listeners, what starts with `aria` or `data` an
   * attribute, and the rest properties. Nothing is ever parsed as HTML.
   */
  Iec61850.el = function (name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (value === undefined || value === null) continue;
      if (key === 'text') element.textContent = value;
      else if (key === 'on') {
        for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
      } else if (/^(aria|data)-|^(role|for|colspan|scope|list)$/.test(key)) element.setAttribute(key, value);
      else element[key] = value;
    }
    element.append(...children.filter((child) => child !== undefined && child !== null));
    return element;
  };

  /** An icon of the editor's own font, hidden from screen readers. */
  Iec61850.icon = (name) => Iec61850.el('i', { className: `fa fa-${name}`, 'aria-hidden': 'true' });

  /** A button with icon and text, or with an icon and a label for screen readers. */
  Iec61850.button = function ({ icon, text, label, className = '', onClick, disabled }) {
    const button = Iec61850.el('button', {
      type: 'button',
      className: `red-ui-button ${className}`,
      title: label,
      'aria-label': label,
      disabled: disabled === true,
      on: { click: onClick },
    });
    if (icon) button.append(Iec61850.icon(icon));
    if (text) button.append(icon ? ` ${text}` : text);
    return button;
  };

  /**
   * Calls an admin route. Rejects with `{ code, message, hint }`; an aborted call rejects with the code `ABORTED`.
   * @param {{ signal?: AbortSignal }} [options]
   */
  Iec61850.api = (method, path, body, { signal } = {}) =>
    request(signal, {
      method,
      url: `iec61850/${path}`,
      dataType: 'json',
      ...(body !== undefined && { contentType: 'application/json', data: JSON.stringify(body) }),
    });

  /** Sends a file as it is; `onProgress` gets a number from 0 to 1. */
  Iec61850.upload = (path, file, onProgress, { signal } = {}) =>
    request(signal, {
      method: 'POST',
      url: `iec61850/${path}`,
      dataType: 'json',
      contentType: 'application/octet-stream',
      processData: false,
      data: file,
      xhr() {
        const xhr = new window.XMLHttpRequest();
        xhr.upload.addEventListener('progress', (event) => {
          if (event.lengthComputable) onProgress?.(event.loaded / event.total);
        });
        return xhr;
      },
    });

  /** A file that an admin route gives, as a Blob. */
  Iec61850.fetchFile = (path, { signal } = {}) =>
    request(signal, { url: `iec61850/${path}`, dataType: 'binary', xhrFields: { responseType: 'blob' } });

  // jQuery's ajax carries the editor's access token; fetch would not.
  function request(signal, options) {
    return new Promise((resolve, reject) => {
      const call = $.ajax(options);
      signal?.addEventListener('abort', () => call.abort(), { once: true });
      call.then(resolve, (xhr, status) => reject(asError(xhr, status)));
    });
  }

  function asError(xhr, status) {
    if (status === 'abort') return { code: 'ABORTED', message: '', hint: '' };
    const answer = xhr.responseJSON;
    if (answer && typeof answer.message === 'string') return { hint: '', ...answer };
    if (xhr.status === 401 || xhr.status === 403) {
      return { code: 'FORBIDDEN', message: Iec61850.t('error.forbidden'), hint: '' };
    }
    const message = xhr.status ? Iec61850.t('error.http', { status: xhr.status }) : Iec61850.t('error.offline');
    return { code: 'HTTP', message, hint: '' };
  }

  /** A line that tells what went wrong and what to do. */
  Iec61850.errorBox = (error) =>
    Iec61850.el(
      'div',
      { className: 'iec61850-error', role: 'alert' },
      Iec61850.icon('exclamation-triangle'),
      Iec61850.el(
        'span',
        {},
        Iec61850.el('span', { className: 'iec61850-error-message', text: error.message }),
        error.hint ? Iec61850.el('span', { className: 'iec61850-error-hint', text: error.hint }) : null,
      ),
    );

  /** A line that tells that everything was removed, with a way back. */
  Iec61850.removedNotice = (count, onUndo) =>
    Iec61850.el(
      'div',
      { className: 'iec61850-muted' },
      Iec61850.el('span', { text: `${Iec61850.t('removed', { count })} ` }),
      Iec61850.button({ icon: 'undo', text: Iec61850.t('undo'), className: 'red-ui-button-small', onClick: onUndo }),
    );

  /** Calls `action` when `wait` ms have passed without another call. */
  Iec61850.debounce = function (action, wait) {
    let timer;
    return (...values) => {
      clearTimeout(timer);
      timer = setTimeout(() => action(...values), wait);
    };
  };

  /** Opens a file chooser; `onFile` gets the file that a person picks. */
  Iec61850.chooseFile = function (accept, onFile) {
    const input = Iec61850.el('input', { type: 'file', accept });
    input.addEventListener('change', () => input.files.length > 0 && onFile(input.files[0]));
    input.click();
  };

  /** Lets the browser save a text, or a Blob, as a file. */
  Iec61850.saveFile = function (name, text, type = 'text/csv') {
    const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    Iec61850.el('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
})();
