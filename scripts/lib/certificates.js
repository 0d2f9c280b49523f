'use strict';
/*
 * X.509 certificates and revocation lists for demos and tests (RFC 5280), by Node.js alone. Nothing of it is shipped or
 * a default of anything: a plant has a CA of its own.
 */
const crypto = require('node:crypto');

const DAY = 24 * 3_600_000;
const OIDS = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  alternativeName: '2.5.29.17',
  subjectKey: '2.5.29.14',
  authorityKey: '2.5.29.35',
  crlNumber: '2.5.29.20',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
};

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  let length = Buffer.from([body.length]);
  if (body.length > 127) {
    const digits = body.length.toString(16);
    const octets = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
    length = Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
  }
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const octets = (...parts) => der(0x04, ...parts);
const bits = (content, unused = 0) => der(0x03, Buffer.from([unused]), content);
const TRUE = der(0x01, Buffer.from([0xff]));

function integer(number) {
  const digits = number.toString(16);
  const content = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
  return der(0x02, content[0] & 0x80 ? Buffer.concat([Buffer.from([0]), content]) : content);
}

function oid(text) {
  const [first, second, ...rest] = text.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].map((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return Buffer.from(groups);
  });
  return der(0x06, ...arcs);
}

/** UTCTime up to 2049, GeneralizedTime after that (RFC 5280 §4.1.2.5). */
function time(date) {
  const text = `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function name(commonName) {
  const part = (type, text) => der(0x31, sequence(oid(type), der(0x0c, Buffer.from(text))));
  return sequence(part(OIDS.organization, 'IEC 61850 sample'), part(OIDS.commonName, commonName));
}

const extension = (type, critical, content) => sequence(oid(type), ...(critical ? [TRUE] : []), octets(content));

function address(text) {
  const four = text.split('.').map(Number);
  return der(0x87, text.includes(':') ? Buffer.from('00000000000000000000000000000001', 'hex') : Buffer.from(four));
}

/** Key pairs: `rsa` with its bits, or `ec` with a curve. */
function makeKey(kind = 'ec', size = kind === 'rsa' ? 2048 : 'prime256v1') {
  return kind === 'rsa'
    ? crypto.generateKeyPairSync('rsa', { modulusLength: size })
    : crypto.generateKeyPairSync('ec', { namedCurve: size });
}

const publicDer = (key) => key.publicKey.export({ type: 'spki', format: 'der' });
const keyId = (key) => crypto.createHash('sha1').update(publicDer(key)).digest();

function sign(body, key) {
  const rsa = key.privateKey.asymmetricKeyType === 'rsa';
  const algorithm = rsa ? sequence(oid(OIDS.rsaWithSha256), der(0x05)) : sequence(oid(OIDS.ecdsaWithSha256));
  const whole = body(algorithm);
  return sequence(whole, algorithm, bits(crypto.sign('sha256', whole, key.privateKey)));
}

const pem = (label, content) =>
  `-----BEGIN ${label}-----\n${content
    .toString('base64')
    .match(/.{1,64}/g)
    .join('\n')}\n-----END ${label}-----\n`;

let serials = 1000;

/** A certificate with its key; self-signed without `issuer`. */
function makeCertificate(options) {
  const { subject, issuer, ca = false, usages, names = [] } = options;
  const key = options.key ?? makeKey();
  const serial = options.serial ?? serials++;
  const from = options.notBefore ?? new Date(Date.now() - DAY);
  const to = options.notAfter ?? new Date(Date.now() + 365 * DAY);
  const signer = issuer ?? { subject, key };
  const extensions = [
    extension(OIDS.basicConstraints, true, ca ? sequence(TRUE) : sequence()),
    // keyCertSign and cRLSign for a CA; digitalSignature and keyEncipherment for the others.
    extension(OIDS.keyUsage, true, ca ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5)),
    ...(usages ? [extension(OIDS.extendedKeyUsage, false, sequence(...usages.map((usage) => oid(OIDS[usage]))))] : []),
    ...(names.length > 0
      ? [
          extension(
            OIDS.alternativeName,
            false,
            sequence(...names.map((one) => (/^[\d.:]+$/.test(one) ? address(one) : der(0x82, Buffer.from(one))))),
          ),
        ]
      : []),
    extension(OIDS.subjectKey, false, octets(keyId(key))),
    extension(OIDS.authorityKey, false, sequence(der(0x80, keyId(signer.key)))),
  ];
  const content = sign(
    (algorithm) =>
      sequence(
        der(0xa0, integer(2)),
        integer(serial),
        algorithm,
        name(signer.subject),
        sequence(time(from), time(to)),
        name(subject),
        publicDer(key),
        der(0xa3, sequence(...extensions)),
      ),
    signer.key,
  );
  return {
    subject,
    key,
    serial,
    der: content,
    cert: pem('CERTIFICATE', content),
    keyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    fingerprint: crypto.createHash('sha256').update(content).digest('hex'),
  };
}

/** A revocation list of a CA. */
function makeRevocationList({ issuer, revoked = [], thisUpdate, nextUpdate }) {
  const since = thisUpdate ?? new Date(Date.now() - DAY);
  const until = nextUpdate ?? new Date(Date.now() + 30 * DAY);
  const entries = revoked.map(({ serial }) => sequence(integer(serial), time(since)));
  const content = sign(
    (algorithm) =>
      sequence(
        integer(1),
        algorithm,
        name(issuer.subject),
        time(since),
        time(until),
        ...(entries.length > 0 ? [sequence(...entries)] : []),
        der(
          0xa0,
          sequence(
            extension(OIDS.authorityKey, false, sequence(der(0x80, keyId(issuer.key)))),
            extension(OIDS.crlNumber, false, integer(serials++)),
          ),
        ),
      ),
    issuer.key,
  );
  return pem('X509 CRL', content);
}

module.exports = { makeCertificate, makeKey, makeRevocationList };
