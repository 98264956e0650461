package io.carechat.rest.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2Exception;
import io.helidon.http.http2.Http2HuffmanDecoder;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * HTTP/2 as Helidon serves it, with two differences.
 *
 * <p>The exchange of a stream that its caller has reset is ended. Helidon would go on with it, and
 * a stream of events would keep its place until the connection ends.
 *
 * <p>A header that would keep Helidon busy for ever is refused. If a header is to be kept in the
 * table of a connection (RFC 7541, section 2.3.2) and is larger than the whole table, Helidon 4.5.0
 * tries for ever to make room for it. One such request from anybody would keep a processor busy
 * until the service ends. So this reads header blocks before Helidon does, and ends a connection
 * with such a header. RFC 7541 (section 4.4) would allow it, and would empty the table.
 */
public final class StrictHttp2 implements ServerConnectionSelector {
  private final ServerConnectionSelector helidon;
  private final ConnectionMonitor connections;

  /**
   * @param config how Helidon serves HTTP/2
   * @param connections is told of streams that were reset
   */
  public StrictHttp2(Http2Config config, ConnectionMonitor connections) {
    this.connections = connections;
    this.helidon = Http2ConnectionSelector.builder().http2Config(config).build();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return helidon.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return helidon.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return helidon.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return helidon.connection(
        new OtherContext(
            context,
            new FrameReader(context.dataReader(), stream -> connections.reset(context, stream)),
            context.dataWriter()));
  }

  /** Reads the same bytes as another reader, checks the frames with headers, and notes resets. */
  private static final class FrameReader extends DataReader {
    private static final int HEADER_LENGTH = 9;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_LENGTH = 5;

    /** Helidon refuses longer header blocks. */
    private static final int LONGEST_BLOCK = 65_536;

    private final HeaderTable table = new HeaderTable();
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private final IntConsumer onReset;
    private boolean afterPreface;
    // The frame whose payload comes next.
    private int length;
    private int type;
    private int flags;
    private int padding;

    @SuppressWarnings("removal") // There is no other way to extend the class.
    FrameReader(DataReader reader, IntConsumer onReset) {
      super(() -> {
        reader.ensureAvailable();
        return reader.readBytes(reader.available());
      });
      this.onReset = onReset;
    }

    /** Reads the preface, the header of a frame, or its payload. */
    @Override
    public BufferData readBuffer(int count) {
      BufferData data = super.readBuffer(count);
      if (!afterPreface) {
        afterPreface = true;
      } else if (length == 0) {
        begin(bytes(data));
      } else {
        length = 0;
        if (type == HEADERS || type == CONTINUATION) {
          add(bytes(data));
        }
      }
      return data;
    }

    private static byte[] bytes(BufferData data) {
      byte[] bytes = new byte[data.available()];
      int _ = data.read(bytes);
      data.rewind();
      return bytes;
    }

    private void begin(byte[] header) {
      if (header.length != HEADER_LENGTH) {
        throw new IllegalStateException("not the header of a frame");
      }
      length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
      type = header[3];
      flags = header[4];
      if (type == RST_STREAM) {
        onReset.accept(
            (header[5] & 0x7f) << 24
                | (header[6] & 0xff) << 16
                | (header[7] & 0xff) << 8
                | (header[8] & 0xff));
      }
      if (length == 0 && type == CONTINUATION && (flags & END_HEADERS) != 0) {
        end();
      }
    }

    private void add(byte[] payload) {
      int from = 0;
      if (type == HEADERS) {
        block.reset();
        padding = 0;
        if ((flags & PADDED) != 0) {
          padding = payload[from++] & 0xff;
        }
        if ((flags & PRIORITY) != 0) {
          from += PRIORITY_LENGTH;
        }
      }
      if (from > payload.length || block.size() + payload.length > LONGEST_BLOCK) {
        throw HeaderTable.refused("a header block is malformed or too long");
      }
      block.write(payload, from, payload.length - from);
      if ((flags & END_HEADERS) != 0) {
        end();
      }
    }

    private void end() {
      byte[] whole = block.toByteArray();
      block.reset();
      if (whole.length < padding) {
        throw HeaderTable.refused("the padding is longer than the headers");
      }
      table.read(BufferData.create(whole, 0, whole.length - padding));
    }
  }

  /** The sizes of the headers that a connection keeps (RFC 7541, section 4.1). */
  private static final class HeaderTable {
    private static final int STATIC_HEADERS = 61;
    private static final int LONGEST_STATIC_NAME = 27;
    private static final int OVERHEAD = 32;

    /** The size that every connection begins with. Helidon refuses to make it larger. */
    private static final int LARGEST = 4_096;

    private final Http2HuffmanDecoder huffman = Http2HuffmanDecoder.create();
    // The newest first.
    private final List<Kept> kept = new ArrayList<>();
    private int limit = LARGEST;
    private int used;

    private record Kept(int nameLength, int size) {}

    static Http2Exception refused(String message) {
      return new Http2Exception(Http2ErrorCode.COMPRESSION, message);
    }

    /** Reads a header block (RFC 7541, section 6) and keeps what is to be kept. */
    void read(BufferData block) {
      try {
        while (block.available() > 0) {
          int first = block.read();
          if ((first & 0x80) != 0) {
            int _ = block.readHpackInt(first, 7);
          } else if ((first & 0xc0) == 0x40) {
            keep(block, block.readHpackInt(first, 6));
          } else if ((first & 0xe0) == 0x20) {
            resize(block.readHpackInt(first, 5));
          } else {
            if (block.readHpackInt(first, 4) == 0) {
              skip(block);
            }
            skip(block);
          }
        }
      } catch (IllegalArgumentException malformed) {
        throw refused("a number in the headers is malformed");
      }
    }

    private void keep(BufferData block, int index) {
      int nameLength = index == 0 ? decodedLength(block) : nameLength(index);
      int size = nameLength + decodedLength(block) + OVERHEAD;
      if (size > limit) {
        throw refused("a header is too large to be kept");
      }
      evict(limit - size);
      kept.addFirst(new Kept(nameLength, size));
      used += size;
    }

    private void resize(int size) {
      limit = Math.min(size, LARGEST);
      evict(limit);
    }

    private void evict(int left) {
      while (used > left) {
        used -= kept.removeLast().size();
      }
    }

    private int nameLength(int index) {
      int at = index - STATIC_HEADERS - 1;
      // Helidon refuses an index that does not exist.
      return at >= 0 && at < kept.size() ? kept.get(at).nameLength() : LONGEST_STATIC_NAME;
    }

    private static int length(BufferData block, int first) {
      int length = block.readHpackInt(first, 7);
      if (length > block.available()) {
        throw refused("a text in the headers is longer than the headers");
      }
      return length;
    }

    private static int next(BufferData block) {
      if (block.available() == 0) {
        throw refused("the headers end too early");
      }
      return block.read();
    }

    private static void skip(BufferData block) {
      block.skip(length(block, next(block)));
    }

    private int decodedLength(BufferData block) {
      int first = next(block);
      int length = length(block, first);
      if ((first & 0x80) != 0) {
        return huffman.decodeString(block, length).length();
      }
      block.skip(length);
      return length;
    }
  }
}
