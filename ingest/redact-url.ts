/**
 * Removes user name and password from a URL, so that it can be printed; a path comes back as it is.
 * @param location - A path or a URL such as `rtsp://user:secret@10.0.0.7/stream2`.
 */
export function redactUrl(location: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(location)?.[0];
  if (scheme === undefined) return location;
  const rest = location.slice(scheme.length);
  const end = rest.search(/[/?#]/);
  // A password may itself hold unescaped slashes or question marks: the last @ before the query is the safe place to cut.
  const authority = rest.slice(0, Math.max(rest.lastIndexOf('@') + 1, 0));
  const hasCredentials = authority !== '' && (end < 0 || rest.indexOf('@') < end || /^[^/?#]*:/.test(rest));
  const host = hasCredentials ? `***@${rest.slice(authority.length)}` : rest;
  return scheme + host.replace(/([?&](?:password|passwd|pwd|pass|token|key|secret|auth|user)=)[^&#]*/gi, '$1***');
}
