package io.carechat.rest.http;

import io.helidon.http.Headers;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.ContentEncodingContextConfig;

/**
 * Gives every request's body to its operation as it was sent, in whatever content coding, and
 * encodes no answer.
 *
 * <p>Without this, Helidon refuses every request with a body and a {@code Content-Encoding} before
 * the router has found its operation. But a body that an operation does not have is to be ignored
 * (RFC 9110, section 9.3.1). An operation that has a body refuses an encoded one itself, with the
 * 415 that the contract describes. Safe for use by several threads.
 */
public final class UndecodedBodies implements ContentEncodingContext {
  private final ContentEncodingContext none =
      ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build();

  @Override
  public ContentEncodingContextConfig prototype() {
    return none.prototype();
  }

  @Override
  public boolean contentEncodingEnabled() {
    return none.contentEncodingEnabled();
  }

  @Override
  public boolean contentEncodingSupported(String encodingId) {
    return none.contentEncodingSupported(encodingId);
  }

  @Override
  public ContentEncoder encoder(String encodingId) {
    return none.encoder(encodingId);
  }

  @Override
  public ContentEncoder encoder(Headers headers) {
    return none.encoder(headers);
  }

  @Override
  public boolean contentDecodingEnabled() {
    return true;
  }

  @Override
  public boolean contentDecodingSupported(String encodingId) {
    return true;
  }

  @Override
  public ContentDecoder decoder(String encodingId) {
    return ContentDecoder.NO_OP;
  }
}
