// The parts of Node that the tests use on top.

declare module "node:test" {
  export interface Test {
    after(act: () => void | Promise<void>): void;
  }
  export function test(name: string, act: (t: Test) => void | Promise<void>): Promise<void>;
  export function after(act: () => void | Promise<void>): void;
}

declare module "node:assert/strict" {
  const assert: {
    ok(value: unknown, message?: string): asserts value;
    equal<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
    notEqual(actual: unknown, expected: unknown): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(actual: string, expected: RegExp): void;
    throws(act: () => unknown, expected: Function): void;
    rejects(promise: Promise<unknown>, expected: Function | object): Promise<void>;
  };
  export default assert;
}

declare module "node:fs" {
  export function readFileSync(path: string): Uint8Array;
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function readdirSync(path: string): string[];
  export function mkdtempSync(prefix: string): string;
  export function writeFileSync(path: string, text: string): void;
  export function rmSync(path: string, options: { recursive: true }): void;
}

declare module "node:os" {
  export function tmpdir(): string;
}

declare module "node:child_process" {
  export function execFileSync(file: string, args: string[], options: { stdio: "ignore" }): void;
  export function execFileSync(file: string, args: string[], options: { input: string; encoding: "utf8" }): string;
}

declare module "node:process" {
  export const env: { readonly [name: string]: string | undefined };
  const process: { exitCode: number };
  export default process;
}

declare module "node:net" {
  export interface Socket {
    on(event: "data", listener: (part: Uint8Array) => void): this;
    on(event: "error" | "close", listener: () => void): this;
    write(part: string | Uint8Array): boolean;
    end(part?: string | Uint8Array): this;
    destroy(): this;
  }
  export interface Server {
    listen(port: number, host: string, listener: () => void): this;
    address(): { port: number };
    close(): this;
  }
  export function createServer(listener: (socket: Socket) => void): Server;
  export function connect(port: number, host: string): Socket;
}

declare module "node:tls" {
  import type { Server, Socket } from "node:net";
  export function createServer(
    options: { cert: Uint8Array; key: Uint8Array; maxVersion: "TLSv1.2" | "TLSv1.3" },
    listener: (socket: Socket) => void,
  ): Server;
}

declare const console: { log: (...parts: unknown[]) => void; error: (...parts: unknown[]) => void };
