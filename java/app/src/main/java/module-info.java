/** The command line: data readers, experiments, reports. */
module borep.app {
    requires borep.core;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires static java.xml; // for the tests, which parse every page

    opens borep.cli to
            info.picocli;
}
