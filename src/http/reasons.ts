// The reason phrases of the statuses that the server sends (RFC 9110, section 15).
// Apart from reply.ts because pages in a browser show them too.

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

/** `200 OK`. */
export const statusText = (status: number): string => `${status} ${REASONS[status] ?? ''}`.trimEnd();
