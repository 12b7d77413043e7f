// The parts of Node that the SDK uses, so that it needs nobody else's description of them. Not part of the package:
// nothing it exports mentions them.

declare module "node:buffer" {
  export class Buffer extends Uint8Array {
    static from(data: string, encoding: "utf8" | "base64"): Buffer;
    static from(data: Uint8Array): Buffer;
    static concat(parts: readonly Uint8Array[]): Buffer;
    override toString(encoding?: "utf8" | "base64" | "latin1"): string;
  }
}

declare module "node:crypto" {
  export function randomUUID(): string;
}

declare module "node:util" {
  export const inspect: { readonly custom: unique symbol; (value: unknown, options?: { depth: number }): string };
}

declare module "node:tls" {
  export interface SecureContext {
    readonly context: unknown;
  }
  export function createSecureContext(options: {
    ca: string | Uint8Array;
    cert: string | Uint8Array;
    key: string | Uint8Array;
    minVersion: "TLSv1.3";
  }): SecureContext;
}

declare module "node:http" {
  export interface IncomingMessage extends AsyncIterable<Uint8Array> {
    readonly statusCode?: number;
    readonly headers: { readonly [name: string]: string | undefined };
  }
  export interface ClientSocket {
    once(event: "secureConnect", listener: () => void): this;
  }
  export interface ClientRequest {
    readonly reusedSocket: boolean;
    on(event: "error", listener: (error: Error & { code?: string }) => void): this;
    once(event: "response", listener: (response: IncomingMessage) => void): this;
    once(event: "socket", listener: (socket: ClientSocket) => void): this;
    end(body?: Uint8Array): this;
    destroy(error?: Error): this;
  }
}

declare module "node:https" {
  import type { ClientRequest } from "node:http";
  import type { SecureContext } from "node:tls";
  export class Agent {
    constructor(options: {
      keepAlive: boolean;
      maxFreeSockets: number;
      timeout: number;
      scheduling: "lifo";
      secureContext: SecureContext;
      minVersion: "TLSv1.3";
      rejectUnauthorized: true;
      ALPNProtocols: string[];
    });
    destroy(): void;
  }
  export function request(options: {
    agent: Agent;
    hostname: string;
    port: number;
    method: string;
    path: string;
    headers: { [name: string]: string | number };
  }): ClientRequest;
}

declare class URL {
  constructor(url: string);
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly username: string;
  readonly password: string;
}

declare class URLSearchParams {
  append(name: string, value: string): void;
  toString(): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: boolean });
  decode(data: Uint8Array): string;
}

declare const performance: { now(): number };
declare function setTimeout(act: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;
