// Time-based one-time codes, RFC 6238: SHA-1, six digits, thirty seconds, as authenticator programs have them.
import { createHmac } from 'node:crypto';

export const STEP_S = 30;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** @param {string} text RFC 4648 base32; case, spaces and padding do not matter */
export function fromBase32(text) {
  const bits = [...text.toUpperCase().replace(/[\s=-]/g, '')].map((letter) => {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error(`'${letter}' is no letter of base32`);
    return value.toString(2).padStart(5, '0');
  }).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** The code of one step. @param {Buffer} secret @param {number} step */
export function codeOf(secret, step, digits = 6) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** Last step that was used of each secret: a good server takes no code twice. @type {Map<string, number>} */
const used = new Map();

/** A code that the server has not seen yet: of this step, of the next one, or of a later one after a wait. */
export async function freshCode(base32) {
  const now = () => Math.floor(Date.now() / 1000 / STEP_S);
  const step = Math.max(now(), (used.get(base32) ?? 0) + 1);
  while (step > now() + 1) await new Promise((resolve) => setTimeout(resolve, 500));
  used.set(base32, step);
  return codeOf(fromBase32(base32), step);
}
