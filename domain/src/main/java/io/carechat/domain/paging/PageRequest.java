package io.carechat.domain.paging;

import org.jspecify.annotations.Nullable;

/**
 * The page of a list that a caller asks for.
 *
 * @param <K> the key that orders the list
 * @param token the token of the page; null for the newest page
 * @param requestedSize the page size that the caller asks for; null for the size in the token, or
 *     {@link PageSize#DEFAULT} without a token
 */
public record PageRequest<K extends Comparable<? super K>>(
    @Nullable PageToken<K> token, @Nullable PageSize requestedSize) {

  /** Returns the part of the list that the page is taken from. */
  public Window<K> window() {
    return token == null ? new Window.Newest<>() : token.window();
  }

  /** Returns the maximum number of items on the page. */
  public PageSize size() {
    if (requestedSize != null) {
      return requestedSize;
    }
    return token == null ? PageSize.DEFAULT : token.pageSize();
  }
}
