import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Where Linux distributions put the browser that the tests drive. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser of this machine, or undefined: then what needs one is not tested. */
export const BROWSER: string | undefined = PLACES.find((place) => existsSync(place));

/** How a page is looked at. */
export interface Looks {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A page in a browser without a window, network and profile. */
export interface BrowserPage {
  /** The value of an expression in the page; promises are awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Presses a key on what has the focus: `Enter`, `ArrowLeft`, `+`. */
  press(key: string): Promise<void>;
  /** Mouse at a place of the page: moves there, and with `click` presses. */
  mouse(x: number, y: number, type: "move" | "down" | "up"): Promise<void>;
  /** PNG of what is in view, or of the whole page. */
  picture(options?: { readonly whole?: boolean }): Promise<Uint8Array>;
  /** The page as it prints. */
  print(): Promise<Uint8Array>;
  /** Milliseconds of work that the page has cost since it was opened: scripts, layout and all, without waiting. */
  work(): Promise<number>;
  /** Errors of script and policy since the page was opened. */
  readonly errors: readonly string[];
  /** Everything the page asked for but itself. */
  readonly requests: readonly string[];
}

/** Opens a file and lends the page to `action`. */
export async function inBrowser(
  file: string,
  action: (page: BrowserPage) => Promise<void>,
  looks: Looks = {},
): Promise<void> {
  const home = fileURLToPath(new URL("../../../results/.test/", import.meta.url));
  await mkdir(home, { recursive: true });
  const profile = await mkdtemp(`${home}browser-`);
  const child = new Deno.Command(BROWSER!, {
    args: [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
      ...["--disable-background-networking", "--disable-component-update", "--no-first-run"],
      "--host-resolver-rules=MAP * ~NOTFOUND",
      ...["--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const port = await portOf(profile);
    const [target] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const session = await connect(target.webSocketDebuggerUrl);
    try {
      await action(await openPage(session, file, looks));
    } finally {
      // It ends its helpers with itself; killed, it would leave them writing into the profile.
      await session.send("Browser.close").catch(() => {});
      session.close();
    }
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    await child.status;
    await removeFolder(profile);
  }
}

/** The last of the browser's processes may still put something there. */
async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const gone = await rm(folder, { recursive: true, force: true }).then(() => true, () => false);
    if (gone) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function portOf(profile: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const text = await readFile(`${profile}/DevToolsActivePort`, "utf8").catch(() => "");
    if (text !== "") return text.split("\n")[0]!;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The browser did not start within ten seconds");
}

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
};

interface Session {
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>;
  onEvent(listener: (method: string, params: Record<string, unknown>) => void): void;
  close(): void;
}

/** The browser's debugging protocol over its socket on this machine. */
async function connect(url: string): Promise<Session> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  // A browser that is gone answers nothing more.
  socket.onclose = () => waiting.forEach(({ reject }) => reject(new Error("The browser is gone")));
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("Cannot reach the browser"));
  });
  const listeners: ((method: string, params: Record<string, unknown>) => void)[] = [];
  let sent = 0;
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(data) as Message;
    if (method !== undefined) listeners.forEach((listener) => listener(method, params ?? {}));
    const answer = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result ?? {});
  };
  return {
    send(method, params = {}) {
      const answer = Promise.withResolvers<Record<string, unknown>>();
      waiting.set(++sent, answer);
      socket.send(JSON.stringify({ id: sent, method, params }));
      return answer.promise;
    },
    onEvent: (listener) => void listeners.push(listener),
    close: () => socket.close(),
  };
}

async function openPage(session: Session, file: string, looks: Looks): Promise<BrowserPage> {
  const errors: string[] = [];
  const requests: string[] = [];
  const loaded = Promise.withResolvers<void>();
  const url = new URL(`file://${file}`).href;
  session.onEvent((method, params) => {
    if (method === "Page.loadEventFired") loaded.resolve();
    if (method === "Runtime.exceptionThrown") errors.push(JSON.stringify(params.exceptionDetails));
    if (method === "Log.entryAdded") errors.push(JSON.stringify(params.entry));
    if (method === "Runtime.consoleAPICalled") errors.push(JSON.stringify(params.args));
    if (method === "Network.requestWillBeSent") {
      const asked = (params.request as { url: string }).url;
      // The page itself, and the empty icon it brings along.
      if (asked !== url && !asked.startsWith("data:")) requests.push(asked);
    }
  });
  const { width = 1280, height = 900, dark = false } = looks;
  for (const domain of ["Page", "Runtime", "Log", "Network"]) {
    await session.send(`${domain}.enable`);
  }
  await session.send("Emulation.setDeviceMetricsOverride", {
    ...{ width, height, deviceScaleFactor: 1, mobile: width < 600 },
  });
  await session.send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
  });
  await session.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
  await session.send("Performance.enable");
  await session.send("Page.navigate", { url });
  await loaded.promise;
  return { errors, requests, ...actionsOf(session) };
}

function actionsOf(session: Session): Omit<BrowserPage, "errors" | "requests"> {
  let pressed = false;
  const bytes = (data: unknown) => Uint8Array.fromBase64(String(data));
  return {
    async evaluate(expression) {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
        ...{ expression, awaitPromise: true, returnByValue: true },
      }) as { result: { value?: unknown }; exceptionDetails?: unknown };
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    async press(key) {
      const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
      await session.send("Input.dispatchKeyEvent", { type: "keyDown", key, ...(text && { text }) });
      await session.send("Input.dispatchKeyEvent", { type: "keyUp", key });
    },
    async mouse(x, y, type) {
      pressed = type === "move" ? pressed : type === "down";
      const names = { move: "mouseMoved", down: "mousePressed", up: "mouseReleased" };
      const button = type === "move" ? {} : { button: "left", clickCount: 1 };
      await session.send("Input.dispatchMouseEvent", {
        ...{ type: names[type], x, y, buttons: pressed ? 1 : 0 },
        ...button,
      });
    },
    async picture({ whole = false } = {}) {
      const { data } = await session.send("Page.captureScreenshot", {
        captureBeyondViewport: whole,
        ...(whole ? { clip: await wholePage(session) } : {}),
      });
      return bytes(data);
    },
    async work() {
      const { metrics } = await session.send("Performance.getMetrics") as {
        metrics: readonly { readonly name: string; readonly value: number }[];
      };
      return 1_000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
    },
    async print() {
      const { data } = await session.send("Page.printToPDF", {
        ...{ preferCSSPageSize: true, printBackground: true },
      });
      return bytes(data);
    },
  };
}

async function wholePage(session: Session) {
  const { cssContentSize } = await session.send("Page.getLayoutMetrics") as {
    cssContentSize: { width: number; height: number };
  };
  return { x: 0, y: 0, ...cssContentSize, scale: 1 };
}
