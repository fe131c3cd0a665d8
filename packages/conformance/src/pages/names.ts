// What is missing of the surface of Python's modules, or otherwise, and why.

const notBuilt = (what: string): string => `not built yet: ${what}`
const forEach = (reason: string, paths: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    paths
      .trim()
      .split(/\s+/)
      .map((path) => [path, reason])
  )

/** By module: the entry of `@skein/asyncio` that mirrors it, and the reasons. `Class.member` names a member. */
export const modules: Readonly<
  Record<
    string,
    {
      readonly entry: string
      readonly missing: Readonly<Record<string, string>>
      readonly differs: Readonly<Record<string, string>>
    }
  >
> = {
  asyncio: {
    entry: "index",
    missing: {
      ...forEach(
        notBuilt("transports and protocols"),
        `BaseProtocol BaseTransport BufferedProtocol DatagramProtocol DatagramTransport Protocol ReadTransport Transport
        WriteTransport SubprocessProtocol SubprocessTransport`
      ),
      ...forEach(
        notBuilt("sockets and servers"),
        `AbstractServer Server EventLoop.add_reader EventLoop.add_writer EventLoop.remove_reader EventLoop.remove_writer
        EventLoop.connect_accepted_socket EventLoop.create_connection EventLoop.create_datagram_endpoint
        EventLoop.create_server EventLoop.create_unix_connection EventLoop.create_unix_server EventLoop.getaddrinfo
        EventLoop.getnameinfo EventLoop.sendfile EventLoop.sock_accept EventLoop.sock_connect EventLoop.sock_recv
        EventLoop.sock_recv_into EventLoop.sock_recvfrom EventLoop.sock_recvfrom_into EventLoop.sock_sendall
        EventLoop.sock_sendfile EventLoop.sock_sendto EventLoop.start_tls`
      ),
      ...forEach(notBuilt("streams"), "StreamReader StreamReaderProtocol StreamWriter open_connection start_server"),
      ...forEach(
        notBuilt("processes"),
        `create_subprocess_exec create_subprocess_shell EventLoop.subprocess_exec EventLoop.subprocess_shell
        EventLoop.connect_read_pipe EventLoop.connect_write_pipe`
      ),
      ...forEach(notBuilt("signal handlers"), "EventLoop.add_signal_handler EventLoop.remove_signal_handler"),
      ...forEach(notBuilt("executors"), "to_thread EventLoop.run_in_executor EventLoop.set_default_executor"),
      ...forEach(
        notBuilt("the call graph"),
        `FrameCallGraphEntry FutureCallGraph capture_call_graph format_call_graph print_call_graph
        future_add_to_awaited_by future_discard_from_awaited_by`
      ),
      ...forEach(notBuilt("hooks for tasks of one's own"), "_enter_task _leave_task _register_task _unregister_task"),
      ...forEach(
        notBuilt("event loop policies, which CPython 3.14 deprecates"),
        "get_event_loop_policy set_event_loop_policy"
      ),
      ...forEach(
        notBuilt("base classes for loops of one's own; `EventLoop` is the loop"),
        "AbstractEventLoop BaseEventLoop SelectorEventLoop"
      ),
      ...forEach(
        "a thread cannot block: write `await runner.close()` in a `finally`, or `await using`",
        "Runner.__enter__ Runner.__exit__"
      )
    },
    differs: {
      EventLoop: "options of ours: debug mode, the services of its tasks, and the source of time",
      "EventLoop.shutdown_default_executor": notBuilt("executors"),
      IncompleteReadError: "`None` may be left out"
    }
  },
  contextlib: {
    entry: "contextlib",
    missing: forEach(
      "changes what the whole process has, which Node has otherwise: `process.chdir`, streams of one's own",
      "chdir redirect_stderr redirect_stdout"
    ),
    differs: {}
  },
  contextvars: {
    entry: "contextvars",
    missing: {},
    differs: { "Context.get": "named as a variable and a fallback: `default` is a keyword of JavaScript" }
  },
  "concurrent.futures": {
    entry: "concurrent_futures",
    missing: {
      ...forEach(notBuilt("executors"), "Executor ThreadPoolExecutor ProcessPoolExecutor"),
      ...forEach(
        "blocks a thread until the futures are done: use asyncio's, on `wrap_future(future)`",
        "ALL_COMPLETED FIRST_COMPLETED FIRST_EXCEPTION as_completed wait"
      )
    },
    differs: {}
  }
}
