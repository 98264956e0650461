package io.carechat.domain.paging;

import org.jspecify.annotations.Nullable;

/**
 * Which page of a list a caller asks for.
 *
 * @param <K> the key of the list's order
 * @param token null for the newest page
 * @param askedSize null for the token's size, or {@link PageSize#DEFAULT} without a token
 */
public record PageRequest<K extends Comparable<? super K>>(
    @Nullable PageToken<K> token, @Nullable PageSize askedSize) {

  /** The newest page, of the default size. */
  public static <K extends Comparable<? super K>> PageRequest<K> newest() {
    return new PageRequest<>(null, null);
  }

  /** The part of the list that the page is taken from. */
  public Window<K> window() {
    return token == null ? new Window.Newest<>() : token.window();
  }

  /** How many items the page may have. */
  public PageSize size() {
    if (askedSize != null) {
      return askedSize;
    }
    return token == null ? PageSize.DEFAULT : token.pageSize();
  }
}
