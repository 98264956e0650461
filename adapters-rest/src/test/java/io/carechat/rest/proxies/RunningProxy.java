package io.carechat.rest.proxies;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A proxy of Debian's packages, with a configuration of {@code docs/proxies.md}. */
final class RunningProxy implements AutoCloseable {
  private static final Path PAGE = Path.of("../docs/proxies.md");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Process process;
  private final int port;

  private RunningProxy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Returns the block of the page that is marked with a language. */
  static String documented(String language) throws IOException {
    Matcher block =
        Pattern.compile("(?m)^```" + language + "\n((?:.*\n)*?)```$")
            .matcher(Files.readString(PAGE));
    if (!block.find()) {
      throw new IllegalStateException(PAGE + " has no block of " + language);
    }
    return block.group(1);
  }

  /**
   * Starts nginx.
   *
   * @param http the inside of the block {@code http}, which listens on the port 80
   */
  static RunningProxy nginx(Path folder, String http, int service) throws IOException {
    int port = freePort();
    String configuration =
        """
        daemon off;
        master_process off;
        pid %1$s/nginx.pid;
        error_log stderr;
        events {}
        http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
        %2$s}
        """
            .formatted(
                folder,
                placed(http, service).replace("listen 80;", "listen 127.0.0.1:" + port + ";"));
    Path file = Files.writeString(folder.resolve("nginx.conf"), configuration);
    return start(
        port,
        folder,
        program("nginx"),
        "-p",
        folder.toString(),
        "-c",
        file.toString(),
        "-e",
        "stderr");
  }

  /** Starts HAProxy with a configuration that binds to the port 80. */
  static RunningProxy haproxy(Path folder, String configuration, int service) throws IOException {
    int port = freePort();
    Path file =
        Files.writeString(
            folder.resolve("haproxy.cfg"),
            placed(configuration, service).replace("bind :80\n", "bind 127.0.0.1:" + port + "\n"));
    return start(port, folder, program("haproxy"), "-db", "-f", file.toString());
  }

  private static String placed(String configuration, int service) {
    return configuration.replace("127.0.0.1:8080", "127.0.0.1:" + service);
  }

  private static String program(String name) {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1)),
            Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                name + " is missing. Install it, for example with: apt-get install nginx haproxy"))
        .toString();
  }

  private static RunningProxy start(int port, Path folder, String... command) throws IOException {
    Path log = folder.resolve("proxy.log");
    Process process =
        new ProcessBuilder(List.of(command))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!listens(port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IllegalStateException("the proxy does not run: " + Files.readString(log));
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return new RunningProxy(process, port);
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Returns the port that it listens on. */
  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
