import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { operations } from './generated/webhooks.js';

type Receive = operations['receiveMessage'];

/** What a delivery holds, as webhooks.yaml describes it. */
export type DeliveredMessage = Receive['requestBody']['content']['application/json'];

/** The headers by which a delivery is recognised and verified. */
export type DeliveryHeaders = Receive['parameters']['header'];

export interface Delivery {
  webhookId: DeliveryHeaders['webhook-id'];
  message: DeliveredMessage;
  raw: Buffer;
  headers: Record<string, string>;
}

/** The receiver of a partner: checks who calls, keeps each delivery once, answers 204. */
export class Receiver {
  /** Genuine deliveries, each once, in the order in which they came. */
  readonly deliveries: Delivery[] = [];

  private readonly webhook: Webhook;
  private readonly known = new Set<string>();
  private server: Server | undefined;

  constructor(
    secret: string,
    private readonly apiKey: string,
    private readonly apiSecret: string,
  ) {
    this.webhook = new Webhook(secret);
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
    if (headers['x-webhook-api-key'] !== this.apiKey || headers['x-webhook-api-secret'] !== this.apiSecret) {
      response.writeHead(401).end();
      return;
    }
    let message: DeliveredMessage;
    try {
      message = this.webhook.verify(raw, headers) as DeliveredMessage;
    } catch (fault) {
      if (!(fault instanceof WebhookVerificationError)) {
        throw fault;
      }
      response.writeHead(401).end();
      return;
    }
    const webhookId = headers['webhook-id'] ?? '';
    if (!this.known.has(webhookId)) {
      this.known.add(webhookId);
      this.deliveries.push({ webhookId, message, raw, headers });
    }
    response.writeHead(204).end();
  }
}
