import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { operations, paths } from './generated/webhooks.js';

/** What is delivered to each operation of webhooks.yaml. */
export type Delivered<O extends keyof operations> = operations[O]['requestBody']['content']['application/json'];

/** The headers by which a delivery is recognised and verified. */
export type DeliveryHeaders = operations['receiveMessage']['parameters']['header'];

export type Path = keyof paths;

/** A genuine call as it came. */
export interface Call {
  path: Path;
  webhookId: DeliveryHeaders['webhook-id'];
  headers: Record<string, string>;
  raw: Buffer;
}

/** The receiver of a partner with an endpoint for each payload: checks who calls, keeps each delivery once, answers 204. */
export class Receiver {
  /** What came in each form, each once, in the order in which it came. */
  readonly messages: Delivered<'receiveMessage'>[] = [];
  readonly events: Delivered<'receiveEvent'>[] = [];
  readonly thinEvents: Delivered<'receiveThinEvent'>[] = [];
  /** Genuine calls, repetitions too. */
  readonly calls: Call[] = [];

  private readonly operations: Record<Path, (body: unknown) => void> = {
    '/': (body) => this.messages.push(body as Delivered<'receiveMessage'>),
    '/standard': (body) => this.events.push(body as Delivered<'receiveEvent'>),
    '/thin': (body) => this.thinEvents.push(body as Delivered<'receiveThinEvent'>),
  };
  private readonly webhooks = new Map<string, Webhook>();
  private readonly known = new Set<string>();
  private server: Server | undefined;

  constructor(
    private readonly apiKey: string,
    private readonly apiSecret: string,
  ) {}

  /** From now on calls of this path must be signed with this secret. */
  trust(path: Path, secret: string): void {
    this.webhooks.set(path, new Webhook(secret));
  }

  callsOf(path: Path): Call[] {
    return this.calls.filter((call) => call.path === path);
  }

  listen(port: number): Promise<void> {
    const server = createServer((request, response) => {
      this.receive(request, response).catch(() => response.writeHead(500).end());
    });
    this.server = server;
    return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server?.close(() => resolve());
      this.server?.closeAllConnections();
    });
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part as Buffer);
    }
    const raw = Buffer.concat(parts);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      headers[name] = String(value);
    }
    const path = request.url as Path;
    const webhook = this.webhooks.get(path);
    if (webhook === undefined || (path === '/' && !this.hasCredential(headers))) {
      response.writeHead(401).end();
      return;
    }
    let body: unknown;
    try {
      body = webhook.verify(raw, headers);
    } catch (fault) {
      if (!(fault instanceof WebhookVerificationError)) {
        throw fault;
      }
      response.writeHead(401).end();
      return;
    }
    const webhookId = headers['webhook-id'] ?? '';
    this.calls.push({ path, webhookId, headers, raw });
    if (!this.known.has(webhookId)) {
      this.known.add(webhookId);
      this.operations[path](body);
    }
    response.writeHead(204).end();
  }

  /** Those who send the source form have told a key and a secret of theirs; the other forms do without. */
  private hasCredential(headers: Record<string, string>): boolean {
    return headers['x-webhook-api-key'] === this.apiKey && headers['x-webhook-api-secret'] === this.apiSecret;
  }
}
