package io.carechat.contracttests.layering;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The layering rules, for any tree of packages with the same layout as ours. A rule fails if the
 * packages that it is about are missing. Otherwise, a module would escape its rule when it is
 * renamed.
 */
final class LayeringRules {
  /** The tree of the service. */
  static final String SERVICE = "io.carechat";

  /** The tree that breaks every rule. */
  static final String FIXTURES = "io.carechat.contracttests.layering.fixtures";

  /** The package of each module, below the base package. */
  static final List<String> MODULES =
      List.of(
          "api",
          "client",
          "domain",
          "persistence",
          "search",
          "webhook",
          "rest",
          "bootstrap",
          "local");

  private static final List<String> ADAPTERS = List.of("persistence", "search", "webhook", "rest");

  /** Packages of the JDK that only compute, and that touch nothing outside the process. */
  private static final List<String> PURE_JAVA =
      List.of(
          "java.lang",
          "java.lang.annotation",
          "java.math",
          "java.text",
          "java.time..",
          "java.util",
          "java.util.concurrent..",
          "java.util.function",
          "java.util.random",
          "java.util.regex",
          "java.util.stream",
          "org.jspecify.annotations");

  /** More packages of the JDK that every adapter may use. */
  private static final List<String> ADAPTERS_JAVA =
      List.of("java.io", "java.net", "java.nio..", "java.security..", "java.util.zip");

  private static final List<String> JACKSON =
      List.of(
          "com.fasterxml.jackson.annotation",
          "com.fasterxml.jackson.core..",
          "com.fasterxml.jackson.databind..");

  private final String base;
  private final List<Rule> rules = new ArrayList<>();

  /**
   * A rule.
   *
   * @param badFixtures the classes below {@link #FIXTURES} that the rule must report
   */
  record Rule(String name, ArchRule rule, List<String> badFixtures) {
    @Override
    public String toString() {
      return name;
    }
  }

  private LayeringRules(String base) {
    this.base = base;
  }

  /** The rules, for the tree below a package. */
  static List<Rule> of(String base) {
    var rules = new LayeringRules(base);
    rules.everyClassIsInAModule();
    rules.modulesUseWhatTheyMay();
    rules.adaptersAreApart();
    rules.generatedTypesStayAtHome();
    rules.timeAndChanceComeFromBootstrap();
    rules.noCycles();
    return rules.rules;
  }

  private void everyClassIsInAModule() {
    add(
        "every class is in a module that has a rule",
        classes()
            .that()
            .resideInAPackage(base + "..")
            .should()
            .resideInAnyPackage(packages(MODULES)),
        "stray.OfNoModule");
  }

  private void modulesUseWhatTheyMay() {
    mayUse(
        "domain",
        List.of(),
        PURE_JAVA,
        Set.of("java.net.URI", "java.net.URISyntaxException"),
        "domain.ReadsFiles");
    mayUse(
        "api",
        List.of(),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            JACKSON,
            List.of(
                "com.networknt.schema..",
                "io.helidon.common..",
                "io.helidon.http..",
                "io.helidon.webserver..")),
        Set.of(),
        "api.KnowsTheDomain");
    mayUse(
        "client",
        List.of(),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            JACKSON,
            List.of(
                "com.fasterxml.jackson.datatype.jsr310..",
                "jakarta.annotation",
                "javax.crypto..",
                "java.net.http",
                "java.lang.reflect")),
        Set.of(),
        "client.KnowsTheServer");
    mayUse(
        "rest",
        List.of("domain", "api"),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            JACKSON,
            List.of(
                "com.github.benmanes.caffeine.cache",
                "io.github.bucket4j..",
                "io.helidon.builder.api",
                "io.helidon.common..",
                "io.helidon.http..",
                "io.helidon.webserver..",
                // Helidon tells nothing of its listeners, so ListeningSockets stands before them.
                "java.lang.reflect")),
        Set.of(),
        "rest.AsksTheDatabase");
    mayUse(
        "persistence",
        List.of("domain"),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            List.of(
                "com.zaxxer.hikari..",
                "java.sql",
                "javax.crypto..",
                "javax.sql",
                "org.flywaydb.core..",
                "org.flywaydb.database.postgresql",
                "org.jooq..",
                "org.postgresql..")),
        Set.of(),
        "persistence.AnswersRequests");
    mayUse(
        "search",
        List.of("domain"),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            JACKSON,
            List.of(
                "co.elastic.clients..",
                "com.github.benmanes.caffeine.cache",
                "jakarta.json..",
                "javax.net.ssl",
                "org.apache.hc..")),
        Set.of(),
        "search.AsksTheDatabase");
    mayUse(
        "webhook",
        List.of("domain"),
        joined(
            PURE_JAVA,
            ADAPTERS_JAVA,
            JACKSON,
            List.of("javax.crypto..", "javax.net..", "org.apache.hc..")),
        Set.of(),
        "webhook.AnswersRequests");
    add(
        "what is released knows nothing of local runs",
        noClasses()
            .that()
            .resideInAnyPackage(packages(without(MODULES, "local")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(base + ".local.."),
        "bootstrap.StartsADatabase");
  }

  private void adaptersAreApart() {
    for (String adapter : ADAPTERS) {
      add(
          "only bootstrap and itself use the adapter " + adapter,
          noClasses()
              .that()
              .resideInAnyPackage(packages(without(MODULES, adapter, "bootstrap")))
              .should()
              .dependOnClassesThat()
              .resideInAPackage(base + "." + adapter + ".."),
          "domain.KnowsThe" + capitalized(adapter));
    }
    add(
        "nothing uses bootstrap but local runs",
        noClasses()
            .that()
            .resideInAnyPackage(packages(without(MODULES, "bootstrap", "local")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(base + ".bootstrap.."),
        "rest.ReadsTheSettings");
  }

  private void generatedTypesStayAtHome() {
    add(
        "the generated types of the API stay in the adapter of HTTP",
        noClasses()
            .that()
            .resideInAnyPackage(packages(without(MODULES, "api", "rest", "local")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(base + ".api.."),
        "bootstrap.SpeaksTheApi");
    add(
        "jOOQ and what it generates stay in the adapter of PostgreSQL",
        noClasses()
            .that()
            .resideInAnyPackage(packages(without(MODULES, "persistence")))
            .should()
            .dependOnClassesThat(
                resideInAPackage("org.jooq..")
                    .or(
                        // The package itself has the facade. The generated classes are below it.
                        resideInAPackage(base + ".persistence.(**)"))),
        "bootstrap.WritesSql");
  }

  private void timeAndChanceComeFromBootstrap() {
    add(
        "time, chance and ids come in through constructors",
        noClasses()
            .that()
            .resideInAnyPackage(packages(without(MODULES, "bootstrap", "local", "client")))
            .should()
            .callCodeUnitWhere(
                DescribedPredicate.describe(
                    "the clock or a source of chance is taken from the JVM",
                    call -> isTimeOrChance(call.getTarget()) && !namesRequests(call))),
        "domain.LooksAtTheClock",
        "search.ThrowsDice");
  }

  /**
   * Whether a call makes the id of a request. These ids are only names in logs, so the HTTP adapter
   * may make them with the JVM's own random numbers.
   */
  private boolean namesRequests(JavaCall<?> call) {
    return call.getOriginOwner().getName().equals(base + ".rest.ChatApi")
        && call.getTargetOwner().getName().equals("java.util.concurrent.ThreadLocalRandom");
  }

  private static boolean isTimeOrChance(AccessTarget.CodeUnitCallTarget target) {
    String owner = target.getOwner().getName();
    boolean ofTime = owner.startsWith("java.time.");
    return switch (target.getName()) {
      case "now" -> ofTime && target.getParameterTypes().isEmpty();
      case "system", "systemUTC", "systemDefaultZone" -> ofTime;
      case "currentTimeMillis" -> owner.equals("java.lang.System");
      case "randomUUID" -> owner.equals("java.util.UUID");
      case "random" -> owner.equals("java.lang.Math");
      case "current" -> owner.equals("java.util.concurrent.ThreadLocalRandom");
      case "<init>" ->
          owner.equals("java.util.Random")
              || owner.equals("java.security.SecureRandom")
              || (owner.equals("java.util.Date") && target.getParameterTypes().isEmpty());
      default -> false;
    };
  }

  private void noCycles() {
    add(
        "there are no cycles of modules",
        slices().matching(base + ".(*)..").should().beFreeOfCycles(),
        "cycle.Hen",
        "cyclic.Egg");
    for (String module : List.of("domain", "rest", "persistence")) {
      add(
          "there are no cycles of packages in " + module,
          slices()
              .matching(base + "." + module + ".(**)")
              .should()
              .beFreeOfCycles()
              // jOOQ's own classes of a schema and of its tables refer to each other.
              .ignoreDependency(
                  resideInAPackage(base + ".persistence.generated.."),
                  DescribedPredicate.alwaysTrue()),
          module + ".left.Left",
          module + ".right.Right");
    }
  }

  /**
   * A module may use itself, these other modules, these packages and these classes, and nothing
   * else.
   */
  private void mayUse(
      String module,
      List<String> modules,
      List<String> packages,
      Set<String> classes,
      String badFixture) {
    var all = new ArrayList<>(packages);
    all.add(base + "." + module + "..");
    modules.forEach(other -> all.add(base + "." + other + ".."));
    DescribedPredicate<JavaClass> allowed =
        resideInAnyPackage(all.toArray(String[]::new))
            .or(
                DescribedPredicate.describe(
                    "are among " + classes, c -> classes.contains(c.getName())));
    add(
        module + " uses only what it may",
        classes()
            .that()
            .resideInAPackage(base + "." + module + "..")
            .should()
            .onlyDependOnClassesThat(
                DescribedPredicate.describe(
                    allowed.getDescription(),
                    // An array is in the package of its element type. A primitive type is in none.
                    used -> {
                      JavaClass element = used.getBaseComponentType();
                      return element.isPrimitive() || allowed.test(element);
                    })),
        badFixture);
  }

  private void add(String name, ArchRule rule, String... badFixtures) {
    rules.add(
        new Rule(
            name,
            rule.as(name),
            Arrays.stream(badFixtures).map(fixture -> FIXTURES + "." + fixture).toList()));
  }

  private String[] packages(List<String> modules) {
    return modules.stream().map(module -> base + "." + module + "..").toArray(String[]::new);
  }

  private static List<String> without(List<String> modules, String... these) {
    return modules.stream().filter(module -> !List.of(these).contains(module)).toList();
  }

  @SafeVarargs
  private static List<String> joined(List<String>... lists) {
    var all = new ArrayList<String>();
    for (List<String> list : lists) {
      all.addAll(list);
    }
    return all;
  }

  private static String capitalized(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
