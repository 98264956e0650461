package io.carechat.contracttests.layering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The service follows its layering rules. */
final class LayeringTest {
  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(
              location -> !location.contains("/contracttests/") && !location.contains("-tests.jar"))
          .importPackages(LayeringRules.SERVICE);

  private static final JavaClasses FIXTURES =
      new ClassFileImporter().importPackages(LayeringRules.FIXTURES);

  /** Matches a violation in a good fixture. A violation begins with its location, in brackets. */
  private static final Pattern BLAMES_A_GOOD_ONE =
      Pattern.compile("^[^<]*<[^>]*KeepsTheRules", Pattern.MULTILINE);

  static List<LayeringRules.Rule> ofTheService() {
    return LayeringRules.of(LayeringRules.SERVICE);
  }

  static List<LayeringRules.Rule> ofTheFixtures() {
    return LayeringRules.of(LayeringRules.FIXTURES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ofTheService")
  void isKept(LayeringRules.Rule rule) {
    rule.rule().check(SERVICE);
  }

  /** A rule finds its bad fixtures. It does not find their neighbours, which follow the rule. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("ofTheFixtures")
  void bites(LayeringRules.Rule rule) {
    String report =
        String.join("\n", rule.rule().evaluate(FIXTURES).getFailureReport().getDetails());

    assertThat(rule.badFixtures()).isNotEmpty();
    assertThat(report).contains(rule.badFixtures()).doesNotContainPattern(BLAMES_A_GOOD_ONE);
  }

  /** A rule that finds no classes fails. Otherwise a renamed package could make it empty. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("ofTheService")
  void isNotEmpty(LayeringRules.Rule rule) {
    JavaClasses nothing = SERVICE.that(none());

    assertThatThrownBy(() -> rule.rule().check(nothing))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("failed to check any classes");
  }

  private static DescribedPredicate<JavaClass> none() {
    return DescribedPredicate.alwaysFalse();
  }

  @Test
  void everyModuleIsThereToBeLookedAt() {
    int base = LayeringRules.SERVICE.length() + 1;
    Set<String> modules =
        SERVICE.stream()
            .map(JavaClass::getPackageName)
            .map(name -> name.substring(base).split("\\.", 2)[0])
            .collect(Collectors.toSet());

    assertThat(modules).containsExactlyInAnyOrderElementsOf(LayeringRules.MODULES);
  }
}
