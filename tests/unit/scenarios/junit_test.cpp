// JUnit's XML: what is counted, and what must be escaped.
#include "scenarios/junit.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Junit, CountsAndEscapes) {
  JunitSuite suite("a < b");
  suite.property("build", "\"x\" & y");
  suite.passed("one");
  suite.skipped("two", "not promised");
  suite.failed("three", "1 of 2\nlost", "told\x1b[0m\ttwice");
  suite.error("four", "unknown", "", "");
  EXPECT_EQ(
      junit_document({suite, JunitSuite("empty")}),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"weir\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">\n"
      "  <testsuite name=\"a &lt; b\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">\n"
      "    <properties>\n"
      "      <property name=\"build\" value=\"&quot;x&quot; &amp; y\"/>\n"
      "    </properties>\n"
      "    <testcase classname=\"weir.a &lt; b\" name=\"one\"/>\n"
      "    <testcase classname=\"weir.a &lt; b\" name=\"two\">\n"
      "      <skipped message=\"not promised\"/>\n"
      "    </testcase>\n"
      "    <testcase classname=\"weir.a &lt; b\" name=\"three\">\n"
      "      <failure type=\"violated\" message=\"1 of 2&#10;lost\">told?[0m&#9;twice</failure>\n"
      "    </testcase>\n"
      "    <testcase classname=\"weir.a &lt; b\" name=\"four\">\n"
      "      <error type=\"unknown\" message=\"\"></error>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "  <testsuite name=\"empty\" tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
      "    <properties>\n"
      "    </properties>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

}  // namespace
}  // namespace weir
