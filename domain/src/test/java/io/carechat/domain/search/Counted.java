package io.carechat.domain.search;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A port whose calls are recorded.
 *
 * @param port forwards every call to the original
 * @param all the calls in their order
 */
record Counted<P>(P port, Queue<Call> all) {
  /** A call of a method with all its arguments, none of them null. */
  record Call(String method, List<Object> arguments) {}

  static <P> Counted<P> of(Class<P> type, P other) {
    Queue<Call> all = new ConcurrentLinkedQueue<>();
    Object port =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              all.add(
                  new Call(method.getName(), arguments == null ? List.of() : List.of(arguments)));
              try {
                return method.invoke(other, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return new Counted<>(type.cast(port), all);
  }

  List<Call> calls(String method) {
    return all.stream().filter(call -> call.method().equals(method)).toList();
  }
}
