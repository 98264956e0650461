package io.carechat.contracttests.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection to a port on this machine that can be cut, as a network can. While it is cut, what
 * is sent is neither delivered nor refused. When it works again, what was on its way arrives late,
 * as it would when TCP sends it again.
 */
final class TcpLink implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition mended = lock.newCondition();
  private boolean cut;

  /** A connection that is not cut. */
  TcpLink(int target) {
    this.target = target;
    try {
      listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        sockets.add(near);
        var _ = Thread.ofVirtual().start(() -> connect(near));
      }
    } catch (IOException closed) {
      // The listener was closed.
    }
  }

  private void connect(Socket near) {
    try {
      pass();
      var far = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      var _ = Thread.ofVirtual().start(() -> pump(near, far));
      pump(far, near);
    } catch (IOException away) {
      close(near);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      int read = from.getInputStream().read(buffer);
      while (read >= 0) {
        pass();
        to.getOutputStream().write(buffer, 0, read);
        read = from.getInputStream().read(buffer);
      }
    } catch (IOException ended) {
      // The other end is closed below.
    }
    pass();
    close(from);
    close(to);
  }

  private void pass() {
    lock.lock();
    try {
      while (cut) {
        mended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on, nothing gets through. */
  void cut() {
    lock.lock();
    try {
      cut = true;
    } finally {
      lock.unlock();
    }
  }

  /** From now on, everything gets through again. */
  void mend() {
    lock.lock();
    try {
      cut = false;
      mended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    mend();
    sockets.forEach(this::close);
  }
}
