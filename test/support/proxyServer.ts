import { createServer, request as forward } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy on this machine, and what was asked of it. */
export interface ProxyServer {
  readonly url: string;
  /** `CONNECT host:port` of tunnels, `GET address` of plain http. */
  readonly requests: string[];
}

/**
 * Starts a proxy for one test: tunnels for https, forwarding for http. Source: RFC 9110, 7.7 and 9.3.6
 * @param authorization what `Proxy-Authorization` has to be; everyone may use it without
 */
export async function startProxy(authorization?: string): Promise<ProxyServer> {
  const requests: string[] = [];
  const isAllowed = (headers: NodeJS.Dict<string | string[]>) =>
    authorization === undefined || headers['proxy-authorization'] === authorization;
  const server = createServer((request, response) => {
    requests.push(`GET ${request.url}`);
    if (!isAllowed(request.headers)) return void response.writeHead(407).end();
    const { 'proxy-authorization': _, ...headers } = request.headers;
    forward(request.url ?? '', { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', (request, socket) => {
    requests.push(`CONNECT ${request.url}`);
    if (!isAllowed(request.headers)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const { hostname, port } = new URL(`http://${request.url}`);
    const tunnel = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    const end = () => [tunnel, socket].map((each) => each.destroy());
    tunnel.on('error', end);
    socket.on('error', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
