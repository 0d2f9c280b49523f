/** Where the dialog to choose points takes them from: what the browse route is asked, or why it cannot be. */
(function () {
  'use strict';
  const Iec61850 = (window.Iec61850 = window.Iec61850 || {});

  /** A live IED by its config node as it stands in the editor, deployed or not. */
  Iec61850.liveSource = function (config) {
    const { t } = Iec61850;
    if (!config) return { id: 'live', label: t('picker.live'), problem: t('picker.noIed') };
    if (!config.host) return { id: 'live', label: t('picker.live'), problem: t('picker.noAddress') };
    return { id: 'live', label: t('picker.live'), request: Iec61850.iedRequest(config) };
  };

  /** An SCL file, and which of its IEDs. */
  Iec61850.sclSource = function ({ sclFile, ied, accessPoint }) {
    const { t } = Iec61850;
    if (!sclFile || !ied) return { id: 'scl', label: t('picker.scl'), problem: t('picker.noFile') };
    return { id: 'scl', label: t('picker.scl'), request: { source: 'scl', sclFile, ied, accessPoint } };
  };

  /** What an `iec61850-server` node serves. */
  Iec61850.servedSource = function (server) {
    const { sclFile, sclIed: ied, sclAccessPoint: accessPoint } = server ?? {};
    return { ...Iec61850.sclSource({ sclFile, ied, accessPoint }), label: Iec61850.t('picker.served') };
  };

  /**
   * A button beside a field of a form that opens the dialog to choose points of a served model.
   * @param server gives the config node that the form says
   * @param onDone gets the points that were chosen, at least one
   */
  Iec61850.servedPointsButton = ({ server, onDone }) =>
    Iec61850.button({
      icon: 'search',
      text: Iec61850.t('tags.browse'),
      className: 'iec61850-browse',
      onClick: () =>
        Iec61850.pickPoints({
          sources: [Iec61850.servedSource(server())],
          onDone: (tags) => tags.length > 0 && onDone(tags),
        }),
    });

  /** What the browse route takes for an `iec61850-ied` node: its fields as they stand, and where its password is. */
  Iec61850.iedRequest = function (config) {
    const form = {};
    for (const name of Object.keys(config._def.defaults)) if (name !== 'version') form[name] = config[name];
    const { password, has_password: stored } = config.credentials || {};
    const typed = password && password !== '__PWRD__';
    return {
      source: 'live',
      node: config.id,
      z: config.z,
      form,
      password: typed ? { state: 'typed', value: password } : { state: stored ? 'stored' : 'none' },
    };
  };
})();
