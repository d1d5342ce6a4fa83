import { randomBytes } from 'node:crypto';

/** What may stand in a header and in a log without being taken for something else. */
const shape = /^[\w.:@/+=-]{1,128}$/;

/** Makes ids of requests: the client's own from `x-request-id`, where it is fit, else one that no other process makes. */
export function requestIds(): (request: { readonly headers: Readonly<Record<string, unknown>> }) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    return typeof given === 'string' && shape.test(given) ? given : `${prefix}-${(++count).toString(36)}`;
  };
}
