/** An IED that supervises a GOOSE and a sampled-value subscription, and whose LPHD has Sim. */
export function supervisingIed(goCbRef = 'BAY1CTRL/LLN0.gcbPositions', svCbRef = 'MU01/LLN0.msvcb1'): string {
  const state = (name: string, type: string): string => `<DO name="${name}" type="${type}"/>`;
  const reference = (object: string, value: string): string =>
    `<DOI name="${object}"><DAI name="setSrcRef"><Val>${value}</Val></DAI></DOI>`;
  const stVal = (id: string, cdc: string, type: string): string => `<DOType id="${id}" cdc="${cdc}">
    <DA name="stVal" fc="ST" bType="${type}" dchg="true"/><DA name="q" fc="ST" bType="Quality" qchg="true"/>
    <DA name="t" fc="ST" bType="Timestamp"/></DOType>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
  <Header id="supervising"/>
  <IED name="SUPER"><AccessPoint name="AP1"><Server><Authentication/><LDevice inst="LD0">
    <LN0 lnClass="LLN0" inst="" lnType="LLN0"/>
    <LN lnClass="LPHD" inst="1" lnType="LPHD"/>
    <LN lnClass="LGOS" inst="1" lnType="LGOS">${reference('GoCBRef', goCbRef)}</LN>
    <LN lnClass="LGOS" inst="2" lnType="LGOS"/>
    <LN lnClass="LSVS" inst="1" lnType="LSVS">${reference('SvCBRef', svCbRef)}</LN>
  </LDevice></Server></AccessPoint></IED>
  <DataTypeTemplates>
    <LNodeType id="LLN0" lnClass="LLN0">${state('St', 'SPS')}</LNodeType>
    <LNodeType id="LPHD" lnClass="LPHD">${state('Sim', 'SPC')}</LNodeType>
    <LNodeType id="LGOS" lnClass="LGOS">${state('St', 'SPS')}${state('SimSt', 'SPS')}${state('NdsCom', 'SPS')}
      ${state('LastStNum', 'INS')}${state('ConfRevNum', 'INS')}${state('RxConfRevNum', 'INS')}${state('GoCBRef', 'ORG')}
    </LNodeType>
    <LNodeType id="LSVS" lnClass="LSVS">${state('St', 'SPS')}${state('SimSt', 'SPS')}${state('SmpSynch', 'INS')}
      ${state('SvCBRef', 'ORG')}</LNodeType>
    ${stVal('SPS', 'SPS', 'BOOLEAN')}${stVal('INS', 'INS', 'INT32')}${stVal('SPC', 'SPC', 'BOOLEAN')}
    <DOType id="ORG" cdc="ORG"><DA name="setSrcRef" fc="SP" bType="ObjRef"/></DOType>
  </DataTypeTemplates>
</SCL>`;
}
